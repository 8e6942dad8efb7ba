"""A name for a result: what kind of document, whose, which number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from fieldproof.core.result import FieldValue
from fieldproof.extraction.address_blocks import address_of
from fieldproof.extraction.plain import plain
from fieldproof.extraction.query import Query
from fieldproof.extraction.view import View

_BETWEEN = " · "
_WANTED = (("id",), ("company", "name", "person"), ("date",))
_ABOUT = 0.15  # of confidence
_LARGE = 1.2  # times the size in the middle of all sizes
_TOP = 0.4  # of the first page
_LONGEST = 50  # characters
_REFERENCE = re.compile(r"\{\{?\s*([\w-]+(?:\.[\w-]+)*)\s*\}?\}")


def title_of(
    prompt: str | None, queries: Sequence[Query], values: Mapping[tuple[str, ...], FieldValue], heading: str | None
) -> str | None:
    """The title prompt's references filled in; else the heading and the clearest key fields."""
    if prompt and _REFERENCE.search(prompt):
        by_path = {".".join(p): v.value for p, v in values.items()}
        by_name = {p[-1]: v.value for p, v in values.items()}
        return _REFERENCE.sub(lambda m: _text(by_path.get(m[1], by_name.get(m[1]))), prompt).strip() or None
    labels = {plain(name) for q in queries for name in (q.field.name, q.field.title or "")}
    parts = [heading] if heading and plain(heading) not in labels else []
    for shapes in _WANTED:
        found = [
            (v.confidence or 0.0, -i, _text(v.value))
            for i, q in enumerate(queries)
            if q.shape in shapes and (v := values.get(q.path)) and v.value is not None
        ]
        if found:  # of about equally sure ones the first that was asked
            sure = max(found)[0] - _ABOUT
            parts.append(max((f for f in found if f[0] >= sure), key=lambda f: f[1])[2])
    return _BETWEEN.join(dict.fromkeys(parts)) or None


def heading_of(view: View) -> str | None:
    """The largest short text near the top of the first page, where it stands out and is no line of an address."""
    if not view.segments:
        return None
    lowest = _TOP * view.document.pages[0].height_pt
    large = _LARGE * median(s.size for s in view.segments)
    is_bold_rare = sum(s.is_bold for s in view.segments) * 2 < len(view.segments)
    headings = [
        s for i, s in enumerate(view.segments)
        if s.page == 0 and s.top < lowest and (s.size >= large or (s.is_bold and is_bold_rare))
        and 2 < len(s.text) <= _LONGEST and any(map(str.isalpha, s.text)) and not address_of(view, i)
    ]  # fmt: skip
    return max(headings, key=lambda s: (round(s.size, 1), -s.top)).text if headings else None


def retitled(title: str | None, old: Any, new: Any) -> str | None:
    """The title with one of the values that it names changed."""
    if title is None or old is None:
        return title
    parts = [part if part != str(old) else str(new or "") for part in title.split(_BETWEEN)]
    return _BETWEEN.join(part for part in parts if part) or title


def _text(value: Any) -> str:
    return "" if value is None else str(value)
