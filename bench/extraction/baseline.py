"""What a few regular expressions and the field's own words reach: the number to beat."""

from __future__ import annotations

import re
from typing import Any

from corpus import Labelled

from fieldproof.core.schema import FieldType

_VALUE = {
    FieldType.DATE: re.compile(
        r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}\.? [A-Za-zäéû]{3,9},? \d{4}|[A-Z][a-z]{2,8} \d{1,2}, \d{4}"
    ),
    FieldType.NUMBER: re.compile(r"-?\d{1,3}(?:[., ]?\d{3})*[.,]\d{2}"),
}
_TEXT = re.compile(r"[:#]?\s*(\S[^\n]{0,60})")


def answer(d: Labelled) -> dict[str, Any]:
    """The first fitting text after the words of the field's name."""
    text = d.document.text
    fields: dict[str, Any] = {}
    for group in d.schema.groups:
        for f in group.fields:
            label = re.compile(r"[\s.:]*".join(map(re.escape, f.name.split("_"))), re.IGNORECASE)
            m = label.search(text)
            if m and f.type is not FieldType.ARRAY:
                found = _VALUE.get(f.type, _TEXT).search(text, m.end(), m.end() + 160)
                if found:
                    fields[f"{group.name}.{f.name}"] = found.group(found.lastindex or 0).strip()
    return {"fields": fields, "tables": {}, "lists": {}}
