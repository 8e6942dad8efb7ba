"""Sketched documents for training: words at places, with the truth, no file behind them.

Much cheaper than rendered documents and therefore many: letters and invoices in seven languages,
receipts, forms with arbitrary labels, and agreements in prose. A sketch is made from its seeds alone.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from corpus import document_of, schema_json_of

from fieldproof.core.document import ParsedDocument
from fieldproof.core.schema import Schema, parse_schema
from fieldproof.extraction.lexicon import LEXICON

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
KINDS = (
    "receipt", "form", "agreement", "receipt", "business", "form", "receipt", "booking", "agreement", "form", "receipt",
    "booking", "form", "form",
)  # fmt: skip

GIVEN = [
    "Anna",
    "Paul",
    "Maria",
    "John",
    "Lena",
    "Tom",
    "Clara",
    "Hugo",
    "Sofia",
    "Marco",
    "Julia",
    "Pedro",
    "Emma",
    "Luis",
    "Nina",
    "Carlos",
    "Eva",
    "Jan",
    "Sara",
    "David",
    "Ines",
    "Peter",
    "Laura",
    "Hans",
    "Rita",
    "Karl",
    "Amy",
    "Omar",
    "Wei",
    "Priya",
    "Ahmad",
    "Siti",
    "James",
    "Linda",
    "Robert",
    "Karen",
]
FAMILY = [
    "Weber",
    "Martin",
    "Rossi",
    "Garcia",
    "Jansen",
    "Silva",
    "Smith",
    "Brown",
    "Keller",
    "Dubois",
    "Ferrari",
    "Lopez",
    "Visser",
    "Costa",
    "Taylor",
    "Wagner",
    "Moreau",
    "Bianchi",
    "Torres",
    "Bakker",
    "Santos",
    "Walker",
    "Fischer",
    "Laurent",
    "Romano",
    "Navarro",
    "Mulder",
    "Almeida",
    "Tan",
    "Lim",
    "Wong",
    "Kumar",
    "Hassan",
    "Novak",
    "Berg",
    "Stone",
    "Hill",
    "Parker",
    "Estrin",
]
STEMS = [
    "Nord",
    "Alpha",
    "Blue",
    "Star",
    "Green",
    "Field",
    "River",
    "Stein",
    "Hof",
    "Lumen",
    "Delta",
    "Orion",
    "Terra",
    "Vista",
    "Prime",
    "Global",
    "Metro",
    "Union",
    "Royal",
    "Sun",
    "Mega",
    "Eco",
    "Tech",
    "Data",
    "Solar",
    "Inno",
    "Press",
    "Home",
    "Craft",
    "Trans",
    "Medi",
    "Agro",
    "Auto",
    "Bau",
    "Fein",
    "Print",
    "Net",
    "Soft",
    "Logi",
    "Pharma",
    "Golden",
    "Silver",
    "Ocean",
    "Summit",
    "Maple",
    "Cedar",
]
TRADES = {
    "en": "Supplies Trading Services Consulting Foods Logistics Design Systems Media Hardware Books Stationery Restaurant Electronics",
    "de": "Handel Technik Bau Möbel Beratung Logistik Elektro Großhandel Verlag Spedition Versicherung Druck",
    "fr": "Conseil Services Distribution Batiment Transport Edition Informatique Traiteur", "es": "Servicios Comercial Suministros Transportes Consultores Alimentación",
    "my": "Mart Trading Hardware Stationery Pharmacy Bakery Bookstores Supplies Motor Seafood Cafe Minimarket Bistro Electrical Furniture Engineering",
    "it": "Servizi Forniture Trasporti Consulenza Edilizia Alimentari", "nl": "Handel Techniek Advies Transport Bouw Diensten", "pt": "Serviços Comércio Transportes Consultoria Materiais",
}  # fmt: skip
LEGAL = {
    "en": ["Ltd", "LLC", "Inc.", "PLC", "Limited", "Corp.", "", ""], "my": ["SDN BHD", "SDN. BHD.", "ENTERPRISE", "(M) SDN BHD", "TRADING", "S/B", "CO. (M) SDN BHD", ""],
    "de": ["GmbH", "AG", "GmbH & Co. KG", "e.K.", "OHG", "KG", ""], "fr": ["SARL", "SAS", "SA", "EURL", ""], "es": ["S.L.", "S.A.", "SL", ""],
    "it": ["S.r.l.", "S.p.A.", "S.n.c.", ""], "nl": ["B.V.", "BV", "V.O.F.", ""], "pt": ["Lda", "S.A.", "Unipessoal Lda", ""],
}  # fmt: skip
CITIES = {
    "en": "London Bristol Leeds Oxford Denver Austin Portland Springfield Boston Fairview", "de": "Berlin München Hamburg Köln Leipzig Musterstadt Frankfurt Stuttgart Wien Bad Homburg",
    "fr": "Paris Lyon Lille Nantes Bordeaux Toulouse Rennes", "es": "Madrid Sevilla Valencia Bilbao Zaragoza Granada", "it": "Roma Milano Torino Bologna Napoli Verona",
    "nl": "Amsterdam Utrecht Rotterdam Eindhoven Groningen Leiden", "pt": "Lisboa Porto Braga Coimbra Faro Aveiro", "my": "JOHOR BAHRU|KUALA LUMPUR|SHAH ALAM|KLANG|SKUDAI|PETALING JAYA|SUBANG JAYA|IPOH",
}  # fmt: skip
STATES_MY = ("JOHOR", "SELANGOR", "PERAK", "WILAYAH PERSEKUTUAN", "SELANGOR DARUL EHSAN", "", "")
PRODUCTS = [
    "Oak board",
    "Steel bolt M8",
    "Toner cartridge",
    "Consulting hours",
    "Coffee beans 1kg",
    "Desk lamp",
    "Web hosting",
    "Paper A4",
    "Cable 5m",
    "Chair grey",
    "Spring water",
    "Paint white",
    "Garden hose",
    "Fresh milk",
    "USB hub",
    "Notebook",
    "Training day",
    "Nasi goreng",
    "Iced tea",
    "Battery AA",
]
WORDS = [
    "sample",
    "quality",
    "test",
    "report",
    "product",
    "filter",
    "status",
    "market",
    "region",
    "store",
    "account",
    "program",
    "request",
    "display",
    "retail",
    "brand",
    "test",
    "menthol",
    "carton",
    "promotion",
    "budget",
    "review",
    "material",
    "analysis",
    "volume",
    "result",
    "schedule",
    "approval",
    "cost",
    "comment",
    "project",
    "type",
    "method",
    "weight",
    "length",
    "pressure",
    "content",
    "target",
    "group",
    "period",
    "level",
    "source",
    "size",
    "code",
    "class",
    "unit",
    "list",
    "plan",
    "name",
    "team",
    "shift",
    "room",
    "model",
    "color",
    "site",
    "phase",
    "batch",
    "grade",
    "form",
    "lot",
]
PLACES = [
    "Delaware",
    "New York",
    "California",
    "Texas",
    "Oregon",
    "Florida",
    "Nevada",
    "Illinois",
    "Massachusetts",
    "Washington",
    "New Jersey",
    "Ohio",
    "Georgia",
    "Minnesota",
    "Ontario",
    "England",
    "Israel",
    "North Carolina",
    "Colorado",
    "Utah",
    "Virginia",
    "Pennsylvania",
    "Indiana",
]


@dataclass(frozen=True)
class Sketch:
    """One sketched document. Documents with the same ``layout`` look alike."""

    layout: int
    copy: int
    dataset: str = "sketch"

    @property
    def family(self) -> str:
        return f"sketch:{self.layout}"

    @cached_property
    def drawn(self) -> Paper:
        style = random.Random(f"layout {self.layout}")
        kind = KINDS[self.layout % len(KINDS)]
        paper = Paper(style, random.Random(f"copy {self.layout} {self.copy}"), style.choice(LANGUAGES))
        {"business": business, "receipt": receipt, "form": form, "agreement": agreement, "booking": booking}[kind](
            paper
        )
        return paper

    @property
    def document(self) -> ParsedDocument:
        return document_of(
            {"pages": [{"page": 1, "width": self.drawn.width, "height": self.drawn.height, "words": self.drawn.words}]}
        )

    @property
    def expected(self) -> dict[str, Any]:
        return {"fields": self.drawn.fields, "lists": self.drawn.lists}

    @property
    def schema(self) -> Schema:
        return parse_schema(
            schema_json_of({"groups": [{"name": n, "fields": f} for n, f in self.drawn.groups.items()]})
        )


@dataclass
class Paper:
    """``style`` is fixed for a layout, ``luck`` for one document."""

    style: random.Random
    luck: random.Random
    language: str
    width: float = 595.0
    height: float = 842.0
    size: float = 9.0
    words: list[list[Any]] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def write(
        self, x: float, y: float, text: str, size: float | None = None, right: bool = False, centre: bool = False
    ) -> list[float]:
        """Writes one run of words; its box as fractions."""
        size = size or self.size
        widths = [_width(w, size) for w in text.split()]
        gap = 0.28 * size
        total = sum(widths) + gap * max(0, len(widths) - 1)
        x = x - total if right else x - total / 2 if centre else x
        left = x
        for word, width in zip(text.split(), widths, strict=True):
            self.words.append(
                [word, x / self.width, y / self.height, min(1.0, (x + width) / self.width), (y + size) / self.height]
            )
            x += width + gap
        return [left / self.width, y / self.height, min(1.0, (left + total) / self.width), (y + size) / self.height]

    def ask(
        self, path: str, kind: str, value: Any, boxes: list[list[float]] | None = None, description: str | None = None
    ) -> None:
        group, name = path.split(".")
        known = self.groups.setdefault(group, [])
        if not any(f["name"] == name for f in known):
            known.append({"name": name, "type": kind, "description": description})
        boxes = boxes or []
        around = (
            [[min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]]
            if boxes
            else []
        )
        before = self.fields.get(path)
        sources = [{"page": 1, "bbox": b} for b in around] + (before or {}).get("sources", [])
        self.fields[path] = {
            "type": kind,
            "value": value if value is not None else (before or {}).get("value"),
            "sources": sources,
        }

    def called(self, concept: str) -> str:
        """What this layout calls a concept."""
        language = LANGUAGES.index(self.language)
        alias = self.style.choice(LEXICON.spoken[LEXICON.index[concept]][language])
        form = self.style.random()
        return alias.upper() if form < 0.2 else alias.title() if form < 0.5 else alias[:1].upper() + alias[1:]


def _width(word: str, size: float) -> float:
    return size * sum(0.32 if c in "il.,:;'|/ " else 0.66 if c.isupper() or c in "mw" else 0.5 for c in word)


# What stands in documents


def company(r: random.Random, language: str) -> str:
    trade = r.choice(TRADES.get(language, TRADES["en"]).split())
    stem = r.choice(STEMS) + r.choice(["", "", r.choice(STEMS).lower()])
    name = r.choice(
        [
            f"{stem} {trade}",
            f"{stem} {trade}",
            r.choice(FAMILY) + f" {trade}",
            stem,
            f"{r.choice(FAMILY)} & {r.choice(FAMILY)}",
            f"{r.choice(GIVEN)} {r.choice(FAMILY)} {trade}",
        ]
    )
    if language == "my" and r.random() < 0.35:  # what shops are called that show no legal form
        return _shop(r).upper()
    full = f"{name} {r.choice(LEGAL[language])}".strip()
    return full.upper() if language == "my" or r.random() < 0.08 else full


def _shop(r: random.Random) -> str:
    stem = f"{r.choice(FAMILY)} {r.choice(STEMS)}" if r.random() < 0.5 else r.choice((*FAMILY, *STEMS))
    trade = r.choice(TRADES["my"].split())
    return r.choice(
        [
            f"{r.choice(('Kedai', 'Restoran', 'Perniagaan', 'Syarikat', 'Klinik', 'Pasaraya'))} {stem}", f"{stem} {trade}",
            f"{stem} Cash & Carry", f"{stem} Service Station", f"{r.randint(2, 999)} {r.choice(STEMS)} {trade} S/B",
            f"{stem} {trade} & {r.choice(TRADES['my'].split())}", f"{stem} {trade} SB", f"The {stem}", stem,
        ]
    )  # fmt: skip


def person(r: random.Random) -> str:
    return f"{r.choice(GIVEN)} {r.choice(FAMILY)}"


def address(r: random.Random, language: str) -> tuple[str, str, str, list[str]]:
    """street, postcode, city, and the lines as written."""
    cities = CITIES[language].split("|" if language == "my" else " ")
    city, number = r.choice(cities), r.choice([r.randint(1, 99), r.randint(1, 999)])
    name = r.choice(FAMILY)
    code = f"{r.randint(10000, 98999)}"
    if language == "en":
        street = f"{number} {name} {r.choice(['Street', 'Road', 'Ave', 'Lane', 'Blvd', 'Drive', 'St.'])}"
        if r.random() < 0.5:
            code = f"{r.choice(['BS', 'LS', 'OX', 'SW', 'EC'])}{r.randint(1, 20)} {r.randint(1, 9)}{r.choice('ABDEFG')}{r.choice('HJLNP')}"
            return street, code, city, [street, f"{city} {code}" if r.random() < 0.5 else f"{city}, {code}"]
        return street, code, city, [street, f"{city}, {r.choice(['CA', 'TX', 'NY', 'OR', 'MA'])} {code}"]
    if language == "my":
        street = f"{r.choice(['NO. ', 'NO ', '', 'LOT '])}{number}, JALAN {r.choice(FAMILY).upper()} {r.randint(1, 30)}{r.choice(['', '/' + str(r.randint(1, 9))])},"
        town = f"TAMAN {r.choice(STEMS).upper()} {r.choice(STEMS).upper()},"
        state = r.choice(STATES_MY)
        last = [
            f"{code} {city}{', ' + state if state and r.random() < 0.6 else ''}",
            *([state] if state and r.random() < 0.3 else []),
        ]
        return street, code, city, [street, *([town] if r.random() < 0.7 else []), *last]
    street = {
        "de": f"{name}{r.choice(['straße', 'str.', 'weg', 'allee', 'platz', 'gasse'])} {number}", "fr": f"{number} {r.choice(['rue', 'avenue', 'place', 'bd'])} {name}",
        "es": f"{r.choice(['Calle', 'Avenida', 'Plaza', 'C/'])} {name} {number}", "it": f"{r.choice(['Via', 'Viale', 'Piazza', 'Corso'])} {name} {number}",
        "nl": f"{name}{r.choice(['straat', 'laan', 'weg', 'gracht'])} {number}", "pt": f"{r.choice(['Rua', 'Avenida', 'Travessa'])} {name} {number}",
    }[language]  # fmt: skip
    if language == "nl":
        code = f"{r.randint(1000, 9999)} {r.choice('ABCDE')}{r.choice('KLMNP')}"
    if language == "pt":
        code = f"{r.randint(1000, 8999)}-{r.randint(100, 999)}"
    prefix = {"de": "D-", "fr": "F-"}.get(language, "") if r.random() < 0.12 else ""
    lines = [street, f"{prefix}{code} {city}"]
    return street, code, city, lines


def day(r: random.Random) -> date:
    return date(2012, 1, 1) + timedelta(days=r.randint(0, 4500))


MONTH_NAMES = {
    "en": "January February March April May June July August September October November December", "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre", "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre", "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}  # fmt: skip


def date_form(style: random.Random, language: str) -> Callable[[date], str]:
    names = MONTH_NAMES[language].split()
    forms: list[Callable[[date], str]] = [
        lambda d: d.strftime("%d/%m/%Y"), lambda d: d.strftime("%d.%m.%Y"), lambda d: d.strftime("%Y-%m-%d"), lambda d: d.strftime("%d-%m-%Y"),
        lambda d: f"{d.day} {names[d.month - 1]} {d.year}", lambda d: d.strftime("%d/%m/%y"), lambda d: f"{d.day}. {names[d.month - 1]} {d.year}",
        lambda d: f"{names[d.month - 1]} {d.day}, {d.year}", lambda d: f"{names[d.month - 1][:3]} {d.day}, {d.year}", lambda d: d.strftime("%d-%b-%Y"),
    ]  # fmt: skip
    return style.choice(forms if language in ("en", "de") else forms[:6])


def money_form(style: random.Random, language: str) -> tuple[Callable[[float], str], str]:
    sign, code = style.choice([("$", "USD"), ("£", "GBP"), ("RM", "MYR")]) if language == "en" else ("€", "EUR")
    point = language == "en" or style.random() < 0.15
    place = style.choice(["", "", "before", "after", "code"])

    def write(v: float) -> str:
        text = f"{v:,.2f}" if point else f"{v:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
        return {"before": f"{sign}{text}", "after": f"{text} {sign}", "code": f"{code} {text}"}.get(place, text)

    return write, code


def number(style: random.Random) -> Callable[[random.Random], str]:
    form = style.choice(
        [
            "#####",
            "A-####",
            "AA####",
            "####/##",
            "AAA-####-###",
            "##-####",
            "A#####",
            "######",
            "########",
            "AA/##/####",
            "#### ####",
        ]
    )
    prefix = "".join(style.choice(string.ascii_uppercase) for _ in range(3))

    def make(r: random.Random) -> str:
        letters = iter(prefix)
        return (
            "".join(str(r.randint(0, 9)) if c == "#" else next(letters) if c == "A" else c for c in form).lstrip("0")
            or "17"
        )

    return make


# Kinds of documents

_IDS = (
    "invoice_number",
    "order_number",
    "customer_number",
    "po_number",
    "contract_number",
    "delivery_note_number",
    "reference",
    "project_number",
    "policy_number",
    "registration_number",
    "quote_number",
    "tax_number",
)
_DAYS = (
    "invoice_date",
    "due_date",
    "order_date",
    "delivery_date",
    "statement_date",
    "period_from",
    "period_to",
    "expiry_date",
    "effective_date",
)


def business(p: Paper) -> None:
    """A letter, invoice, order or note: letterhead, recipient, facts, items, sums, footer."""
    s, r = p.style, p.luck
    lang = p.language
    p.size = s.uniform(8, 10.5)
    seller_style = random.Random(s.random())
    seller = (company(seller_style, lang), address(seller_style, lang), _contact(seller_style, lang))
    buyer = (company(r, lang) if r.random() < 0.7 else person(r), address(r, lang))
    top = s.uniform(30, 60)
    on_right = s.random() < 0.45
    heading = s.choice([top, top + 190])
    party_names = s.choice(
        [("seller", "buyer"), ("supplier", "customer"), ("vendor", "client"), ("issuer", "recipient")]
    )
    line = p.size * s.uniform(1.2, 1.6)
    where = s.random()
    seller_x = p.width - s.uniform(180, 220) if on_right else s.uniform(36, 60)
    if where < 0.75:
        _party(
            p,
            seller,
            party_names[0],
            seller_x,
            top,
            line,
            p.called("seller") if s.random() < 0.15 else None,
            s.uniform(1.0, 1.8),
            bool(s.random() < 0.6),
        )
    else:
        box = p.write(seller_x, top, seller[0], p.size * s.uniform(1.2, 2))
        p.ask(f"{party_names[0]}.name", "string", seller[0], [box], f"Name of the {party_names[0]}")
    buyer_x = s.uniform(40, 60) if on_right or s.random() < 0.7 else 330
    buyer_y = top + s.uniform(90, 130) if s.random() < 0.8 else top
    if buyer_y < top + 80 and abs(buyer_x - seller_x) < 200:
        buyer_y = top + 110
    if s.random() < 0.4:
        joint = s.choice([" · ", " - ", ", ", " | "])
        p.write(buyer_x, buyer_y - 14, joint.join([seller[0], *seller[1][3]]), 6)
    _party(
        p,
        (*buyer, []),
        party_names[1],
        buyer_x,
        buyer_y,
        line,
        p.called("buyer") if s.random() < 0.55 else None,
        1.0,
        False,
    )
    if s.random() < 0.3:
        ship = (company(r, lang), address(r, lang), [])
        _party(p, ship, "ship_to", 330 if buyer_x < 200 else 50, buyer_y, line, p.called("ship_to"), 1.0, False)
    title = s.choice(
        [
            p.called("invoice_number").split()[0],
            "Rechnung",
            "INVOICE",
            "Factura",
            "Bestellung",
            "Purchase Order",
            "Delivery note",
            "Fattura",
            "Facture",
        ]
    )
    p.write(s.choice([50, 400]), heading + 6, title, p.size * 1.8)
    y = max(buyer_y + 6 * line, top + 200) + 10
    y = _facts(p, y, line)
    y = _table(p, y + 14, line)
    if where >= 0.75 or s.random() < 0.5:
        _footer(p, seller, party_names[0])


def _party(
    p: Paper, who: Any, role: str, x: float, y: float, line: float, label: str | None, larger: float, contacts: bool
) -> None:
    name, (street, code, city, lines), extra = who
    if label:
        p.write(x, y, label + p.style.choice(["", ":"]), p.size)
        y += line
    size = p.size * larger
    boxes = [p.write(x, y, name, size)]
    p.ask(f"{role}.name", "string", name, boxes, f"Name of the {role.replace('_', ' ')}")
    y += line * larger
    placed = []
    for text in lines:
        placed.append(p.write(x, y, text))
        y += line
    p.ask(
        f"{role}.street",
        "string",
        street.rstrip(","),
        [placed[0]],
        f"Street and number of the {role.replace('_', ' ')}",
    )
    p.ask(f"{role}.postcode", "string", code, None)
    p.ask(f"{role}.city", "string", city, None)
    p.fields[f"{role}.postcode"]["sources"] = p.fields[f"{role}.city"]["sources"] = [{"page": 1, "bbox": placed[-1]}]
    p.ask(f"{role}.address", "string", " ".join(lines), placed, f"Postal address of the {role.replace('_', ' ')}")
    for concept, text in extra if contacts else ():
        label_text = p.called(concept) if p.style.random() < 0.8 else ""
        start = p.write(x, y, f"{label_text}: " if label_text else "") if label_text else None
        left = start[2] * p.width + 0.3 * p.size if start else x
        box = p.write(left, y, text)
        p.ask(f"{role}.{concept}", "string", text, [box])
        y += line


def _contact(r: random.Random, lang: str) -> list[tuple[str, str]]:
    digits = "".join(str(r.randint(0, 9)) for _ in range(20))
    country = {"en": "GB", "my": "MY"}.get(lang, lang.upper())
    stem = re.sub(r"\W", "", r.choice(STEMS)).lower()
    found = [
        ("phone", r.choice([f"+{r.randint(30, 60)} {digits[:3]} {digits[3:10]}", f"0{digits[:3]} {digits[3:6]} {digits[6:10]}", f"0{digits[:2]}-{digits[3:10]}"])),
        ("email", f"{r.choice(['info', 'sales', 'office', 'billing'])}@{stem}.{r.choice(['com', 'de', 'net'])}"),
        ("vat_id", f"{country}{digits[:9]}" if lang != "es" else f"B{digits[:8]}"), ("iban", f"{country}{digits[:2]} {digits[2:6]} {digits[6:10]} {digits[10:14]} {digits[14:18]} {digits[18:20]}"),
        ("bic", f"{''.join(r.choice(string.ascii_uppercase) for _ in range(4))}{country}{r.choice(['2X', 'FF', 'MM', 'BB'])}{r.choice(['', 'XXX'])}"),
    ]  # fmt: skip
    return r.sample(found, r.randint(2, 5))


def _facts(p: Paper, y: float, line: float) -> float:
    s, r = p.style, p.luck
    form, make = date_form(s, p.language), number(s)
    chosen = (
        s.sample(_IDS, s.randint(1, 4))
        + s.sample(_DAYS, s.randint(1, 3))
        + ([s.choice(["person_name", "payment_terms"])] if s.random() < 0.4 else [])
    )
    s.shuffle(chosen)
    shape = s.choice(["left", "left", "colon", "above", "right"])
    x, gap, step = s.choice([50, 320, 340]), s.uniform(70, 130), s.uniform(85, 130)
    if shape == "above":
        x = 50
    for i, concept in enumerate(chosen):
        is_day = concept in _DAYS
        d = day(r)
        text = (
            form(d)
            if is_day
            else person(r)
            if concept == "person_name"
            else f"{r.choice([10, 14, 30, 60])} {s.choice(['days', 'Tage netto', 'jours', 'días', 'giorni'])}"
            if concept == "payment_terms"
            else make(r)
        )
        label = p.called(concept)
        missing = r.random() < 0.08
        if shape == "above":
            p.write(x + (i % 4) * step, y + (i // 4) * 3 * line, label)
            box = None if missing else p.write(x + (i % 4) * step, y + line + (i // 4) * 3 * line, text)
        elif shape == "colon":
            begin = p.write(x, y + i * line, label + ":")
            box = None if missing else p.write(begin[2] * p.width + p.size * 0.4, y + i * line, text)
        else:
            p.write(x, y + i * line, label + s.choice(["", ":"]))
            box = (
                None
                if missing
                else p.write(
                    x + (gap + 110 if shape == "right" else max(gap, _width(label, p.size) + 14)),
                    y + i * line,
                    text,
                    right=shape == "right" and gap > 90,
                )
            )
        value = None if missing else d.isoformat() if is_day else text
        p.ask(
            f"document.{concept}",
            "date" if is_day else "string",
            value,
            [box] if box else None,
            concept.replace("_", " ") if s.random() < 0.5 else None,
        )
    for concept in s.sample([c for c in (*_IDS, *_DAYS) if c not in chosen], 2):
        p.ask(f"document.{concept}", "date" if concept in _DAYS else "string", None)
    return y + (3 * line * ((len(chosen) + 3) // 4) if shape == "above" else len(chosen) * line)


def _table(p: Paper, y: float, line: float) -> float:
    s, r = p.style, p.luck
    write, code = money_form(s, p.language)
    edges = [50, 300, 390, p.width - s.uniform(40, 70)]
    for x, concept, right in zip(
        edges, ("description", "quantity", "unit_price", "line_amount"), (False, True, True, True), strict=True
    ):
        p.write(x + (50 if right and x != edges[-1] else 0), y, p.called(concept), right=right)
    net = 0.0
    for _ in range(r.randint(1, 8)):
        y += line
        count, price = r.randint(1, 20), round(r.uniform(1, 400), 2)
        net += count * price
        p.write(edges[0], y, r.choice(PRODUCTS))
        p.write(edges[1] + 50, y, str(count), right=True)
        p.write(edges[2] + 50, y, write(price), right=True)
        p.write(edges[3], y, write(round(count * price, 2)), right=True)
    net = round(net, 2)
    rate = s.choice([5, 6, 7, 10, 19, 20, 21, 22, 23])
    tax = round(net * rate / 100, 2)
    total = round(net + tax, 2)
    sums = [("net_total", net), ("tax_total", tax), ("total", total)]
    if s.random() < 0.2:
        sums.insert(1, ("shipping", 0.0))
    if s.random() < 0.25:
        sums += [("paid", round(total * 0.3, 2)), ("amount_due", round(total - round(total * 0.3, 2), 2))]
    x = s.choice([edges[2] - 30, 330, 50 if s.random() < 0.2 else 360])
    y += line
    for concept, value in sums:
        y += line * 1.1
        label = (
            p.called(concept)
            + (f" {rate}%" if concept == "tax_total" and s.random() < 0.6 else "")
            + s.choice(["", ":"])
        )
        p.write(x, y, label)
        box = p.write(edges[3], y, write(value), right=True)
        p.ask(f"totals.{concept}", "number", value, [box])
    p.ask("totals.discount", "number", None)
    shown = write(1.0)
    if not re.fullmatch(r"[\d.,]+", shown) or s.random() < 0.3:
        if re.fullmatch(r"[\d.,]+", shown):
            p.write(x, y + 2 * line, f"{p.called('currency')}: {code}")
        p.ask("totals.currency", "string", code, None, "ISO currency code")
    return y


def _footer(p: Paper, seller: Any, role: str) -> None:
    s = p.style
    name, (street, code, city, lines), extra = seller
    y, size = p.height - s.uniform(50, 70), p.size * 0.8
    columns = [[name, *lines], [f"{p.called(c)}: {t}" for c, t in extra]]
    if s.random() < 0.5:
        box = p.write(p.width / 2, y, s.choice([" · ", " | ", " - ", ", "]).join([name, *lines]), size, centre=True)
        for key_, value in (("name", name), ("street", street), ("postcode", code), ("city", city)):
            p.ask(f"{role}.{key_}", "string", value, [box])
        columns = columns[1:]
        y += 11
    for i, texts in enumerate(columns):
        for k, text in enumerate(texts):
            box = p.write(50 + i * 190, y + k * 10, text, size)
            if len(columns) == 2 and i == 0:
                for key_, value in (("name", name), ("street", street), ("postcode", code), ("city", city)):
                    if value in text:
                        p.ask(f"{role}.{key_}", "string", value, [box])
            if text in [f"{p_}: {t}" for p_, t in extra] or i == len(columns) - 1:
                for concept, value in extra:
                    if text.endswith(value):
                        p.ask(f"{role}.{concept}", "string", value, [box])


def receipt(p: Paper) -> None:
    """A till slip: the shop centred on top, then day, lines, sums."""
    s, r = p.style, p.luck
    p.width, p.height, p.size = 230.0, 520.0, s.uniform(8, 10)
    lang = s.choice(["my", "my", "en", p.language])
    words = "en" if lang == "my" else lang
    p.language = words
    shop = random.Random(s.random())
    name, (_, _, _, lines), extra = company(shop, lang), address(shop, lang), _contact(shop, lang)
    line, y = p.size * s.uniform(1.15, 1.5), s.uniform(8, 30)
    is_centred = s.random() < 0.8
    x = p.width / 2 if is_centred else 12
    for text in _above_the_shop(p):
        p.write(x, y, text, centre=is_centred)
        y += line
    pieces = name.rsplit(" ", 2) if len(name) > 16 and s.random() < 0.4 else [name]
    named = []
    tail = f" ({r.randint(100000, 1300000)}-{s.choice('ABKTVWX')})" if s.random() < 0.2 else ""
    for text in [pieces[0], " ".join(pieces[1:])] if len(pieces) > 1 else [name]:
        named.append(p.write(x, y, text + tail, centre=is_centred))
        y += line
    path = s.choice(["receipt", "purchase", "slip"])
    p.ask(
        f"{path}.{s.choice(['company', 'merchant', 'store', 'seller', 'vendor'])}",
        "string",
        name,
        named,
        s.choice([None, "Name of the company that issued the receipt", "Store name"]),
    )
    if s.random() < 0.6:
        p.write(
            x,
            y,
            s.choice(["({}-{})", "CO. REG NO: {}-{}", "ROC NO. {}{}", "(Company No. {}-{})"]).format(
                r.randint(100000, 1300000), s.choice("ABKTVWX")
            ),
            centre=is_centred,
        )
        y += line
    if s.random() < 0.3 and len(lines) > 2:
        lines = [" ".join(lines[:2]), *lines[2:]]
    placed = []
    for text in lines:
        placed.append(p.write(x, y, text, centre=is_centred))
        y += line
    p.ask(
        f"{path}.address",
        "string",
        " ".join(lines),
        placed,
        s.choice([None, "Address of the company", "Full postal address"]),
    )
    for concept, text in extra[:2]:
        box = p.write(x, y, f"{p.called(concept)}: {text}", centre=is_centred)
        if s.random() < 0.5:
            p.ask(f"{path}.{concept}", "string", text, [box])
        y += line
    y = _receipt_facts(p, path, y + line * s.uniform(0, 1), line)
    _receipt_sums(p, path, y, line)


def _above_the_shop(p: Paper) -> list[str]:
    """What till slips print, or people write, over the name of the company: none of it is its name."""
    s, r = p.style, p.luck
    lines = []
    if r.random() < 0.25:
        lines.append(r.choice([person(r).upper(), f"{person(r)} {r.choice(FAMILY)}".upper(), person(r)]))
    if s.random() < 0.2:
        lines.append(s.choice(["RECEIPT", "*** COPY ***", "TAX INVOICE", "WELCOME", "CASH BILL", "WELCOME TO"]))
    if s.random() < 0.15:  # the brand, above the company that runs the shop
        lines.append(" ".join(s.sample(STEMS, 2)) if s.random() < 0.5 else s.choice(STEMS).upper())
    return lines


def _receipt_facts(p: Paper, path: str, y: float, line: float) -> float:
    s, r = p.style, p.luck
    form, make, d = date_form(s, p.language), number(s), day(r)
    clock = f"{r.randint(8, 21)}:{r.randint(10, 59)}" + s.choice(["", f":{r.randint(10, 59)}", " PM"])
    place = s.random()
    label = (
        s.choice(["Date", "DATE", "Date :", "Invoice Date :", "Bill Date:", "Datum", "Fecha", "Date/Time"])
        if place < 0.65
        else ""
    )
    for what in s.sample(["date", "number", "cashier", "title"], 4):
        if what == "date":
            start = p.write(12, y, label)[2] * p.width + 6 if label else (12 if place < 0.85 else 130)
            box = p.write(start, y, form(d) + (f" {clock}" if s.random() < 0.5 else ""))
            p.ask(f"{path}.date", "date", d.isoformat(), [box], s.choice([None, "Date of the receipt"]))
        elif what == "number":
            text = make(r)
            start = p.write(12, y, p.called("receipt_number") + s.choice([":", ""]))[2] * p.width + 6
            box = p.write(start, y, text)
            if s.random() < 0.5:
                p.ask(f"{path}.receipt_number", "string", text, [box])
        elif what == "cashier":
            p.write(12, y, f"{s.choice(['Cashier', 'Served by', 'Salesperson', 'Counter'])}: {r.choice(GIVEN)}")
        else:
            p.write(
                p.width / 2, y, s.choice(["TAX INVOICE", "CASH SALES", "RECEIPT", "INVOICE", "CASH BILL"]), centre=True
            )
        y += line
    return y


def _receipt_sums(p: Paper, path: str, y: float, line: float) -> None:
    s, r = p.style, p.luck
    write, _ = money_form(s, p.language)
    net = 0.0
    for _ in range(r.randint(1, 7)):
        count, price = r.randint(1, 5), round(r.uniform(0.5, 60), 2)
        net += count * price
        p.write(12, y, r.choice(PRODUCTS))
        if s.random() < 0.5:
            y += line
            p.write(20, y, f"{count} x {price:.2f}")
        p.write(p.width - 12, y, f"{count * price:.2f}", right=True)
        y += line
    net, rate = round(net, 2), s.choice([0, 6, 10, 20])
    tax = round(net * rate / 100, 2)
    exact = round(net + tax, 2)
    total = round(round(exact * 20) / 20, 2)
    paid = float(int(total / 10 + 1) * 10)
    # The sum before it was rounded is called a total too; what is to be paid comes after it.
    before = s.choice(
        ["Total", "Total Sales", "TOTAL INCL. GST", "Total (incl. tax)", "Sub Total", "Bill Total", "Total Amount"]
    )
    after = s.choice(
        [None, "Total Rounded", "Rounded Total (RM)", "NET TOTAL", "Grand Total", "Amount Due", "TOTAL PAYABLE"]
    )
    is_rounded = s.random() < 0.45
    shown = [
        ("net_total", None, net, 0.6),
        ("tax_total", None, tax, 0.6),
        ("", before, exact, 1.0 if is_rounded else 0.0),
        ("rounding", None, round(total - exact, 2), 0.85 if is_rounded else 0.0),
        ("total", after if is_rounded else None, total if is_rounded else exact, 1.0),
        ("paid", None, paid, 0.6),
        ("change", None, round(paid - total, 2), 0.6),
    ]
    for concept, name, value, chance in shown:
        if s.random() < chance:
            p.write(12 if s.random() < 0.7 else 60, y, (name or p.called(concept)) + s.choice(["", ":", " :"]))
            box = p.write(p.width - 12, y, write(value), right=True)
            if concept in ("net_total", "tax_total", "total"):
                p.ask(
                    f"{path}.{concept}",
                    "number",
                    value,
                    [box],
                    "Total amount payable" if concept == "total" and s.random() < 0.5 else None,
                )
            y += line * s.choice([1, 1, 1.4])
    if s.random() < 0.4:
        y += line
        p.write(12, y, "GST Summary")
        p.write(p.width - 90, y, f"{net:.2f}", right=True)
        p.write(p.width - 12, y, f"{tax:.2f}", right=True)


def form(p: Paper) -> None:
    """Arbitrary labels with answers beside or below them, in one to three columns or one after another; many are left open."""
    s, r = p.style, p.luck
    p.language = "en" if s.random() < 0.7 else p.language
    p.width, p.height, p.size = 610.0, 790.0, s.uniform(8.5, 12)
    line, y = p.size * s.uniform(1.4, 2.4), 60.0
    p.write(p.width / 2, 30, " ".join(s.choice(WORDS).upper() for _ in range(3)), p.size * 1.3, centre=True)
    for text, x, at in _stamps(p):
        p.write(x, at, text)
    shape = s.choice(["left", "colon", "colon", "aligned", "above", "run", "mixed", "mixed", "mixed"])
    columns = 1 if shape == "run" else s.choice([1, 1, 2, 2, 3])
    wide, left = 540 / columns, 40.0
    open_share = r.choice([0.08, 0.25, 0.25, 0.5])
    below, row, labels = y, shape, []
    for i in range(s.randint(6, 26)):
        if shape == "run":
            if left > 40 and left > 400:
                left, y = 40.0, y + line
        elif i % columns == 0:
            y = max(below, y + line * (2 if shape == "above" else 1)) if i else y
            row = s.choice(["left", "colon", "colon", "aligned", "above"]) if shape == "mixed" else shape
        if y > 730:
            break
        x = left if shape == "run" else 40 + (i % columns) * wide
        shown = row if shape == "run" or s.random() < 0.85 else "colon"
        is_again = len(labels) > 2 and s.random() < 0.08  # "Approved by" twice, signed once
        label = s.choice(labels) if is_again else _form_label(s, p)
        labels.append(label)
        is_open = is_again or r.random() < open_share
        end, lower = _question(p, f"{label}{_colon(s, shown)}", label, shown, (x, y, line, wide), is_open=is_open)
        below = max(below, lower)
        left = end + p.size * s.uniform(0.8, 2.5)
        if s.random() < 0.06:  # a heading, or what to do: no label
            y = max(below, y) + line
            p.write(40, y, " ".join(s.choice(WORDS) for _ in range(s.randint(2, 8))).capitalize())
            left, y = 40.0, y + line
            below = y


def _colon(s: random.Random, shown: str) -> str:
    return ":" if shown in ("colon", "run") or s.random() < 0.5 else ""


def _stamps(p: Paper) -> list[tuple[str, float, float]]:
    """Numbers and words in the margins that answer nothing: (text, x, y)."""
    s, r = p.style, p.luck
    number = str(r.randint(10**7, 10**9))
    found = [
        (number, s.choice([500.0, 40.0, 280.0]), 770.0), (str(r.randint(10**7, 10**9)), 500.0, 12.0), (f"{s.choice(WORDS)} {s.choice(WORDS)}", 40.0, 770.0),
        (f"Page {r.randint(1, 3)} of 3", 480.0, 755.0), (r.choice(["CONFIDENTIAL", "COPY", "RECEIVED", person(r)]), 420.0, 44.0),
    ]  # fmt: skip
    return [one for one in found if s.random() < 0.4]


def _question(
    p: Paper, shown_label: str, label: str, shape: str, place: tuple[float, float, float, float], *, is_open: bool
) -> tuple[float, float]:
    """Writes one label with its answer, or without; where both end to the right and below."""
    s, r = p.style, p.luck
    x, y, line, wide = place
    kind = s.choice(
        ["words", "words", "number", "date", "person", "company", "long", "id", "measure", "boxes", "little", "codes"]
    )
    at = p.write(x, y, shown_label)
    end = at[2] * p.width
    name = "_".join(re.findall(r"\w+", label.lower())[:6]) or "entry"
    path, prompt = f"form.{name}", label if s.random() < 0.5 else None
    if kind == "boxes" and shape != "above":
        end = p.write(end + p.size, y, s.choice(["Yes No", "☐ Yes ☐ No", "[ ] A [ ] B"]))[2] * p.width
        p.ask(path, "string", None, None, prompt)
        return end, y + line
    if is_open:
        if s.random() < 0.3 and shape != "above":
            end = p.write(end + p.size * 0.5, y, "_" * s.randint(6, 18))[2] * p.width
        p.ask(path, "string", None, None, prompt)
        return end, y + line
    d = day(r)
    text = {
        "words": " ".join(r.choice(WORDS).title() for _ in range(r.randint(1, 3))), "number": str(r.randint(1, 5000)), "date": date_form(s, p.language)(d),
        "person": person(r), "company": company(r, "en"), "id": number(s)(r), "measure": f"{r.randint(1, 900)} {r.choice(['mm', 'g', '%', 'kg', 'days'])}",
        "long": " ".join(r.choice(WORDS) for _ in range(r.randint(5, 28))), "boxes": person(r),
        "little": r.choice(["x", "X", "None", "N/A", "Yes", "No", "0", "-0-", "X", str(r.randint(1, 99)), f"{r.randint(1, 100)}%", f"${r.randint(1, 900)}.00"]),
        "codes": " ".join(r.choice([w.upper(), w.title(), f"{w.upper()[:3]}-{r.randint(1, 99)}", f"#{r.randint(1, 999)}", f"({r.randint(1, 60)})", "&", "/"]) for w in r.sample(WORDS, r.randint(2, 4))),
    }[kind]  # fmt: skip
    left = {"above": x, "aligned": max(x + 250 * wide / 540, end + 8)}.get(shape, end + p.size * s.uniform(0.35, 1.6))
    top = y + (line if shape == "above" else 0)
    boxes, end, top = _answer(p, text, left, top, 560.0 if shape == "run" else x + wide - 10)
    p.ask(path, "string", text, boxes, prompt)
    return end, top


def _answer(p: Paper, text: str, left: float, y: float, right: float) -> tuple[list[list[float]], float, float]:
    """The answer in lines that stay left of ``right``; their boxes, the right end of the last and the y below."""
    boxes, rest = [], text.split()
    size = p.size * p.style.choice([1.0, 1.0, 1.0, 0.85, 1.15, 1.3])  # typed or written into a printed form
    lift = p.luck.choice([0.0, 0.0, 0.0, -0.15, 0.15]) * p.size
    while rest:
        count = 1
        while count < len(rest) and left + _width(" ".join(rest[: count + 1]), size) < right:
            count += 1
        boxes.append(p.write(left, y + lift, " ".join(rest[:count]), size))
        rest = rest[count:]
        y += p.size * 1.2
    return boxes, boxes[-1][2] * p.width, y


def _form_label(s: random.Random, p: Paper) -> str:
    if s.random() < 0.5:
        concept = s.choice(LEXICON.concepts).name
        return p.called(concept)
    label = " ".join(s.choice(WORDS) for _ in range(s.choice((1, 2, 2, 3, 3, 4, 6))))
    label = label.upper() if s.random() < 0.4 else label.title() if s.random() < 0.7 else label.capitalize()
    tail = s.choice(
        ["", "", "", "", "", "", " (s)", " (if any)", f" ({s.randint(1, 40)})", " No.", " #", " By", " Date", "?", " *"]
    )
    return s.choice(["", "", "", "", "", f"{s.randint(1, 20)}. ", f"{s.choice('ABCDEFG')}. "]) + label + tail


def booking(p: Paper) -> None:
    """A contract, an order or its bill for something that lasts: who, for whom, from when to when, its lines, gross and net."""
    s, r = p.style, p.luck
    p.language = "en"
    p.width, p.height, p.size = 612.0, 792.0, s.uniform(7.5, 10)
    line = p.size * s.uniform(1.25, 1.7)
    form, make = date_form(s, "en"), number(s)
    first = day(r)
    last = first + timedelta(days=r.choice((0, 4, 6, 6, 13, 27, 90)))
    write, _ = money_form(s, "en")
    p.write(
        s.choice([60.0, 270.0, 480.0]),
        24,
        s.choice(["CONTRACT", "ORDER", "INVOICE", "BOOKING CONFIRMATION", "INSERTION ORDER"]),
        p.size * 1.5,
    )
    y = 50.0
    shop, place = random.Random(s.random()), s.choice([40.0, 60.0])
    for text in [
        s.choice(["Remit to:", "Contract between:", ""]),
        company(shop, "en"),
        *address(shop, "en")[3],
        "",
        s.choice(["And:", "Bill to:", ""]),
    ]:
        if text:
            p.write(place, y, text)
        y += line
    agency = company(r, "en")
    box = p.write(place, y, agency)
    p.ask("booking.agency", "string", agency, [box], s.choice([None, "Agency that placed the order"]))
    for text in address(r, "en")[3]:
        y += line
        p.write(place, y, text)
    _booking_facts(p, (form, make), (first, last))
    y = max(y, 210.0) + 2 * line
    y, gross = _booking_lines(p, y, line, form, (first, last))
    cut = round(gross * 0.15, 2)
    rows = [("gross", gross), ("cut", cut), ("net", round(gross - cut, 2))] if s.random() < 0.65 else [("gross", gross)]
    names = {
        "gross": s.choice(["Gross Amount", "Gross Total", "Total", "Gross", "Order total", "Total Gross", "Totals", "Actual Gross Billing"]),
        "cut": s.choice(["Agency Commission", "Commission (15%)", "Less commission"]), "net": s.choice(["Net Amount", "Net Due", "Net amount due", "Total Net"]),
    }  # fmt: skip
    for what, value in rows:
        y += line
        p.write(340, y, names[what] + s.choice(["", ":"]))
        box = p.write(560, y, write(value), right=True)
        if what == "gross":
            p.ask(
                "booking.gross_amount",
                "number",
                value,
                [box],
                s.choice([None, "Gross amount: total before commission"]),
            )


def _booking_facts(
    p: Paper, writing: tuple[Callable[[date], str], Callable[[random.Random], str]], days: tuple[date, date]
) -> None:
    """Pairs of label and value right of the addresses, the period among other days and numbers."""
    s, r = p.style, p.luck
    (form, make), (first, last) = writing, days
    printed = first - timedelta(days=r.randint(1, 30))
    client, contract = (
        r.choice(
            [
                company(r, "en"),
                f"{person(r)} for {r.choice(['Mayor', 'Senate', 'Council'])}",
                f"Friends of {person(r)}",
                f"{r.choice(STEMS)} {r.choice(PRODUCTS).title()}",
            ]
        ),
        make(r),
    )
    prompts = {
        "contract_number": "Contract, order or invoice number", "advertiser": "Advertiser: company or campaign that the order is for", "customer": "Client that the booking is for",
        "from": "First day of the flight", "to": "Last day of the flight",
    }  # fmt: skip
    prompts = prompts if s.random() < 0.6 else {}
    who = s.choice(["advertiser", "advertiser", "customer"])
    period = s.choice(
        [
            "Flight Dates",
            "Flight",
            "Contract Dates",
            "Order Flight",
            "Period",
            "Schedule Dates",
            "Dates",
            "Run dates",
            "Rental period",
        ]
    )
    facts = [
        ("number", s.choice(["Contract #", "Order #", "Contract Number", "Contract / Revision", "Invoice #"])), ("client", s.choice({"advertiser": ["Advertiser", "Advertiser Name"], "customer": ["Client", "Customer"]}[who])),
        ("period", period), ("Product", " ".join(r.sample(STEMS, 2))), (s.choice(["Print Date", "Date", "Invoice Date"]), form(printed)), ("Alt Order #", make(r)),
        ("Estimate #", str(r.randint(100, 9999))), ("Account Executive", person(r)), ("Original Date", form(printed)), ("Sales Office", s.choice(STEMS)), ("Invoice Period", "period2"),
        ("Agency Ref", str(r.randint(1000, 99999))), ("Advertiser Ref", str(r.randint(1000, 99999))), ("Client Code", make(r)), ("Special Handling", ""),
    ]  # fmt: skip
    kept = [f for f in facts if f[0] in ("number", "client", "period") or s.random() < 0.55]
    s.shuffle(kept)
    is_above, x, step = s.random() < 0.4, s.choice([250.0, 290.0]), p.size * s.uniform(1.4, 1.9)
    for i, (label, value) in enumerate(kept):
        left = x + (i % 2) * 165
        top = 52 + (i // 2) * step * (2 if is_above else 1)
        shown = {"number": value, "client": value, "period": period}.get(label, label)
        end = p.write(left, top, shown + ("" if is_above else s.choice(["", ":"])))[2] * p.width
        at, top = (left, top + step * 0.9) if is_above else (max(left + 62, end + 5), top)
        if label == "number":
            p.ask(
                "booking.contract_number",
                "string",
                contract,
                [p.write(at, top, contract)],
                prompts.get("contract_number"),
            )
        elif label == "client":
            p.ask(f"booking.{who}", "string", client, [p.write(at, top, client)], prompts.get(who))
        elif label == "period" or value == "period2":
            shift = timedelta(days=0 if label == "period" else r.randint(3, 12))
            one, two = _period(p, at, top, form, (first + shift, last + shift))
            if label == "period":
                names = s.choice(
                    [
                        ("flight_from", "flight_to"),
                        ("period_from", "period_to"),
                        ("start_date", "end_date"),
                        ("starts", "ends"),
                    ]
                )
                p.ask(f"booking.{names[0]}", "date", first.isoformat(), [one], prompts.get("from"))
                p.ask(f"booking.{names[1]}", "date", last.isoformat(), [two], prompts.get("to"))
        elif value:
            p.write(at, top, value)


def _period(
    p: Paper, x: float, y: float, form: Callable[[date], str], days: tuple[date, date]
) -> tuple[list[float], list[float]]:
    """Both days in a row, with something or nothing between; their boxes."""
    one = p.write(x, y, form(days[0]))
    mark = p.style.choice(["-", "-", "–", "to", "thru", ""])
    end = one[2] * p.width + 0.28 * p.size
    if mark:
        end = p.write(end, y, mark)[2] * p.width + 0.28 * p.size
    return one, p.write(end, y, form(days[1]))


def _booking_lines(
    p: Paper, y: float, line: float, form: Callable[[date], str], days: tuple[date, date]
) -> tuple[float, float]:
    """Lines with days of their own inside the period; the y below and their sum."""
    s, r = p.style, p.luck
    write, _ = money_form(s, "en")
    for x, text in (
        (40, "Line"),
        (70, "Start Date"),
        (140, "End Date"),
        (210, "Description"),
        (440, "Units"),
        (520, "Amount"),
    ):
        p.write(x, y, text)
    total, span = 0.0, (days[1] - days[0]).days
    is_inline = s.random() < 0.4
    for i in range(r.randint(1, 12)):
        y += line
        first = days[0] + timedelta(days=r.randint(0, span))
        last = first + timedelta(days=r.randint(0, (days[1] - first).days))
        amount = round(r.choice([25, 40, 110, 250, 900]) * r.randint(1, 9) * 1.0, 2)
        total += amount
        p.write(40, y, str(i + 1))
        if is_inline:
            p.write(70, y, f"{form(first)} to {form(last)}")
        else:
            p.write(70, y, form(first))
            p.write(140, y, form(last))
        p.write(230, y, f"{r.choice(PRODUCTS)} {r.choice(['6a-7a', 'M-F', ':30', ''])}")
        p.write(450, y, str(r.randint(1, 9)))
        p.write(560, y, write(amount), right=True)
    return y, round(total, 2)


def agreement(p: Paper) -> None:
    """Prose with the parties, the day, the law and the term somewhere in it."""
    s, r = p.style, p.luck
    p.language = "en"
    p.size = s.uniform(9, 11)
    one, two = company(r, "en"), r.choice([company(r, "en"), person(r)])
    d, law = day(r), r.choice(PLACES)
    years = r.choice([1, 2, 3, 5])
    count = {1: "one", 2: "two", 3: "three", 5: "five"}[years]
    unit = "year" + ("s" if years > 1 else "")
    when = s.choice(
        [
            f"{MONTH_NAMES['en'].split()[d.month - 1]} {d.day}, {d.year}",
            f"the {d.day}th day of {MONTH_NAMES['en'].split()[d.month - 1]}, {d.year}",
        ]
    )
    has_day, has_term = r.random() < 0.75, r.random() < 0.4
    opening = s.choice([
        'This Agreement (the "Agreement") is made and entered into {when} by and between {one}, a Delaware corporation (the "Company"), and {two} (the "Recipient").',
        'This Confidentiality Agreement is entered into {when} between {one}, having its principal office in {place}, and {two}, an individual residing in {place}.',
        'THIS NON-DISCLOSURE AGREEMENT is effective {when}, by and between {one} ("Discloser") and {two} ("Recipient") for the purpose of preventing disclosure.',
    ])  # fmt: skip
    texts = [
        opening.format(
            when=f"as of {when}" if has_day else "as of the date signed below", one=one, two=two, place=r.choice(PLACES)
        )
    ]
    middle = [
        "The receiving party shall hold all Confidential Information in strict confidence and shall not disclose it to any third party without prior written consent.",
        "Confidential Information does not include information that is or becomes publicly available through no fault of the receiving party.",
        f"Within {r.choice(['ten (10)', 'thirty (30)', 'five (5)'])} days of a written request the receiving party shall return all materials furnished hereunder.",
        s.choice(["This Agreement shall be governed by and construed in accordance with the laws of the State of {}.", "This Agreement is governed by the laws of {}, without regard to conflicts of laws.",
                  "The validity of this Agreement shall be determined under the laws of the State of {} and the parties submit to its courts."]).format(law),
        "If any provision is held invalid the remaining provisions shall continue in full force and effect.",
    ]  # fmt: skip
    for chance, text in (
        (
            0.5,
            "For a period of {} following termination of employment the Recipient shall not solicit any employee of the Company.",
        ),
        (0.5, "Either party may terminate this Agreement upon {} prior written notice to the other party."),
        (
            0.4,
            "The Recipient shall not, for {} from the date hereof, hire or solicit any person employed by the Company.",
        ),
        (0.3, "All materials shall be returned within {} after the written request of the Company."),
        (0.3, "The obligation of confidence shall survive any termination. The undersigned have executed this on {1}."),
        (0.3, "Payments unpaid for more than {} bear interest. The parties met on {} to discuss the Transaction."),
    ):
        if r.random() < chance:
            other = r.choice(
                [
                    "twelve (12) months",
                    "thirty (30) days",
                    "six months",
                    "two (2) years",
                    "ten business days",
                    "90 days",
                    "one year",
                ]
            )
            middle.append(text.format(other, day(r).strftime("%B %d, %Y")))
    if has_term:
        middle.append(
            s.choice(
                [
                    "This Agreement shall remain in effect for a period of {}.",
                    "The obligations hereunder shall expire {} from the date hereof.",
                    "The term of this Agreement is {} from the Effective Date.",
                    "This Agreement shall commence on the date first written above and continue for {}.",
                    "The confidentiality obligations of this Agreement shall terminate {} after the Effective Date.",
                    "Unless terminated earlier, this Agreement shall be in effect for a term of {}.",
                ]
            ).format(f"{count} ({years}) {unit}")
        )
    s.shuffle(middle)
    y = 50.0
    p.write(
        p.width / 2,
        y,
        s.choice(["NON-DISCLOSURE AGREEMENT", "CONFIDENTIALITY AGREEMENT", "MUTUAL AGREEMENT"]),
        p.size * 1.3,
        centre=True,
    )
    for text in texts + middle:
        y = _paragraph(p, text, y + p.size * 2.2)
    if r.random() < 0.5:  # the day of signing says nothing of when the contract begins
        signed = day(r).strftime(s.choice(["%B %d, %Y", "%m/%d/%Y"]))
        p.write(60, y + p.size * 3, f"By: {person(r)}")
        p.write(60, y + p.size * 4.5, f"{s.choice(['Date', 'Dated', 'Date signed'])}: {signed}")
    p.ask(
        "agreement.effective_date",
        "date",
        d.isoformat() if has_day else None,
        None,
        "Date on which the contract becomes effective",
    )
    p.ask("agreement.jurisdiction", "string", law, None, "State under whose law the contract is governed")
    p.ask("agreement.term", "string", f"{years} {unit}" if has_term else None, None, "Length of the contract")
    p.lists["agreement.party"] = {"type": "string", "values": [[one], [two]]}


def _paragraph(p: Paper, text: str, y: float) -> float:
    line = ""
    for word in text.split():
        if _width(line + word, p.size) > p.width - 130:
            p.write(60, y, line)
            y += p.size * 1.3
            line = ""
        line += word + " "
    p.write(60, y, line)
    return y
