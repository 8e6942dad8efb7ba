"""What may change the outcome of parsing, and its fingerprint."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from typing import Literal

import orjson

_CODE = re.compile(r"[a-z]{2}")

PARSER_VERSION = "4"
"""Raised whenever the same bytes and configuration may parse differently than before."""


UNREADABLE = {
    *("ab", "ba", "be", "bg", "ce", "cv", "kk", "kv", "ky", "mk", "mn", "os", "ru", "tg", "tt", "uk"),  # Cyrillic
    *("ar", "dv", "fa", "ks", "ps", "sd", "ug", "ur", "he", "yi"),
    *("el", "hy", "ka", "am", "ti", "ko"),
    *("as", "bn", "gu", "hi", "kn", "ml", "mr", "ne", "or", "pa", "sa", "si", "ta", "te"),  # of India and Sri Lanka
    *("bo", "dz", "km", "lo", "my", "th"),
}
"""ISO 639-1 codes of languages whose letters the OCR's models do not know."""


@dataclass(frozen=True, slots=True)
class ParseConfig:
    """Everything that changes the output. Limits on time and memory belong to the sandbox.

    ``languages`` are ISO 639-1 codes of what pictures may be written in. One model reads all that it knows at once; where
    it knows none of them, pictures are not read at all. ``pages``, first and last, asks for a part of a PDF or a picture
    that ``parts.join`` makes whole again.
    """

    ocr: Literal["auto", "always", "never"] = "auto"
    languages: tuple[str, ...] = ("en",)
    max_pages: int = 2_000
    max_page_pixels: int = 60_000_000  # of one image as it is stored in the file
    ocr_dpi: int = 200
    max_words: int = 2_000_000
    max_cells: int = 1_000_000  # filled cells of all sheets together
    max_unpacked_bytes: int = 512_000_000  # of all members of an archive together
    max_attachments: int = 200
    default_encoding: str = "cp1252"  # of text that is neither Unicode nor recognised
    pages: tuple[int, int] | None = None

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Those of the languages that OCR cannot read."""
        return tuple(language for language in self.languages if language in UNREADABLE)

    @property
    def reads_pictures(self) -> bool:
        """Whether OCR may be asked: not where all it could see is letters that it does not know."""
        return self.ocr != "never" and not (self.languages and set(self.languages) <= UNREADABLE)

    @property
    def warning(self) -> str:
        """What there is to say of a document with pictures of writing; empty where all is well."""
        if self.ocr == "never" or not self.unreadable:
            return ""
        codes = ", ".join(self.unreadable)
        if self.reads_pictures:
            return f"OCR cannot read {codes}: words of it in pictures are wrong or missing."
        return f"OCR cannot read {codes}: pictures of pages were left unread."

    def canonical(self) -> bytes:
        """The configuration as JSON with sorted keys: equal settings give equal bytes.

        Without ``pages``: parts joined are what the file gives at once.
        """
        settings = {name: value for name, value in asdict(self).items() if name != "pages"}
        return orjson.dumps(settings, option=orjson.OPT_SORT_KEYS)


def config_hash(config: ParseConfig) -> str:
    """64 hex digits that name this configuration together with the parser's version."""
    return hashlib.sha256(config.canonical() + b"\n" + PARSER_VERSION.encode()).hexdigest()


def are_languages(codes: object) -> bool:
    """Whether this is a list of ISO 639-1 codes, as ``ParseConfig.languages`` wants them."""
    return isinstance(codes, list) and all(isinstance(code, str) and _CODE.fullmatch(code) for code in codes)
