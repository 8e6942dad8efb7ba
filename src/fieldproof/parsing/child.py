"""What the sandbox's child runs: paths and plain values in, bytes out."""

from __future__ import annotations

import gc
from pathlib import Path

from fieldproof.core import codec
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.dispatch import parse, render

PRELOAD = (
    "fieldproof.parsing.child",
    "fieldproof.parsing.pdf",
    "fieldproof.parsing.image",
    "fieldproof.parsing.ocr:warm_up",
)
"""What a sandbox for parsing imports before it forks, OCR models included."""


def parse_to_bytes(path: str, config: ParseConfig, filename: str | None = None) -> bytes:
    """The parsed document as ``codec.dump`` writes it."""
    gc.disable()  # the process ends with this call: nothing of it needs to be given back
    return codec.dump(parse(Path(path), config, filename))


def render_to_bytes(
    path: str, page_number: int, width_px: int, config: ParseConfig, filename: str | None = None
) -> bytes:
    """A WebP picture of one page."""
    return render(Path(path), page_number, width_px, config, filename)
