"""A name for a result: what kind of document, whose, which number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fieldproof.core.result import FieldValue
from fieldproof.extraction.query import Query

_BETWEEN = " · "
_WANTED = (("id",), ("company", "name", "person"), ("date",))
_REFERENCE = re.compile(r"\{\{?\s*([\w-]+(?:\.[\w-]+)*)\s*\}?\}")


def title_of(
    prompt: str | None, queries: Sequence[Query], values: Mapping[tuple[str, ...], FieldValue], heading: str | None
) -> str | None:
    """The title prompt's references filled in; else the heading and the clearest key fields."""
    if prompt and _REFERENCE.search(prompt):
        by_path = {".".join(p): v.value for p, v in values.items()}
        by_name = {p[-1]: v.value for p, v in values.items()}
        return _REFERENCE.sub(lambda m: _text(by_path.get(m[1], by_name.get(m[1]))), prompt).strip() or None
    parts = [heading] if heading else []
    for shapes in _WANTED:
        found = [
            (v.confidence or 0.0, -i, _text(v.value))
            for i, q in enumerate(queries)
            if q.shape in shapes and (v := values.get(q.path)) and v.value is not None
        ]
        if found:
            parts.append(max(found)[2])
    return _BETWEEN.join(dict.fromkeys(parts)) or None


def retitled(title: str | None, old: Any, new: Any) -> str | None:
    """The title with one of the values that it names changed."""
    if title is None or old is None:
        return title
    parts = [part if part != str(old) else str(new or "") for part in title.split(_BETWEEN)]
    return _BETWEEN.join(part for part in parts if part) or title


def _text(value: Any) -> str:
    return "" if value is None else str(value)
