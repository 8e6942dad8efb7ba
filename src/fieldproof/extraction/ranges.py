"""Two dates that are one period: "12/30/19 - 03/29/20", "vom 1.3. bis 31.3.2024"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fieldproof.extraction.candidates import Candidate
from fieldproof.extraction.view import View

_TO = re.compile(
    r"(?:[-–—~/]|(?:\W*)(?:to|till?|until|through|thru|bis|au|al|hasta|fino al|tot|tot en met|t/m|até|a)(?:\W*))",
    re.IGNORECASE,
)
_NEAR = 4.0  # em: as far as two dates with nothing between may stand apart
_AT_A_LOOK = 4  # tokens between them at most


def date_ranges(view: View, candidates: Sequence[Candidate]) -> dict[int, int]:
    """First date -> last date of each period, as numbers of candidates. Both stand in one row, the earlier one first."""
    dates = sorted(
        ((c.pieces[0], n) for n, c in enumerate(candidates) if c.date and len(c.pieces) == 1),
        key=lambda d: (d[0], d[1]),
    )
    ranges: dict[int, int] = {}
    taken: set[int] = set()
    for place, ((_, last), n) in enumerate(dates):
        if n in taken:
            continue
        for (start, _), other in dates[place + 1 : place + 4]:
            if start >= last and start - last <= _AT_A_LOOK and _are_one(view, candidates[n], candidates[other]):
                ranges[n] = other
                taken.add(other)
                break
    return ranges


def _are_one(view: View, one: Candidate, other: Candidate) -> bool:
    assert one.date and other.date
    last, start = view.tokens[one.pieces[0][1] - 1], view.tokens[other.pieces[0][0]]
    shared = min(last.bottom, start.bottom) - max(last.top, start.top)
    in_row = last.page == start.page and shared > 0.45 * min(last.bottom - last.top, start.bottom - start.top)
    if not in_row or one.date > other.date or start.left < last.right - 1:
        return False
    between = view.joined(one.pieces[0][1], other.pieces[0][0]).strip()
    if between:
        return _TO.fullmatch(between) is not None
    return start.left - last.right <= _NEAR * view.em
