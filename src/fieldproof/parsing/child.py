"""What the sandbox's child runs: paths and plain values in, bytes out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fieldproof.core import codec
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.dispatch import page_count, parse, render
from fieldproof.parsing.parts import join

PRELOAD = (
    "fieldproof.parsing.child",
    "fieldproof.parsing.pdf",
    "fieldproof.parsing.image",
    "fieldproof.parsing.ocr:warm_up",
)
"""What a sandbox for parsing imports before it forks, OCR models included."""


def parse_to_bytes(path: str, config: ParseConfig, filename: str | None = None) -> bytes:
    """The parsed document as ``codec.dump`` writes it."""
    return codec.dump(parse(Path(path), config, filename))


def count_pages_to_bytes(path: str, config: ParseConfig, filename: str | None = None) -> bytes:
    """The number of pages in decimal digits; nothing where the file cannot be read in parts."""
    count = page_count(Path(path), config, filename)
    return b"" if count is None else str(count).encode()


def join_to_bytes(parts: Sequence[bytes]) -> bytes:
    """The document whose parts ``parse_to_bytes`` gave for the page ranges of one file, in any order."""
    return codec.dump(join([codec.load(part) for part in parts]))


def draw_to_bytes(parsed: bytes, page_number: int, width_px: int) -> bytes:
    """A WebP picture of a page that the parser laid out itself, from what ``parse_to_bytes`` gave."""
    from fieldproof.parsing import typeset  # draws with Pillow: not needed for parsing

    return typeset.draw(codec.load(parsed).page(page_number), width_px)


def render_to_bytes(
    path: str, page_number: int, width_px: int, config: ParseConfig, filename: str | None = None
) -> bytes:
    """A WebP picture of one page."""
    return render(Path(path), page_number, width_px, config, filename)
