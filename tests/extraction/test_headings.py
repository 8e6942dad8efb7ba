"""What a document calls itself, and which of its numbers is called so."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.paper import Placed, document
from fieldproof.extraction.headings import kind_of
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.looks import LOOKS
from fieldproof.extraction.scene import scene_of
from fieldproof.extraction.view import view_of

BODY: list[Placed] = [
    (40, 120, "Contract:"), (140, 120, "568867"), (40, 140, "Invoice #"), (140, 140, "1457899"),
    (40, 160, "Alt Order #"), (140, 160, "09739079"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("OFFICIAL BILLING INVOICE", "invoice_number"), ("CONTRACT", "contract_number"), ("PURCHASE ORDER", "po_number"),
        ("LIEFERSCHEIN", "delivery_note_number"), ("DEVIS", "quote_number"), ("ANNUAL REPORT", None), ("INVOICE 17", None),
        ("Please quote the invoice number below", None),
    ],
)  # fmt: skip
def test_the_kind_that_a_heading_names(heading: str, kind: str | None) -> None:
    found = kind_of(view_of(document([(240, 40, heading), *BODY])))
    assert (LEXICON.concepts[found].name if found is not None else None) == kind


def looks(heading: str, text: str) -> tuple[float, float]:
    scene = scene_of(document([(240, 40, heading), *BODY]))
    row = next(n for n, c in enumerate(scene.candidates) if c.text == text)
    look = scene.looks.of(np.array([row]))[0]
    own, other = (look[LOOKS.index(name)] for name in ("names_heading", "names_other_kind"))
    return float(own), float(other)


def test_the_number_that_is_called_as_the_document_is() -> None:
    assert looks("INVOICE", "1457899") == (1.0, 0.0)
    assert looks("INVOICE", "568867") == (0.0, 1.0)
    assert looks("CONTRACT", "568867") == (1.0, 0.0)
    assert looks("INVOICE", "09739079") == (0.0, 0.0)


def test_nothing_is_said_where_no_heading_tells() -> None:
    assert looks("ANNUAL REPORT", "1457899") == (0.0, 0.0)
