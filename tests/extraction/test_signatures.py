"""Who signed, by the mark of a signature and by the line above a printed name."""

from __future__ import annotations

import pytest

from extraction.paper import Placed
from extraction.test_weighing import asked


@pytest.mark.parametrize("mark", ["/s/", "Isl", "ls/"])
def test_behind_the_mark_of_a_signature_stands_who_signed(mark: str):
    page: list[Placed] = [(40, 40, "Clara Weber"), (40, 300, f"{mark} Stephan Becker")]
    assert asked(page, "signer_name") == "Stephan Becker"
    assert asked(page, "contact_person") == "Clara Weber"


def test_below_a_line_that_asks_for_the_name_stands_who_signed():
    line = "(Print or type name under each signature)"
    assert (
        asked([(40, 40, "Clara Weber"), (40, 300, line), (40, 314, "Stephan Becker")], "signer_name")
        == "Stephan Becker"
    )
    assert (
        asked([(40, 40, "Clara Weber"), (40, 300, "(Date)"), (40, 314, "Stephan Becker")], "signer_name")
        == "Clara Weber"
    )


def test_what_is_no_name_did_not_sign():
    page: list[Placed] = [(40, 40, "Clara Weber"), (40, 300, "(Print name under each signature)"), (40, 314, "eSigned")]
    assert asked(page, "signer_name") == "Clara Weber"
