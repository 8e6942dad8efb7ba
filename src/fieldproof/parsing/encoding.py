"""Bytes to characters: Unicode where it is Unicode, otherwise the best guess, and said so."""

from __future__ import annotations

import codecs

from fieldproof.parsing.config import ParseConfig

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE_BYTES = 60_000
SHORT_BYTES = 64  # too few other than ASCII to recognise anything by


def decoded(content: bytes, config: ParseConfig, declared: str | None = None) -> tuple[str, str | None]:
    """The text, and a warning when the encoding was guessed."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content.decode(name, "replace"), None
    for name in (declared, "utf-8", _zeros(content)):
        if name and (text := _strictly(content, name)) is not None:
            return text, None
    guess = _guess(content) or config.default_encoding
    text = content.decode(guess, "replace")
    return text, f"The text's encoding is not declared; it was read as {guess}."


def _strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _zeros(content: bytes) -> str | None:
    """UTF-16 without a mark shows in its zeros: every other byte of Latin text."""
    sample = content[:2000]
    if len(sample) >= 4:
        if sample[1::2].count(0) > 0.6 * len(sample[1::2]):
            return "utf-16-le"
        if sample[0::2].count(0) > 0.6 * len(sample[0::2]):
            return "utf-16-be"
    return None


def _guess(content: bytes) -> str | None:
    foreign = sum(byte > 127 for byte in content[:SAMPLE_BYTES])
    if foreign < SHORT_BYTES:
        return None
    from charset_normalizer import from_bytes  # slow to import, seldom needed

    best = from_bytes(content[:SAMPLE_BYTES], enable_fallback=False).best()
    return best.encoding if best is not None else None
