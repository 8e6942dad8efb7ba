"""Four documents and a template to start with. Drawn by ``training/samples.py``; invented, and ours."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Any

import orjson


@dataclass(frozen=True)
class Sample:
    filename: str
    media_type: str
    what: str

    def read(self) -> bytes:
        return (resources.files(__name__) / self.filename).read_bytes()


_OFFICE = "application/vnd.openxmlformats-officedocument"
SAMPLES = (
    Sample("invoice.pdf", "application/pdf", "a digital invoice"),
    Sample("receipt.jpg", "image/jpeg", "a scanned receipt"),
    Sample("order.docx", f"{_OFFICE}.wordprocessingml.document", "a Word file"),
    Sample("expenses.xlsx", f"{_OFFICE}.spreadsheetml.sheet", "a spreadsheet"),
)


def template() -> dict[str, Any]:
    """``name``, ``description`` and ``schema_json`` of a template that fits all four."""
    return orjson.loads((resources.files(__name__) / "template.json").read_bytes())
