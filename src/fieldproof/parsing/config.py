"""What may change the outcome of parsing, and its fingerprint."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Literal

import orjson

PARSER_VERSION = "1"
"""Raised whenever the same bytes and configuration may parse differently than before."""


@dataclass(frozen=True, slots=True)
class ParseConfig:
    """Everything that changes the output. Limits on time and memory belong to the sandbox.

    ``languages`` are ISO 639-1 codes the OCR may expect, most likely first. ``pages``, first and last, asks for a part of
    a PDF or a picture that ``parts.join`` makes whole again.
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

    def canonical(self) -> bytes:
        """The configuration as JSON with sorted keys: equal settings give equal bytes.

        Without ``pages``: parts joined are what the file gives at once.
        """
        settings = {name: value for name, value in asdict(self).items() if name != "pages"}
        return orjson.dumps(settings, option=orjson.OPT_SORT_KEYS)


def config_hash(config: ParseConfig) -> str:
    """64 hex digits that name this configuration together with the parser's version."""
    return hashlib.sha256(config.canonical() + b"\n" + PARSER_VERSION.encode()).hexdigest()
