"""How much of the page is taken as one value, and what can be no value at all."""

from __future__ import annotations

import datetime as dt

import pytest

from extraction.paper import Placed, document, source
from fieldproof.core.schema import Field, FieldType, parse_schema
from fieldproof.extraction import Correction, Options, extract, learn
from fieldproof.extraction.address_blocks import address_of, end_before_number, is_somebodys_name, lines_over
from fieldproof.extraction.candidates import Candidate, Kind
from fieldproof.extraction.extents import whole
from fieldproof.extraction.memory import Memory
from fieldproof.extraction.names import (
    can_be_company,
    has_legal_form,
    is_bare_legal_form,
    is_joined,
    names_a_trade,
)
from fieldproof.extraction.offers import Offer
from fieldproof.extraction.places import find_countries, is_place, region_in
from fieldproof.extraction.query import query_of
from fieldproof.extraction.scene import scene_of
from fieldproof.extraction.values import is_plausible
from fieldproof.extraction.view import view_of

RECEIPT = [
    "GIN KEE TRADING",
    "(81109-A)",
    "NO 290, JALAN AIR PANAS,",
    "SETAPAK",
    "53200 KUALA LUMPUR",
    "TEL: 03-40210276",
]
SCHEMA = parse_schema(
    {"groups": {"receipt": {"fields": {"address": {"type": "string", "description": "Address of the shop"}}}}}
)


def stacked(*lines: str) -> list[Placed]:
    return [(40.0, 40.0 + 14 * n, text) for n, text in enumerate(lines)]


def lines_of(*lines: str, seed: int) -> list[str]:
    return [lines[i] for i in address_of(view_of(document(stacked(*lines))), seed)]


@pytest.mark.parametrize("seed", [2, 4])
def test_an_address_is_the_same_from_each_of_its_lines(seed):
    assert lines_of(*RECEIPT, seed=seed) == RECEIPT[2:5]


@pytest.mark.parametrize(
    "lines",
    [
        ["4557 De Silva St", "Fremont CA 94538", "Etats Unis"],
        ["12 Bridge Street", "Sydney NSW 2000", "Australia"],
        ["3575 Buena Vista Avenue", "Eugene COR 97401", "Etats Unis"],
        ["42705 Stacy Spurs Apt. 508", "Lake Donna, 74078"],
        ["chemin Mendès", "75567 Sainte Roland"],
        ["Lindenstraße 7", "10969 Berlin", "Deutschland"],
        ["NO: 28, JALAN ASTANA 1C,", "BANDAR BUKIT RAJA, 41050", "KLANG SELANGOR D.E, MALAYSIA"],
        ["LEVEL G2, BLOCK D1.", "SOLARIS DUTAMAS.", "NO. 1, JALAN DUTAMAS 1,", "50480 KUALA LUMPUR."],
        ["NO 19-G& 19-1& 19-2 JALAN TASIK UTAMA 4,", "MEDAN NIAGA TASIK DAMAI"],
        ["LOT LG 26, SUBANG PARADE", "NO.5, JALAN SS16/1", "47500 SUBANG JAYA, SELANGOR"],
        ["LOT 2110&2111 JALAN PERMAS UTARA", "BANDAR BARU PERMAS", "81750.JOHOR BAHRU JOHOR"],
        ["F.K06, FIRST FLOOR, THE GARDENS MALL,", "MID VALLEY CITY, LINGKARAN SYED PUTRA,", "59200 KUALA LUMPUR."],
        ["GK101,GND FLR,ONE UTAMA SHOPPING CENTRE", "NO.1,LEBUH BANDAR UTAMA,", "47800 PETALING JAYA, SELANGOR."],
        ["LOT F21 @ 22, CITTA MALL", "NO 1, JLN PJU 1A/4"],
        ["LOT F21 @ 22, CITTA MALL", "NO 1, JLN PJU 1A/4", "47301"],
        ["54,JALAN SS23/11.", "TAMAN SEA,47400", "PETALING JAYA,SELANGOR"],
        ["TAMAN SERDANG RAYA 9,", "43300 SERI KEMBANGAN, SELANGOR", "DARUL EHSAN"],
        ["NO 8, JALAN 7/118B, DESA TUN RAZAK", "56000 KUALA LUMPUR, MALAYSIA", "AMPANG POINT CENTRE"],
        ["LOT P.T. 2811, JALAN ANGSA,", "41150 KLANG, SELANGOR", "1245-DESA SRI HARTAMAS"],
        ["LOT F1-01, 6, JALAN 8/27A,", "53300 KUALA LUMPUR,", "WILAYAH PERSEKUTUAN KUALA", "LUMPUR, MALAYSIA."],
    ],
)
def test_addresses_of_several_countries(lines):
    around = ["Muster GmbH", *lines, "Tel. +49 30 1234567"]
    assert max((lines_of(*around, seed=n) for n in range(len(around))), key=len) == lines


def test_what_ends_with_a_comma_goes_on_below_however_a_scan_shifted_it():
    shifted: list[Placed] = [(40, 40, "LOT 2942 & 2945, JLN SERI SENTOSA 8,"), (90, 54, "58000 KUALA LUMPUR.")]
    assert address_of(view_of(document(shifted)), 0) == [0, 1]
    apart: list[Placed] = [(40, 40, "LOT 2942 & 2945, JLN SERI SENTOSA 8"), (90, 54, "58000 KUALA LUMPUR.")]
    assert address_of(view_of(document(apart)), 0) == [0]


def test_a_line_goes_on_below_the_nearest_one():
    page: list[Placed] = [(40, 40, "Two lines above"), (40, 46, "One line above"), (40, 58, "Here")]
    assert view_of(document(page)).next_above[2] == 1


def test_an_address_ends_before_the_telephone_in_its_last_line():
    page = stacked("Muster GmbH", "NO.1, JALAN PERMAS 10/5,", "81750 JOHOR BAHRU, JOHOR, TEL NO.: 07-387 3322")
    scene = scene_of(document(page))
    assert scene.candidates[scene.address_at[2]].text == "NO.1, JALAN PERMAS 10/5, 81750 JOHOR BAHRU, JOHOR"
    assert end_before_number("GST ID 000750673920, TEL 07-387 3322") == 0


def test_what_a_unit_is_called_belongs_to_its_address():
    scene = scene_of(document(stacked("LOT NO: 20, LEVEL UG1,", "NO 1, JALAN DUTAMAS, 50480 KL")))
    assert scene.candidates[scene.address_at[0]].text == "LOT NO: 20, LEVEL UG1, NO 1, JALAN DUTAMAS, 50480 KL"


def test_what_a_company_does_is_no_line_of_its_address():
    page = ["THREE STOOGES", "BISTRO & CAFE", "NO 109, JALAN SS21/1A,", "DAMANSARA UTAMA", "47400 PETALING JAYA"]
    assert lines_of(*page, seed=4) == page[2:]


def test_one_address_without_a_city_is_the_only_one():
    scene = scene_of(document(stacked("THE ROTI MAN", "117, JALAN RADIN BAGUS, SRI PETALING", "TEL:03-9054 3785")))
    assert scene.only_address is not None
    assert scene.candidates[scene.only_address].text == "117, JALAN RADIN BAGUS, SRI PETALING"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("ABC TRADING SDN BHD (867388-U)", "ABC TRADING SDN BHD"), ("MYNEWS RETAIL SB(306295-X) FKA BISON SB", "MYNEWS RETAIL SB"),
        ("Fight Back Fund (116834)", "Fight Back Fund (116834)"), ("Rail 2020 Inc-D (133903)", "Rail 2020 Inc-D (133903)"),
    ],
)  # fmt: skip
def test_a_register_number_is_no_part_of_a_name(name, wanted):
    scene = scene_of(document(stacked(name)))
    number = next(n for n, c in enumerate(scene.candidates) if c.text == name)
    query = query_of(("receipt", "company"), Field("company", FieldType.STRING), "receipt")
    offer = Offer(0, number, 0.9, name, (0, scene.candidates[number].pieces))
    assert whole(scene, Memory(scene, ()), query, [offer])[0].value == wanted


def test_names_stand_over_an_address_and_numbers_between_are_passed():
    page = stacked("MUSTER CAFE", "MUSTER GASTRO GMBH", "Steuernummer: 12/345/678", "Lindenstraße 7", "10969 Berlin")
    assert lines_over(view_of(document(page)), {3: 77}) == {1: (77, 1), 0: (77, 2)}
    page = stacked("THREE STOOGES", "BISTRO & CAFE", "Lindenstraße 7", "10969 Berlin")  # what they do is no name
    assert lines_over(view_of(document(page)), {2: 77}) == {0: (77, 1)}


def test_what_is_no_address_is_none():
    assert lines_of("1 X 19.00 19.00", "2 COUNTER 1", seed=0) == []
    assert lines_of("TEL: 03-40210276", "GST NO: 000750673920", seed=0) == []


def test_the_whole_address_is_given_until_a_correction_shows_that_less_is_wanted():
    page = stacked(*RECEIPT, "TOTAL 12.00")
    assert extract([source(page)], SCHEMA).data["receipt"]["address"] == " ".join(RECEIPT[2:5])
    taught = learn(source(page).parsed, SCHEMA, [Correction(("receipt", "address"), RECEIPT[2].rstrip(","))])
    again = extract([source(page)], SCHEMA, options=Options((taught,)))
    assert again.data["receipt"]["address"] == RECEIPT[2].rstrip(",")


@pytest.mark.parametrize(
    ("reviewed", "found", "given"),
    [
        ("Fight Back Fund", "Road Ahead Fund (84874)", "Road Ahead Fund"),
        ("Fight Back Fund (116834)", "Road Ahead Fund", "Road Ahead Fund (84874)"),
    ],
)
def test_a_correction_shows_whether_the_number_behind_a_name_is_wanted(reviewed, found, given):
    schema = parse_schema({"groups": {"contract": {"fields": {"advertiser": "string"}}}})
    first, second = (
        [(40, 40, "Advertiser"), (150, 40, name), (40, 60, "Contract"), (150, 60, "17-004")]
        for name in ("Fight Back Fund (116834)", "Road Ahead Fund (84874)")
    )
    example = learn(source(first).parsed, schema, [Correction(("contract", "advertiser"), reviewed)])
    scene = scene_of(document(second))
    number = next(n for n, c in enumerate(scene.candidates) if c.text == found)
    query = query_of(("contract", "advertiser"), Field("advertiser", FieldType.STRING), "contract")
    offer = Offer(0, number, 0.9, found, (0, scene.candidates[number].pieces))
    assert whole(scene, Memory(scene, (example,)), query, [offer])[0].value == given


def test_places():
    assert is_place("Etats-Unis") and is_place("Selangor, Malaysia") and not is_place("Kuala Terengganu Road")
    assert list(find_countries(["10115", "Berlin,", "United", "States"])) == [(2, 4, "US")]
    assert region_in("DELAWARE APPLICABLE") == "DELAWARE" and region_in("Agreement") is None


def test_companies():
    assert has_legal_form("MYNEWS RETAIL SB") and not has_legal_form("MODEL SB 200")
    assert is_bare_legal_form("CO. (M) SDN BHD") and not is_bare_legal_form("POPULAR BOOK CO. (M) SDN BHD")
    assert can_be_company("99 Speed Mart") and can_be_company("3M Deutschland GmbH")
    assert not any(
        map(
            can_be_company,
            [
                "3180303",
                "BD1187",
                "SDN BHD",
                "THANK YOU, COME AGAIN",
                "TQ FOR SHOPPING WITH US",
                "1365663-P",
                "(Company No. 113825-W)",
            ],
        )
    )


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("FIVE STAR CASH & CARRY", True), ("Kedai Ubat Chong Hwa", True), ("Bäckerei Klein", True), ("Transports Moreau et Fils", True),
        ("BISTRO & CAFE", False), ("CAFE", False), ("we went to the hotel", False), ("Hotel: 2 nights", False), ("Muster GmbH", False),
    ],
)  # fmt: skip
def test_a_name_that_says_what_a_company_does(text, is_so):
    assert names_a_trade(text) is is_so


def test_a_legal_form_below_ends_a_name_wherever_it_stands():
    apart: list[Placed] = [(40, 40, "MPH BOOKSTORES AND MORE"), (30, 54, "SDN BHD")]
    assert view_of(document(apart)).next_below[0] == 1
    assert view_of(document([apart[0], (30, 54, "Monday")])).next_below[0] == -1


def test_a_house_in_a_street_that_has_a_number_for_a_name():
    assert lines_of("BLUE CORNER", "109, SS21/1A,", "DAMANSARA UTAMA", "GST ID : 001661886464", seed=1) == [
        "109, SS21/1A,",
        "DAMANSARA UTAMA",
    ]
    assert not lines_of("2, TEA 12/24 BAGS", "3, SOAP", seed=0)


def test_a_telephone_behind_any_label_ends_an_address():
    lines = ["UNIT 105, BLOCK A", "NO.9, JALAN 16/11, 46350 PETALING JAYA", "CARELINE : 1800 88 1231"]
    assert lines_of(*lines, seed=1) == lines[:2]


def test_a_full_stop_may_be_a_comma_that_a_scan_took_for_one():
    lines = ["NO 19-G JALAN TASIK UTAMA 4.", "MEDAN NIAGA TASIK DAMAI", "TEL 03-9054 3785"]
    assert lines_of(*lines, seed=0) == lines[:2]


def test_who_lives_there_is_no_part_of_an_address():
    assert is_somebodys_name("BISTRO & CAFE") and is_somebodys_name("Alder Works GmbH")
    assert not is_somebodys_name("PARADIGM MALL") and not is_somebodys_name("12 Market Street")


def test_a_name_that_goes_on_in_the_line_below():
    assert is_joined("THE COFFEE BEAN", "& TEA LEAF (M) SDN. BHD.") and is_joined("MÜLLER &", "SÖHNE GMBH")
    assert not is_joined("Terms &", "Due: today") and not is_joined("THE COFFEE BEAN", "COMPANY NO 441970-H")


@pytest.mark.parametrize(
    ("below", "is_so"),
    [("is an acceptable substitute.", True), ("Approved by:", False), ("Date: 3 May", False), ("Harbour Works", False)],
)
def test_a_text_runs_on_where_its_sentence_does(below, is_so):
    line = "Advise if locally obtained honey"
    scene = scene_of(document(stacked(line, below)))
    assert scene.view.run_from(0) == ([0, 1] if is_so else [0])
    number = next(n for n, c in enumerate(scene.candidates) if c.text == line)
    query = query_of(("form", "remarks"), Field("remarks", FieldType.STRING), "form")
    offer = Offer(0, number, 0.9, line, (0, scene.candidates[number].pieces))
    given = whole(scene, Memory(scene, ()), query, [offer])[0].value
    assert given == (f"{line} {below}" if is_so else line)


def test_entries_below_each_other_have_one_label():
    page: list[Placed] = [
        (40, 40, "cc:"), (90, 40, "S. Willinger"), (90, 54, "G. D. Raphael"), (90, 68, "V. Hansberry"), (40, 82, "Date:"), (90, 82, "3 May"),
    ]  # fmt: skip
    scene = scene_of(document(page))
    assert scene.view.entries_from(1) == [1, 2, 3] and scene.view.entries_from(2) == [2]
    number = next(n for n, c in enumerate(scene.candidates) if c.text == "S. Willinger")
    query = query_of(("form", "cc"), Field("cc", FieldType.STRING), "form")
    offer = Offer(0, number, 0.9, "S. Willinger", (0, scene.candidates[number].pieces))
    assert whole(scene, Memory(scene, ()), query, [offer])[0].value == "S. Willinger G. D. Raphael V. Hansberry"


def given(page: list[Placed], text: str, name: str, kind: FieldType = FieldType.STRING) -> object:
    """What is given of a form's field whose likeliest place is the first candidate that reads ``text``."""
    scene = scene_of(document(page))
    number = next(n for n, c in enumerate(scene.candidates) if c.text == text)
    query = query_of(("form", name), Field(name, kind), "form")
    offer = Offer(0, number, 0.9, text, (0, scene.candidates[number].pieces))
    return whole(scene, Memory(scene, ()), query, [offer])[0].value


def test_entries_may_have_their_label_on_the_line_of_the_first():
    page: list[Placed] = [(40, 40, "Copies to: J. F. Banks"), (100.5, 54, "C. Lamb"), (100.5, 68, "L. C. Lanham")]
    assert given(page, "J. F. Banks", "copies_to") == "J. F. Banks C. Lamb L. C. Lanham"
    assert given([*page[:2], (100.5, 68, "Date: 3 May")], "J. F. Banks", "copies_to") == "J. F. Banks C. Lamb"
    assert given([page[0], (300, 54, "C. Lamb")], "J. F. Banks", "copies_to") == "J. F. Banks"  # of another column


def test_a_sentence_goes_on_below_its_label():
    page: list[Placed] = [
        (40, 40, "Comments:"),
        (100, 40, "Please contact him and forward"),
        (40, 54, "all of this to the Council."),
    ]
    assert (
        given(page, "Please contact him and forward", "comments")
        == "Please contact him and forward all of this to the Council."
    )
    page[1] = (100, 40, "Circuit Court. No. 69-1351")  # ends here
    assert given(page, "Circuit Court. No. 69-1351", "comments") == "Circuit Court. No. 69-1351"


@pytest.mark.parametrize(
    ("line", "number", "kind", "value"),
    [
        ("974 mg", "974", FieldType.STRING, "974 mg"), ("13.5 % moist", "13.5", FieldType.STRING, "13.5 %"),
        ("974 Main", "974", FieldType.STRING, "974"), ("974 mg", "974", FieldType.NUMBER, "974"),
    ],
)  # fmt: skip
def test_a_number_that_is_asked_as_a_text_has_its_unit(line, number, kind, value):
    assert given([(40, 40, "Total weight:"), (140, 40, line)], number, "net_total", kind) == value


@pytest.mark.parametrize(
    ("left", "unit", "value"),
    [
        (170, "mm", "64 mm"), (170, "_mg", "64 mg"), (170, "mg/cc", "64 mg/cc"), (400, "mm", "64"), (170, "Main", "64"),
        (170, "12", "64"), (110, "mm", "64"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["net_total", "rod"])
def test_a_unit_in_the_next_column_is_its_numbers(left, unit, value, name):
    assert given([(40, 40, "Rod"), (140, 40, "64"), (left, 40, unit)], "64", name) == value


def test_a_unit_that_stands_apart_is_cited_with_its_number():
    schema = parse_schema({"groups": {"form": {"fields": {"rod_length": {"type": "string"}}}}})
    page: list[Placed] = [
        (40, 40, "Rod length:"),
        (140, 40, "64"),
        (170, 40, "mm"),
        (40, 80, "Color:"),
        (140, 80, "Brown"),
    ]
    (value,) = extract([source(page)], schema).values
    assert (value.value, value.raw, value.citations[0].text) == ("64 mm", "64 mm", "64 mm")
    box = value.citations[0].box
    assert (round(box.left * 600), round(box.right * 600)) == (140, 181)
    assert 'Found "64 mm"' in value.reasoning


def test_a_value_that_runs_into_the_next_label_ends_before_it():
    rows: list[Placed] = [(250, 40, "Invoice #"), (340, 40, "17-004"), (250, 68, "Order #"), (340, 68, "99")]
    long: list[Placed] = [(40, 54, "Advertiser"), (107, 54, "Alder and Sons & Partners"), (340, 54, "26 Jan")]
    words = document(
        [*rows, (107, 54, "Alder and Sons & Partners Invoice Date"), (40, 54, "Advertiser"), (340, 54, "26 Jan")]
    )
    apart = document([*rows, *long])
    assert _texts(words) == sorted([*_texts(apart), "Invoice Date"])
    alone = document([*rows[::2], (107, 54, "Alder and Sons & Partners Invoice Date")])
    assert "Invoice Date" not in _texts(alone)  # nothing beside it that it could be the label of


def test_a_name_over_two_lines_is_given_whole():
    page = stacked(
        "THE COFFEE BEAN", "& TEA LEAF (M) SDN. BHD.", "NO 290, JALAN AIR PANAS,", "53200 KUALA LUMPUR", "TOTAL 12.00"
    )
    schema = parse_schema({"groups": {"receipt": {"fields": {"company": "string", "address": "string"}}}})
    assert extract([source(page)], schema).data["receipt"]["company"] == "THE COFFEE BEAN & TEA LEAF (M) SDN. BHD."


@pytest.mark.parametrize(
    ("shape", "text", "is_so"),
    [
        ("postcode", "SW1B 3BN", True), ("postcode", "Liselotte Müller", False), ("street", "88802 Spielkreis", False),
        ("street", "Bahnstr. 42", True), ("street", "Bruttopreis : 59", False), ("iban", "DE12 1234 5678 9012 3456 78", True),
        ("iban", "RK21012345", False), ("name", "GE2020211", False), ("name", "Theodor Est", True), ("city", "Consulting GmbH", False), ("city", "Bad Homburg", True), ("id", "John Doe", False),
        ("id", "PO-17", True), ("id", "03/30/20 - 04/06/20", False), ("id", "Unit 04/24/2012 5:58 PM", False), ("id", "12/345/67890", True), ("id", "XYZ", True), ("place", "State", False), ("place", "Minnesota", True),
    ],
)  # fmt: skip
def test_what_can_be_a_value(shape, text, is_so):
    assert is_plausible(Candidate(((0, 1),), 0, text, 0), shape) is is_so


def test_a_tax_number_is_no_bank_account_however_well_its_check_digits_agree():
    assert not is_plausible(Candidate(((0, 1),), 0, "DE136695976", Kind.VAT | Kind.PROVEN), "iban")


def test_a_duration_is_one_that_was_found_as_one():
    assert is_plausible(Candidate(((0, 1),), 0, "2 years", Kind.DURATION), "duration")
    assert not is_plausible(Candidate(((0, 1),), 0, "TERMINATION.", Kind.SEGMENT), "duration")


def test_a_day_is_no_number_of_a_document():
    day = Candidate(((0, 1),), 0, "18/03/2019", Kind.DATE, date=dt.date(2019, 3, 18))
    compact = Candidate(((0, 1),), 0, "20190318", Kind.DATE, date=dt.date(2019, 3, 18))
    assert not is_plausible(day, "id") and is_plausible(compact, "id")


def test_what_was_handed_over_less_the_change_was_to_be_paid():
    rows = [("TATAL SALES INCLUSIVE GST @6%", "28.40"), ("CASH", "50.00"), ("CHANGE", "21.60"), ("SR @ 6%", "26.79")]
    placed = [(40.0, 40.0, "KHIAM AIK CHAN SDN BHD"), (40.0, 60.0, "25-09-17")]
    for n, row in enumerate(rows):
        placed += [(40.0, 120.0 + 20 * n, row[0]), (400.0, 120.0 + 20 * n, row[1])]
    schema = parse_schema({"groups": {"receipt": {"fields": {"total": {"type": "number"}, "date": {"type": "date"}}}}})
    assert extract([source(placed)], schema).data["receipt"]["total"] == 28.4


@pytest.mark.parametrize("label", ["Total paid", "Payment CASH", "Handed over"])
def test_what_was_handed_over_may_be_called_anything(label):
    rows = [
        ("Total", "15.39"),
        ("Rounding", "0.01"),
        ("Nett", "15.40"),
        (label, "50.00"),
        ("CHANGE", "34.60"),
        ("Card", "35.00"),
        ("Fee", "0.40"),
    ]
    placed = [(x, 40.0 + 20 * n, t) for n, row in enumerate(rows) for x, t in zip((40.0, 400.0), row, strict=True)]
    assert scene_of(document(placed)).settled == (15.4, 50.0)  # 35.00 less the change is printed too, and is less


def test_nothing_is_due_before_it_is_issued():
    page: list[Placed] = [
        (40, 40, "Northwind Supplies Ltd"), (400, 40, "INVOICE"), (340, 70, "Rechnung"), (460, 70, "NW-2024-0815"),
        (340, 98, "05.04.2024"), (460, 98, "05.03.2024"), (340, 84, "Due"), (40, 300, "Total"), (480, 300, "199.20"),
    ]  # fmt: skip
    fields = {"invoice_date": {"type": "date"}, "due_date": {"type": "date"}}
    found = extract([source(page)], parse_schema({"groups": {"invoice": {"fields": fields}}})).data["invoice"]
    assert found == {"invoice_date": "2024-03-05", "due_date": "2024-04-05"}


def _texts(paper):
    return sorted(s.text for s in view_of(paper).segments)


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("Buyer Jennifer Moore", "Jennifer Moore"),
        ("Ansprechpartner Harald Ackermann", "Harald Ackermann"),
        ("T. Jessup", "T. Jessup"),
        ("Jennifer Moore", "Jennifer Moore"),
    ],
)
def test_what_a_person_is_called_is_no_part_of_the_name(line: str, given: str):
    schema = parse_schema({"groups": {"order": {"fields": {"contact_person": {"type": "string"}}}}})
    scene = scene_of(document([(40, 40, "Purchase order"), (40, 60, line)]))
    query = query_of(("order", "contact_person"), schema.groups[0].fields[0], "order")
    number = next(i for i, c in enumerate(scene.candidates) if c.text == line)
    offered = Offer(0, number, 0.8, line, (0, scene.candidates[number].pieces))
    assert [o.value for o in whole(scene, Memory(scene, ()), query, [offered])] == [given]
