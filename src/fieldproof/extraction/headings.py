"""What a document calls itself: "INVOICE", "Purchase order", "Lieferschein".

Of the numbers that it shows, the one that is called so is its own; the others are of what it refers to.
"""

from __future__ import annotations

from statistics import median

import numpy as np

from fieldproof.extraction.labels import NEAR, Labels
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.view import Segment, View

_KINDS = tuple(
    LEXICON.index[f"{kind}_number"]
    for kind in ("invoice", "order", "po", "contract", "delivery_note", "quote", "receipt", "policy")
)
_TOP = 0.5  # of the first page
_LARGE = 1.15  # times the size in the middle of all sizes
_LONGEST = 5  # words
_CALLED = 0.4  # how much of a heading names the kind: "OFFICIAL BILLING INVOICE"


def kind_of(view: View) -> int | None:
    """The concept of the number that a document of this kind has; None where no heading tells."""
    if not view.segments:
        return None
    lowest = _TOP * view.document.pages[0].height_pt
    large = _LARGE * median(s.size for s in view.segments)
    found = [
        (s.size, score, -n, concept)
        for n, s in enumerate(view.segments)
        if s.page == 0 and s.top < lowest and _may_be_heading(s, large)
        for concept, score in LEXICON.matches(s.text)
        if concept in _KINDS and score >= _CALLED
    ]
    return max(found)[-1] if found else None


def called(kind: int | None, labels: Labels, concepts: np.ndarray) -> np.ndarray:
    """candidate x (how well a label near it says what the document is, how well one says another kind); 0 if unknown.

    ``concepts``: label x concept.
    """
    out = np.zeros((len(labels.sides), 2), dtype=np.float32)
    if kind is None or not len(concepts):
        return out
    own = [k for k in _KINDS if k == kind or LEXICON.parents[k] == kind or LEXICON.parents[kind] == k]
    near = labels.sides[:, NEAR]
    for column, kinds in enumerate((own, [k for k in _KINDS if k not in own])):
        named = concepts[:, kinds].max(axis=1)
        out[:, column] = np.where(near >= 0, named[np.maximum(near, 0)], 0.0).max(axis=1)
    return out


def _may_be_heading(s: Segment, large: float) -> bool:
    words = s.text.split()
    is_set_off = s.size >= large or s.is_bold or s.text.isupper()
    return (
        is_set_off and len(words) <= _LONGEST and not any(map(str.isdigit, s.text)) and not s.text.endswith((":", "#"))
    )
