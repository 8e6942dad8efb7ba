from __future__ import annotations

import json

import pytest

from extraction.paper import INVOICE, Placed, source
from fieldproof.core import codec
from fieldproof.core.geometry import Box
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import Correction, Options, Reviewed, extract, learn, local_engine, replay
from fieldproof.extraction.child import example_to_json, replay_to_bytes

SCHEMA_JSON = {"groups": {"g": {"fields": {"mandate_token": {"type": "string"}}}}}
SCHEMA = parse_schema(SCHEMA_JSON)
PATH = ("g", "mandate_token")


def letter(token: str, number: str, decoy: str = "WW90-01") -> list[Placed]:
    """The invoice with a token at the bottom that no label names, and another one elsewhere."""
    placed = [(x, y, t.replace("0815", number)) for x, y, t in INVOICE]
    return [*placed, (420, 440, token), (40, 500, "Token:"), (80, 500, decoy)]


def token_of(document, *examples):
    return extract([document], SCHEMA, Options(examples=examples)).data["g"]["mandate_token"]


def taught(*corrections: Correction):
    return learn(source(letter("ZX81-77", "0815")).parsed, SCHEMA, corrections)


def test_a_corrected_value_is_used_by_the_next_look_alike():
    example = taught(Correction(PATH, "ZX81-77"))
    following = source(letter("QK55-12", "0816"))
    assert token_of(following) != "QK55-12"
    assert token_of(following, example) == "QK55-12"


def test_a_drawn_box_alone_teaches_the_place():
    drawn = Box(419 / 600, 439 / 800, 460 / 600, 451 / 800)
    example = taught(Correction(PATH, page=1, box=drawn))
    assert token_of(source(letter("QK55-12", "0816")), example) == "QK55-12"


def test_removing_the_example_undoes_it():
    example = taught(Correction(PATH, "ZX81-77"))
    following = source(letter("QK55-12", "0816"))
    before = token_of(following)
    token_of(following, example)
    assert token_of(following) == before


def test_an_example_leaves_other_layouts_alone():
    example = taught(Correction(PATH, "ZX81-77"))
    other = source([(40, 40, "Meeting notes"), (40, 60, "Token: RR11-22"), (40, 80, "Nothing else of interest here")])
    assert token_of(other, example) == token_of(other)


def test_replay_accepts_what_helps():
    reviewed = [Reviewed((source(letter("QK55-12", "0816")),), {PATH: "QK55-12"})]
    found = replay(local_engine(), SCHEMA, reviewed, [], taught(Correction(PATH, "ZX81-77")))
    assert (found.asked, found.before, found.after) == (1, 0, 1)
    assert found.is_accepted


def test_replay_rejects_what_makes_reviewed_results_worse():
    good = taught(Correction(PATH, "ZX81-77"))
    wrong = learn(source(letter("ZX81-77", "0817")).parsed, SCHEMA, [Correction(PATH, "WW90-01")])
    reviewed = [
        Reviewed((source(letter(f"QK55-{n}", f"08{n}", f"VB{n}-02"), id_=f"d{n}"),), {PATH: f"QK55-{n}"})
        for n in (21, 22)
    ]
    found = replay(local_engine(), SCHEMA, reviewed, [], wrong)
    assert replay(local_engine(), SCHEMA, reviewed, [], good).is_accepted
    kept = replay(local_engine(), SCHEMA, reviewed, [good], wrong)
    assert found.after == 0
    assert kept.before == 2
    if kept.after < kept.before:
        assert not kept.is_accepted
        assert kept.losses[0].expected == "QK55-21"


def test_a_reviewed_document_is_not_examined_on_its_own_example():
    example = taught(Correction(PATH, "ZX81-77"))
    own = Reviewed((source(letter("ZX81-77", "0815")),), {PATH: "ZX81-77"}, example.id)
    assert replay(local_engine(), SCHEMA, [own], [], example).asked == 0


def test_replay_in_the_child_speaks_json():
    case = {
        "documents": [("d1", "d1.pdf", codec.dump(source(letter("QK55-12", "0816")).parsed))],
        "truth": {"g.mandate_token": "QK55-12"},
    }
    example = taught(Correction(PATH, "ZX81-77"))
    answer = json.loads(replay_to_bytes([case], SCHEMA_JSON, [], example_to_json(example)))
    assert answer == {"is_accepted": True, "asked": 1, "before": 0, "after": 1, "losses": []}


# What one receipt teaches for the next of its shop

RECEIPT = parse_schema(
    {
        "groups": {
            "r": {"fields": {"total": {"type": "number"}, "date": {"type": "date"}, "address": {"type": "string"}}}
        }
    }
)
ADDRESS = "12 Main Street Springfield, IL 62704"
LONGER = "Harbour Centre, Suite 12 7 Harbour Street Portland, OR 97201"
HEADING = ["CORNER STATIONERY INC", "12 Main Street", "Springfield, IL 62704", "STORE 14 DOWNTOWN"]


def receipt(
    items: dict[str, str], total: str, date: str, *, more: str = "", heading: list[str] = HEADING
) -> list[Placed]:
    placed = [(40.0, 40.0 + 15 * n, text) for n, text in enumerate([*heading, f"Date: {date}"])]
    rows = [("Item", "Amount"), *items.items(), ("Total", total), ("Cash", "50.00")]
    for n, (name, amount) in enumerate(rows):
        placed += [(40.0, 140.0 + 20 * n, name), (300.0, 140.0 + 20 * n, amount)]
    return [*placed, (300.0, 100.0, more)] if more else placed


FIRST = source(receipt({"Pen": "12.50"}, "12.50", "03/08/2024"))


def answer(page: list[Placed], *corrections: Correction):
    examples = (learn(FIRST.parsed, RECEIPT, corrections),) if corrections else ()
    return extract([source(page)], RECEIPT, Options(examples=examples)).data["r"]


def test_a_value_that_stands_in_several_places_is_learnt_where_it_is_likeliest():
    following = receipt({"Pencil": "1.79", "Paper": "7.16"}, "8.95", "04/09/2024")
    assert answer(following, Correction(("r", "total"), 12.5))["total"] == 8.95


def test_a_corrected_date_teaches_which_number_is_the_day():
    following = receipt({"Pencil": "1.79"}, "1.79", "04/09/2024")
    assert answer(following)["date"] == "2024-04-09"
    assert answer(following, Correction(("r", "date"), "2024-08-03"))["date"] == "2024-09-04"
    assert answer(following, Correction(("r", "date"), "2024-03-08"))["date"] == "2024-04-09"


def test_a_document_that_tells_its_own_order_of_day_and_month_is_believed():
    following = receipt({"Pencil": "1.79"}, "1.79", "04/09/2024", more="Return by: 05/25/2024")
    assert answer(following, Correction(("r", "date"), "2024-08-03"))["date"] == "2024-04-09"


def test_a_box_around_a_date_that_reads_otherwise_does_not_hide_the_order():
    place = FIRST.parsed.pages[0].words[13].box
    drawn = Correction(("r", "date"), "2024-08-03", 1, place)
    assert answer(receipt({"Pencil": "1.79"}, "1.79", "04/09/2024"), drawn)["date"] == "2024-09-04"


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (ADDRESS, LONGER),
        (f"{ADDRESS} STORE 14 DOWNTOWN", f"{LONGER} STORE 9 HARBOUR"),
        (f"CORNER STATIONERY INC {ADDRESS}", f"CORNER STATIONERY INC {LONGER}"),
        ("Springfield, IL 62704", "Portland, OR 97201"),
        ("12 Main Street", "Harbour Centre, Suite 12"),
    ],
)
def test_as_much_of_an_address_is_given_as_was_wanted_before(wanted: str, given: str):
    heading = [
        "CORNER STATIONERY INC",
        "Harbour Centre, Suite 12",
        "7 Harbour Street",
        "Portland, OR 97201",
        "STORE 9 HARBOUR",
    ]
    following = receipt({"Pencil": "1.79"}, "1.79", "04/09/2024", heading=heading)
    assert answer(following)["address"] == LONGER
    assert answer(following, Correction(("r", "address"), wanted))["address"] == given


def test_where_what_was_learnt_fits_nothing_the_field_is_asked_as_if_nothing_had_been():
    at_the_bottom = [p for p in receipt({"Pencil": "1.79"}, "1.79", "") if p[2] != "Date: "]
    following = [*at_the_bottom, (40.0, 500.0, "28-06-24")]
    assert answer(following)["date"] == "2024-06-28"
    assert answer(following, Correction(("r", "date"), "2024-03-08"))["date"] == "2024-06-28"


def test_where_nothing_convinces_the_label_of_a_reviewed_value_is_believed():
    """The value of the next document looks like nothing that was seen, but stands behind the same label."""
    schema = parse_schema({"groups": {"g": {"fields": {"advertiser": {"type": "string"}}}}})
    reviewed = source([*INVOICE, (340, 500, "Sponsor ref:"), (460, 500, "AARP")])
    following = source(
        [
            *[(x, y, t.replace("0815", "0816")) for x, y, t in INVOICE],
            (340, 500, "Sponsor ref:"),
            (460, 500, "POL/K. Poling/WV/Rep/77"),
        ]
    )
    example = learn(reviewed.parsed, schema, [Correction(("g", "advertiser"), "AARP")])
    assert extract([following], schema).data["g"]["advertiser"] != "POL/K. Poling/WV/Rep/77"
    found = extract([following], schema, Options(examples=(example,))).data["g"]["advertiser"]
    assert found == "POL/K. Poling/WV/Rep/77"


# What changes from one document to the next, and what several of them agree on

LETTERS = parse_schema({"groups": {"invoice": {"fields": {"supplier": {"type": "string"}}}}})
FIRMS = {
    "Wood Corner": ("1839 Arbor Way", "Turlock, CA 95380"), "Lumber House": ("1337 San Joaquin St", "Stockton, CA 95202"),
    "Gemini Furniture": ("317 Fairchild Dr", "Fairfield, CA 94535"), "Ready Mat": ("7500 Linne Road", "Tracy, CA 95304"),
}  # fmt: skip


def test_a_number_below_an_address_that_has_its_lines_is_not_added():
    heading = ["CORNER STATIONERY INC", "7 Harbour Street", "Portland, OR 97201", "Mall", "GST ID. NO: 000181747712"]
    following = receipt({"Pencil": "1.79"}, "1.79", "04/09/2024", heading=heading)
    given = answer(following, Correction(("r", "address"), f"{ADDRESS} STORE 14 DOWNTOWN"))["address"]
    assert given == "7 Harbour Street Portland, OR 97201 Mall"


def letterhead(supplier: str, customer: str, number: int) -> list[Placed]:
    """One template of many firms: who sends stands in the head, who pays in a block of its own; no label names either."""
    placed = [(350.0, 40.0 + 14 * n, text) for n, text in enumerate((supplier, *FIRMS[supplier]))]
    placed += [(40.0, 150.0 + 14 * n, text) for n, text in enumerate((customer, *FIRMS[customer]))]
    rest = ("Number", f"FA-{number}", "Desk", "100.00", "Chair", "40.00", "Total", "140.00")
    return [*placed, *((40.0 + 200 * (n % 2), 300.0 + 20 * (n // 2), text) for n, text in enumerate(rest))]


def test_a_customer_who_once_was_the_supplier_is_not_the_supplier():
    reviewed = [("Wood Corner", "Ready Mat"), ("Lumber House", "Ready Mat"), ("Gemini Furniture", "Ready Mat")]
    kept = []
    for number, (supplier, customer) in enumerate(reviewed):
        page = source(letterhead(supplier, customer, number)).parsed
        kept.append(learn(page, LETTERS, [Correction(("invoice", "supplier"), supplier)], kept=kept))
    following = source(letterhead("Ready Mat", "Wood Corner", 9))
    assert extract([following], LETTERS, Options(examples=tuple(kept))).data["invoice"]["supplier"] == "Ready Mat"


FLIGHT = parse_schema(
    {"groups": {"order": {"fields": {"flight_from": {"type": "date"}, "flight_to": {"type": "date"}}}}}
)


def order(first: str, last: str, weeks: list[tuple[str, str]]) -> list[Placed]:
    placed = [(40.0, 40.0, "ORDER"), (40.0, 60.0, "Flight:"), (160.0, 60.0, f"{first} - {last}")]
    placed += [(40.0, 120.0, "Start date"), (160.0, 120.0, "End date")]
    for n, (start, end) in enumerate(weeks):
        placed += [(40.0, 140.0 + 20 * n, start), (160.0, 140.0 + 20 * n, end)]
    return placed


def test_two_days_that_stand_as_one_period_are_learnt_there():
    page = source(order("05/25/2024", "05/31/2024", [("05/25/2024", "05/31/2024")])).parsed
    told = [Correction(("order", "flight_from"), "2024-05-25"), Correction(("order", "flight_to"), "2024-05-31")]
    example = learn(page, FLIGHT, told)
    assert all(example.fields[f"order.{name}"]["centre"][1] < 0.1 for name in ("flight_from", "flight_to"))
    following = order("06/01/2024", "06/14/2024", [("06/01/2024", "06/07/2024"), ("06/08/2024", "06/14/2024")])
    found = extract([source(following)], FLIGHT, Options(examples=(example,))).data["order"]
    assert found == {"flight_from": "2024-06-01", "flight_to": "2024-06-14"}


def test_of_several_places_the_one_is_learnt_that_was_learnt_before():
    twice = source(letter("QK55-12", "0816", decoy="QK55-12")).parsed
    told = [Correction(PATH, "QK55-12")]
    drawn = Box(419 / 600, 439 / 800, 460 / 600, 451 / 800)
    first = taught(Correction(PATH, page=1, box=drawn))
    place = first.fields["g.mandate_token"]["centre"]
    assert learn(twice, SCHEMA, told).fields["g.mandate_token"]["centre"] != place
    assert learn(twice, SCHEMA, told, kept=[first]).fields["g.mandate_token"]["centre"] == place


ORDER_SCHEMA = parse_schema({"groups": {"order": {"fields": {"order_number": {"type": "string"}}}}})
ORDER_NUMBER = ("order", "order_number")


def delivery(day: str, *more: Placed) -> list[Placed]:
    return [
        (40, 40, "Northern Timber Ltd"), (40, 60, "14 Harbour Road"), (40, 80, "Leith EH6 6QN"), (300, 40, "DELIVERY"),
        (40, 140, "Delivered on"), (140, 140, day), (40, 160, "Driver"), (140, 160, "P. Munro"), *more,
    ]  # fmt: skip


def order_number(page: list[Placed], *examples):
    given = extract([source(page)], ORDER_SCHEMA, Options(examples=examples))
    return given.data["order"]["order_number"]


def nothing_there(page: list[Placed], *kept):
    return learn(source(page).parsed, ORDER_SCHEMA, [Correction(ORDER_NUMBER)], kept=kept)


def test_a_document_without_a_field_does_not_hide_it_on_the_next_one():
    examples = [nothing_there(delivery(f"{day} May 2026")) for day in ("4", "5", "6")]
    following = delivery("7 May 2026", (40, 180, "Order number"), (140, 180, "PO-7731"))
    assert order_number(following, *examples) == "PO-7731"


def test_what_a_reviewer_said_is_not_there_is_not_given_again():
    """ "Order no." of this supplier is the driver's round; a number behind another label may still be the order's."""
    page = delivery("4 May 2026", (40, 180, "Order no."), (140, 180, "R-118"))
    assert order_number(page) == "R-118"
    refused = nothing_there(page)
    following = delivery("7 May 2026", (40, 180, "Order no."), (140, 180, "R-121"))
    assert order_number(following) == "R-121"
    assert order_number(following, refused) is None
    assert order_number([*following, (300, 60, "Your order number"), (420, 60, "PO-7731")], refused) == "PO-7731"


def test_where_reviewers_disagreed_most_of_them_are_believed():
    def page(day: str, round_: str, number: str) -> list[Placed]:
        return delivery(
            day, (40, 180, "Order ref."), (140, 180, round_), (300, 60, "Job order"), (420, 60, number)
        )  # fmt: skip

    def taught(day: str, value: str, *both: str):
        return learn(source(page(day, *both)).parsed, ORDER_SCHEMA, [Correction(ORDER_NUMBER, value)])

    following = page("9 May 2026", "4431", "7190")
    ref = [taught(f"{4 + n} May 2026", f"44{n}7", f"44{n}7", f"71{n}2") for n in range(2)]
    job = [taught(f"{6 + n} May 2026", f"72{n}2", f"45{n}7", f"72{n}2") for n in range(2)]
    assert order_number(following, *ref, job[0]) == "4431"
    assert order_number(following, ref[0], *job) == "7190"
