"""What the engine takes for one line, and how high it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extraction.paper import HEIGHT, Placed, document
from fieldproof.core.document import Line, ParsedDocument
from fieldproof.core.geometry import union
from fieldproof.extraction.view import view_of


def in_one_line(*placed: Placed) -> ParsedDocument:
    """As a parser gives what stands beside each other, whatever lies between."""
    parsed = document(list(placed))
    page = parsed.pages[0]
    around = union([w.box for w in page.words])
    assert around is not None
    return replace(parsed, pages=(replace(page, lines=(Line(around, tuple(range(len(page.words)))),)),))


@pytest.mark.parametrize(
    ("left", "count"), [(40 + 11 * 5.5 + 25, 2), (40 + 11 * 5.5, 1)], ids=["a column's gap", "a blank"]
)
def test_a_line_is_cut_where_a_column_begins(left, count):
    view = view_of(in_one_line((40, 40, "01-08-2024"), (left, 40, "Card payment")))
    assert len(view.segments) == count


def test_a_line_is_as_high_as_its_letters_and_cited_with_all_of_its_box():
    parsed = document([(40, 40, "Alder Works")])
    high = [replace(w, box=replace(w.box, top=38 / HEIGHT, bottom=52 / HEIGHT)) for w in parsed.pages[0].words]
    view = view_of(replace(parsed, pages=(replace(parsed.pages[0], words=tuple(high)),)))
    segment = view.segments[0]
    assert segment.bottom - segment.top == pytest.approx(7.4) and (segment.top + segment.bottom) / 2 == pytest.approx(
        45
    )
    cited = view.box([segment.tokens])
    assert (
        cited is not None
        and cited[1].top * HEIGHT == pytest.approx(38)
        and cited[1].bottom * HEIGHT == pytest.approx(52)
    )


def test_of_boxes_without_a_font_nothing_is_known_but_themselves():
    parsed = document([(40, 40, "Alder Works")])
    scanned = [replace(w, font_size=None) for w in parsed.pages[0].words]
    segment = view_of(replace(parsed, pages=(replace(parsed.pages[0], words=tuple(scanned)),))).segments[0]
    assert segment.bottom - segment.top == pytest.approx(10)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Date-2016-24-01", ["Date-", "2016-24-01"]),
        ("INV-2016-01-24", ["INV-2016-01-24"]),
        ("PO-2016-001", ["PO-2016-001"]),
    ],
)
def test_a_date_is_cut_off_its_label_a_number_is_not_cut(word, parts):
    assert [t.text for t in view_of(document([(40, 40, word)])).tokens] == parts


@pytest.mark.parametrize(
    ("lines", "is_one_block"),
    [
        (["Theodor Est", "Bahnstr. 42", "88802 Spielkreis"], [True, True]),
        (["Theodor Est", "Project leader", "Since May"], [False, False]),
    ],
)
def test_lines_of_an_address_may_stand_two_lines_apart(lines, is_one_block):
    view = view_of(document([(40, 40 + 22 * n, text) for n, text in enumerate(lines)]))
    assert [below >= 0 for below in view.next_below[:-1]] == is_one_block


def test_no_address_goes_on_beyond_a_line_in_between():
    page: list[Placed] = [(40, 40, "Theodor Est"), (60, 53, "Since May"), (40, 66, "Bahnstr. 42")]
    assert view_of(document(page)).next_below[0] == -1
