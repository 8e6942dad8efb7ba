"""Is a proof still true? A quote, a page and a box against what a document really says there."""

from __future__ import annotations

from enum import StrEnum

from fieldproof.core.document import ParsedDocument
from fieldproof.core.geometry import Box
from fieldproof.extraction.grounding import locate_box
from fieldproof.extraction.plain import key

MARGIN = 0.002  # of the page: boxes are written with five decimals, and cut letters close


class Standing(StrEnum):
    """What became of a quote."""

    HOLDS = "holds"  # it stands in its box
    MOVED = "moved"  # it stands elsewhere on that page
    ABSENT = "absent"  # it does not stand on that page


def verify(document: ParsedDocument, page_number: int, box: Box, quote: str) -> Standing:
    """Compares letters and digits only, in reading order; white space and hyphens may differ."""
    page = next((page for page in document.pages if page.number == page_number), None)
    wanted = key(quote)
    if page is None or not wanted:
        return Standing.ABSENT
    around = Box(box.left - MARGIN, box.top - MARGIN, box.right + MARGIN, box.bottom + MARGIN)
    inside = locate_box(page, "", around)
    if inside is not None and wanted in key(inside.text):
        return Standing.HOLDS
    everything = "".join(page.words[i].text for line in page.lines for i in line.words)
    return Standing.MOVED if wanted in key(everything) else Standing.ABSENT
