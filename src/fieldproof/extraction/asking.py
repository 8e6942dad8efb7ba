"""What a group asks: its prompts with the values they refer to, and the pages that its search query picks."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fieldproof.core.schema import Field, Group
from fieldproof.extraction.plain import plain
from fieldproof.extraction.view import View

_REFERENCE = re.compile(r"\{\{?\s*([\w-]+(?:\.[\w-]+)+)\s*\}?\}")
_ENOUGH_PAGES = 3  # from here on a search query picks; below, every page is looked at
_NEAR_BEST = 0.5  # share of the best page's worth that a picked page has


def with_references(group: Group, data: Mapping[str, Any]) -> Group:
    """The group with ``{{group.field}}`` in its prompts replaced by what was found there."""
    return replace(
        group,
        description=_filled(group.description, data),
        search_query=_filled(group.search_query, data),
        fields=tuple(_field(f, data) for f in group.fields),
    )


def _field(f: Field, data: Mapping[str, Any]) -> Field:
    return replace(
        f,
        description=_filled(f.description, data),
        items=_field(f.items, data) if f.items else None,
        properties=tuple(_field(p, data) for p in f.properties),
    )


def _filled(text: str | None, data: Mapping[str, Any]) -> str | None:
    return _REFERENCE.sub(lambda m: _value_at(data, m[1]), text) if text else text


def _value_at(data: Mapping[str, Any], path: str) -> str:
    value: Any = data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        return ", ".join(str(v) for v in value if not isinstance(v, (dict, list)))
    return "" if value is None or isinstance(value, Mapping) else str(value)


def pages_of(view: View, search_query: str | None) -> frozenset[int] | None:
    """Indexes of the pages whose words answer the query best; None where it can't or need not pick."""
    pages = view.page_segments
    wanted = set(plain(search_query or "").split())
    if not wanted or len(pages) < _ENOUGH_PAGES:
        return None
    counts = [Counter(w for s in view.segments[a:b] for w in plain(s.text).split() if w in wanted) for a, b in pages]
    spread = Counter(w for c in counts for w in c)
    worth = [sum(math.log(1 + len(pages) / spread[w]) * n / (n + 1.2) for w, n in c.items()) for c in counts]
    best = max(worth)
    return frozenset(i for i, w in enumerate(worth) if w >= _NEAR_BEST * best) if best > 0 else None
