"""Parts that business documents are made of: letterheads, parties, pairs of label and value, footers."""

from __future__ import annotations

from collections.abc import Sequence

from .draft import Draft
from .paper import Pen, Piece, Told, told
from .world import COUNTRY_NAMES, Party, without_legal_form

Pair = tuple[str, Sequence[Piece]]


def colour(d: Draft, name: str) -> tuple[float, float, float]:
    return d.style.choice(f"colour {name}", [(0, 0, 0), (0, 0, 0), (0.1, 0.2, 0.45), (0.6, 0.1, 0.1), (0.1, 0.4, 0.3), (0.35, 0.35, 0.35)])


def name_piece(d: Draft, who: Party, role: str, *, short: bool = False) -> Told:
    """The party's name; what people call it is right as well."""
    fact = d.text(f"{role}.name", who.name)
    bare = without_legal_form(who.name, who.locale)
    known = d.facts[f"{role}.name"]
    if bare and bare != who.name and bare not in known.accept:
        known.accept.append(bare)
    return told(bare, *fact.about) if short and bare else fact


def know_party(d: Draft, who: Party, role: str) -> None:
    """Facts of an address; they count where they are written."""
    place = who.place
    d.know(f"{role}.name", "string", who.name)
    d.know(f"{role}.street", "string", place.street)
    d.know(f"{role}.postcode", "string", place.postcode)
    d.know(f"{role}.city", "string", place.city)
    if place.region:
        d.know(f"{role}.state", "string", place.region)
    d.know(f"{role}.address", "string", place.text())


def shown_country(d: Draft, who: Party, role: str) -> str:
    if not d.style.chance(f"{role} country", 0.22):
        return ""
    return d.style.choice(f"{role} country name", COUNTRY_NAMES[who.place.country])


def address_lines(d: Draft, who: Party, role: str, *, with_name: bool = True) -> list[list[Piece]]:
    """Name and address, one row per line."""
    country = shown_country(d, who, role)
    if country:
        d.know(f"{role}.country", "string", country, *COUNTRY_NAMES[who.place.country], who.place.country)
    capitals = d.style.chance(f"{role} capitals", 0.08)
    joined = d.style.chance(f"{role} joined", 0.1)
    rows = who.place.lines(role, shows_country=country, in_capitals=capitals, joined=joined)
    if not with_name:
        return rows
    name = name_piece(d, who, role)
    if capitals:
        name = told(name.text.upper(), *name.about)
    first: list[list[Piece]] = [[name]]
    if who.is_company and d.style.chance(f"{role} contact line", 0.18):
        before = {"en": ("Attn: ", "Attention: ", "c/o ", ""), "de": ("z. Hd. ", "Herrn ", "Frau ", ""), "fr": ("À l'attention de ", "M. ", "")}.get(d.language, ("Att. ", ""))
        d.text(f"{role}.contact", who.contact)
        first.append([d.style.choice(f"{role} attn", before), told(who.contact, f"{role}.contact")])
    return first + rows


def contact_pairs(d: Draft, who: Party, role: str, name: str, kinds: Sequence[str], low: int, high: int) -> list[list[Piece]]:
    """Lines like "Tel. 030 / 123456" for some of the kinds."""
    values = {
        "phone": who.phone, "fax": who.fax, "email": who.email, "website": who.website, "vat_id": who.vat_id, "tax_number": who.tax_number, "register": who.register,
    }  # fmt: skip
    gap = d.style.choice(f"{name} contact gap", (": ", ": ", " ", ":", ". ", " : "))
    lines: list[list[Piece]] = []
    for kind in d.style.some(f"{name} contact kinds", list(kinds), low, high):
        piece = d.text(f"{role}.{kind}", values[kind])
        bare = kind in ("email", "website") and d.style.chance(f"{name} bare {kind}", 0.6)
        lines.append([piece] if bare else [d.label(kind) + gap, piece])
    return lines


def stack(d: Draft, x: float, y: float, rows: Sequence[Sequence[Piece]], pen: Pen, *, align: str = "left", leading: float | None = None, first: Pen | None = None) -> float:
    """Lines under one another; the y below."""
    step = leading or pen.leading * 1.05
    with d.paper.together():
        for i, row in enumerate(rows):
            use = first if first and i == 0 else pen
            d.paper.write(x, y, row, use, align=align)
            y += max(step, use.leading)
    return y


# Letterheads

HEADS = ("left", "left", "right", "center", "logo left", "logo right", "sidebar", "banner", "panel", "one line", "footer only", "in columns", "in columns")


def head_kind(d: Draft) -> str:
    return d.style.choice("head", HEADS)


def letterhead(d: Draft, who: Party, role: str = "seller") -> float:
    """Who writes, on top of the first page; the y below. Some layouts show it only elsewhere."""
    kind, s = head_kind(d), d.style
    top = s.between("head top", 24, 62)
    big = d.pen.but(size=s.between("head size", 11, 20), bold=s.chance("head bold", 0.8), colour=colour(d, "head"), narrow=1.0)
    small = d.pen.but(size=max(6.5, d.pen.size - s.between("head smaller", 0, 1.6)))
    know_party(d, who, role)
    contacts = contact_pairs(d, who, role, "head", ("phone", "fax", "email", "website", "vat_id", "tax_number", "register"), 0, 5)
    if kind in ("left", "right", "center"):
        at = {"left": d.margin, "right": d.right, "center": d.paper.width / 2}[kind]
        rows: list[Sequence[Piece]] = [*address_lines(d, who, role), *contacts]
        if s.chance("head contacts joined", 0.3) and contacts:
            rows = [*address_lines(d, who, role), _joined(contacts, "  ")]
        return stack(d, at, top, rows, small, align=kind, first=big) + 8
    if kind.startswith("logo"):
        return _logo_head(d, who, role, kind, top, small, contacts)
    if kind == "sidebar":
        x = d.paper.width - s.between("sidebar width", 120, 165)
        grey = small.but(colour=(0.35, 0.35, 0.35)) if s.chance("sidebar grey", 0.5) else small
        if s.chance("sidebar logo", 0.6):
            _emblem(d, x, top, who)
            top += 44
        stack(d, x, top, [*address_lines(d, who, role), *contacts], grey, leading=grey.leading * s.between("sidebar leading", 1.0, 1.5))
        return top + s.between("sidebar drop", 30, 70)
    if kind == "banner":
        height = s.between("banner height", 34, 70)
        fill = s.choice("banner fill", [(0.15, 0.2, 0.3), (0.2, 0.35, 0.55), (0.3, 0.3, 0.3), (0.5, 0.1, 0.15)])
        d.paper.box(0, 0, d.paper.width, height, thickness=0, fill=fill)
        d.paper.write(d.margin, height / 2 - big.size / 2, name_piece(d, who, role), big.but(colour=(1, 1, 1)))
        return stack(d, d.margin, height + 10, [*address_lines(d, who, role, with_name=False), *contacts], small) + 6
    if kind == "panel":
        return _side_panel(d, who, role, small, contacts)
    if kind == "one line":
        mark = s.choice("one line mark", (" • ", " - ", " | ", ", ", " · ", "  "))
        row: list[Piece] = [name_piece(d, who, role)]
        for line in who.place.lines(role):
            row += [mark, *line]
        for contact in contacts[:2]:
            row += [mark, *contact]
        with d.paper.together():
            end = d.paper.paragraph(d.margin, top, d.right - d.margin, row, small, align=s.choice("one line align", ("left", "center")))
        if s.chance("one line rule", 0.6):
            d.paper.line(d.margin, end + 2, d.right, end + 2)
        return end + 10
    if kind == "footer only" and s.chance("picture only", 0.5):
        _emblem(d, s.choice("emblem at", (d.margin, d.right - 90)), top, who)
        return top + 50
    return top


def _logo_head(d: Draft, who: Party, role: str, kind: str, top: float, small: Pen, contacts: list[list[Piece]]) -> float:
    """The name as a logo writes it, the address near it or nowhere."""
    s = d.style
    shown = name_piece(d, who, role, short=s.chance("logo short", 0.75))
    text = s.choice("logo letters", (str, str.upper, str.lower, str))(shown.text)
    face = Pen(s.choice("logo font", ("helvetica", "times", "helvetica")), s.between("logo size", 17, 34), True, s.chance("logo italic", 0.25), colour(d, "logo"), s.between("logo narrow", 0.8, 1.15))
    while face.width(text) > (d.right - d.margin) * 0.55 and face.size > 9:
        face = face.but(size=face.size - 2)
    is_right = kind == "logo right"
    d.paper.write(d.right if is_right else d.margin, top, told(text, *shown.about), face, align="right" if is_right else "left")
    below = top + face.leading + 2
    if s.chance("logo address", 0.6):
        with_name = s.chance("logo address name", 0.6)
        rows = [*address_lines(d, who, role, with_name=with_name), *contacts]
        opposite = s.chance("logo address opposite", 0.4)
        x = d.margin if is_right == opposite else d.right
        below = max(below, stack(d, x, top if opposite else below, rows, small, align="left" if x == d.margin else "right"))
    return below + 8


def _emblem(d: Draft, x: float, y: float, who: Party) -> None:
    """A picture: drawn, no words."""
    size = d.style.between("emblem", 28, 42)
    d.paper.box(x, y, x + size * 1.6, y + size, thickness=0, fill=d.style.choice("emblem fill", [(0.9, 0.5, 0.1), (0.1, 0.5, 0.7), (0.3, 0.3, 0.3), (0.7, 0.1, 0.2)]))
    d.paper.box(x + size * 0.3, y + size * 0.3, x + size * 1.3, y + size * 0.7, thickness=0, fill=(1, 1, 1))


def panel_width(d: Draft) -> float:
    return d.style.between("panel width", 105, 150) if head_kind(d) == "panel" else 0.0


def _side_panel(d: Draft, who: Party, role: str, small: Pen, contacts: list[list[Piece]]) -> float:
    s, white = d.style, small.but(colour=(1, 1, 1))
    wide = panel_width(d)
    d.paper.box(0, 0, wide, d.paper.height, thickness=0, fill=s.choice("panel fill", [(0.5, 0.5, 0.5), (0.2, 0.25, 0.35), (0.35, 0.2, 0.25)]))
    y = s.choice("panel at", (60.0, d.paper.height * 0.36))
    rows = [*address_lines(d, who, role), *contacts]
    fit = white
    while fit.size > 5 and max(fit.width("".join(p if isinstance(p, str) else p.text for p in row)) for row in rows) > wide - 18:
        fit = fit.but(size=fit.size - 0.4)
    stack(d, 12, y, rows, fit, first=fit.but(bold=True))
    if who.iban and s.chance("panel bank", 0.5):
        bank = [[d.label("bank")], [d.text(f"{role}.bank", who.bank)], ["IBAN"], [d.text(f"{role}.iban", who.iban)], ["BIC ", d.text(f"{role}.bic", who.bic)]]
        tiny = fit.but(size=min(fit.size, 5.4))
        stack(d, 12, d.paper.height - 110, bank, tiny)
    d.__dict__["margin"] = wide + s.between("panel gap", 18, 36)
    return 62.0


def _joined(rows: Sequence[Sequence[Piece]], mark: str) -> list[Piece]:
    out: list[Piece] = []
    for i, row in enumerate(rows):
        out += [mark, *row] if i else row
    return out


# Parties


def party_block(d: Draft, x: float, y: float, width: float, who: Party, role: str, heading: str | None, name: str) -> float:
    """An address with or without a heading above, beside or boxed; the y below."""
    s, pen = d.style, d.pen
    know_party(d, who, role)
    rows = address_lines(d, who, role)
    if s.chance(f"{name} ids", 0.35):
        rows += contact_pairs(d, who, role, name, ("phone", "email", "vat_id", "fax"), 1, 2)
    if s.chance(f"{name} numbers first", 0.12):
        rows = [*_numbers_of_party(d, role), *rows]
    rows = [r for row in rows for r in _fitted(row, pen, width - 6)]
    kind = s.choice(f"{name} heading", ("above", "above", "above", "boxed", "shaded", "beside", "underlined")) if heading else "none"
    bold = pen.but(bold=s.chance(f"{name} heading bold", 0.7))
    colon = s.choice(f"{name} colon", (":", ":", "", " :"))
    first = pen.but(bold=True) if s.chance(f"{name} name bold", 0.3) else None
    if kind == "beside" and heading:
        indent = bold.width(heading + ":") + 12
        d.paper.write(x, y, heading + colon, bold)
        return stack(d, x + indent, y, rows, pen, first=first)
    if kind in ("boxed", "shaded") and heading:
        fill = (0.78, 0.78, 0.78) if kind == "shaded" else None
        d.paper.box(x - 4, y - 3, x + width - 4, y + pen.leading + 3, fill=fill)
        d.paper.write(x, y, heading + colon, bold)
        end = stack(d, x, y + pen.leading + 8, rows, pen, first=first)
        d.paper.box(x - 4, y + pen.leading + 3, x + width - 4, end + 3)
        return end + 6
    if heading:
        d.paper.write(x, y, heading + colon, bold)
        if kind == "underlined":
            d.paper.line(x, y + pen.leading, x + width * 0.8, y + pen.leading)
        y += pen.leading * s.between(f"{name} heading gap", 1.1, 1.7)
    return stack(d, x, y, rows, pen, first=first, leading=pen.leading * s.between(f"{name} leading", 1.0, 1.5))


def _numbers_of_party(d: Draft, role: str) -> list[list[Piece]]:
    """Lines above the name of a party: the number of its place, and its number in the other one's books."""
    rows: list[list[Piece]] = [["GLN ", "".join(str(d.luck.randint(0, 9)) for _ in range(13))]]
    if role == "buyer" and "customer.number" not in d.facts:
        number = d.text("customer.number", f"{d.luck.randint(1000, 999999):06d}")
        rows.append([d.label("customer.number") + d.style.choice("own number colon", (": ", " ")), number])
    return rows if d.style.chance(f"{role} has gln", 0.6) else rows[1:]


def _fitted(row: Sequence[Piece], pen: Pen, width: float) -> list[list[Piece]]:
    from .paper import _wrapped

    return [line for line in _wrapped(list(row), pen, width, 0)] if width > 60 else [list(row)]


# Pairs of label and value

PAIR_KINDS = ("columns", "columns", "columns", "right", "right", "colon", "colon", "grid", "stacked", "underlined", "glued")
WIDE_PAIR_KINDS = ("header row", "header row", "open header row", "two columns", "three above")


def pairs(d: Draft, x: float, y: float, width: float, items: Sequence[Pair], name: str, kind: str | None = None) -> float:
    """Labels with their values in one of many arrangements; the y below."""
    s, pen = d.style, d.pen
    kind = kind or s.choice(f"{name} pairs", PAIR_KINDS if width < 330 else PAIR_KINDS + WIDE_PAIR_KINDS * 2)
    bold = pen.but(bold=s.chance(f"{name} label bold", 0.45))
    value_pen = pen.but(bold=s.chance(f"{name} value bold", 0.12))
    colon = s.choice(f"{name} colon", (":", ":", ":", "", "", " :", "."))
    step = pen.leading * s.between(f"{name} leading", 1.02, 1.55)
    texts = [label + ("" if label.endswith((".", "#", "°", ":")) and colon == "." else colon) for label, _ in items]
    if kind in ("header row", "open header row"):
        return _header_row(d, x, y, width, texts, items, bold, value_pen, is_ruled=kind == "header row", name=name)
    if kind == "two columns":
        half = (len(items) + 1) // 2
        a = pairs(d, x, y, width / 2 - 8, items[:half], name, "columns")
        b = pairs(d, x + width / 2 + 4, y, width / 2 - 8, items[half:], name, "columns")
        return max(a, b)
    if kind == "three above":
        return _above_in_columns(d, x, y, width, texts, items, bold, value_pen)
    if kind == "stacked":
        for text, (_, value) in zip(texts, items, strict=True):
            d.paper.write(x, y, text, bold.but(size=pen.size - s.between(f"{name} tiny", 0, 1.5)))
            y = d.paper.paragraph(x, y + step * 0.95, width, value, value_pen) + pen.size * s.between(f"{name} gap", 0.15, 0.7)
        return y
    if kind in ("colon", "glued"):
        gap = "" if kind == "glued" else s.choice(f"{name} blank", (" ", " ", "  "))
        for text, (_, value) in zip(texts, items, strict=True):
            if kind == "glued" and not text.endswith((":", ".", "#", "°")):
                gap = ":"
            if bold.bold and not pen.bold:
                end = d.paper.write(x, y, text, bold)
                d.paper.paragraph(x + end + pen.width(gap or " ") * 1.1, y, width, value, value_pen)
            else:
                d.paper.write(x, y, [text + gap, *value], value_pen)
            y += step
        return y
    label_width = max(bold.width(t) for t in texts) + s.between(f"{name} middle", 7, 26)
    if kind == "grid":
        label_width += 6
    if label_width > width * 0.7:
        return pairs(d, x, y, width, items, name, "colon")
    is_right = kind == "right"
    label_right = s.chance(f"{name} labels right", 0.15) and kind == "columns"
    for text, (_, value) in zip(texts, items, strict=True):
        top = y
        d.paper.write(x + label_width - 6 if label_right else x, y, text, bold, align="right" if label_right else "left")
        room = width - label_width
        y = d.paper.paragraph(x + label_width, y, room, value, value_pen, align="right" if is_right else "left")
        y = max(y, top + pen.leading) - pen.leading + step
        if kind == "grid":
            d.paper.box(x - 3, top - 2, x + width, y - 2, thickness=0.4)
            d.paper.line(x + label_width - 5, top - 2, x + label_width - 5, y - 2, thickness=0.4)
        if kind == "underlined":
            d.paper.line(x + label_width - 2, top + pen.size * 1.08, x + width, top + pen.size * 1.08, thickness=0.4)
    return y


def _header_row(d: Draft, x: float, y: float, width: float, texts: Sequence[str], items: Sequence[Pair], bold: Pen, pen: Pen, *, is_ruled: bool, name: str) -> float:
    """A one-row table: labels above, values below."""
    per_row = max(2, int(width // 88))
    align = d.style.choice(f"{name} cells", ("left", "center"))
    for at in range(0, len(items), per_row):
        group = items[at : at + per_row]
        each = width / len(group)
        tall = pen.leading * d.style.between(f"{name} cell", 1.15, 2.0)
        fill = (0.87, 0.87, 0.87) if d.style.chance(f"{name} fill", 0.4) else None
        if is_ruled:
            d.paper.box(x, y, x + width, y + tall, fill=fill)
            d.paper.box(x, y + tall, x + width, y + 2 * tall)
        for i, (_, value) in enumerate(group):
            left = x + i * each
            if is_ruled and i:
                d.paper.line(left, y, left, y + 2 * tall)
            spot = left + each / 2 if align == "center" else left + 4
            label_pen = bold
            while label_pen.size > 5.5 and label_pen.width(texts[at + i]) > each - 6:
                label_pen = label_pen.but(size=label_pen.size - 0.5)
            value_pen = pen
            text = "".join(p if isinstance(p, str) else p.text for p in value)
            while value_pen.size > 5.5 and value_pen.width(text) > each - 6:
                value_pen = value_pen.but(size=value_pen.size - 0.5)
            d.paper.write(spot, y + (tall - pen.size) / 2, texts[at + i], label_pen, align=align)
            d.paper.write(spot, y + tall + (tall - pen.size) / 2, value, value_pen, align=align)
        y += 2 * tall + 5
    return y


def _above_in_columns(d: Draft, x: float, y: float, width: float, texts: Sequence[str], items: Sequence[Pair], bold: Pen, pen: Pen) -> float:
    for at in range(0, len(items), 3):
        for i, (_, value) in enumerate(items[at : at + 3]):
            left = x + i * width / 3
            d.paper.write(left, y, texts[at + i], bold)
            d.paper.paragraph(left, y + pen.leading * 1.05, width / 3 - 8, value, pen)
        y += pen.leading * 2.7
    return y


# Footers


def footer(d: Draft, who: Party, role: str = "seller") -> float:
    """Small print at the bottom of the current page; the y where it starts."""
    s = d.style
    kind = s.choice("footer", ("none", "none", "line", "line", "columns", "columns", "columns", "bank"))
    if head_kind(d) in ("footer only",):
        kind = s.choice("footer must", ("line", "columns", "columns"))
    pen = d.pen.but(size=s.between("footer size", 5.8, 7.6), colour=s.choice("footer colour", [(0, 0, 0), (0.35, 0.35, 0.35)]))
    bottom = d.paper.height - s.between("footer bottom", 18, 40)
    if kind == "none":
        return bottom
    bank_rows = bank_lines(d, who, role)
    if kind == "line":
        mark = s.choice("footer mark", (" • ", " | ", " - ", "  ", ", "))
        rows: list[Sequence[Piece]] = [_joined([*address_lines(d, who, role, with_name=True)[:4]], mark)]
        rows.append(_joined(contact_pairs(d, who, role, "footer", ("phone", "fax", "email", "website", "vat_id", "register", "tax_number"), 2, 4), mark))
        if s.chance("footer bank", 0.4) and bank_rows:
            rows.append(_joined(bank_rows, mark))
        start = bottom - pen.leading * len(rows)
        for row in rows:
            with d.paper.together():
                end = d.paper.paragraph(d.margin, start, d.right - d.margin, row, pen, align="center")
            start = max(end, start + pen.leading)
        return bottom - pen.leading * len(rows) - 8
    if kind == "bank":
        if bank_rows:
            d.paper.write(d.margin, bottom - pen.leading, _joined(bank_rows, "   "), pen)
        return bottom - pen.leading - 8
    columns: list[list[list[Piece]]] = [address_lines(d, who, role), contact_pairs(d, who, role, "footer", ("phone", "fax", "email", "website"), 2, 4)]
    legal: list[list[Piece]] = contact_pairs(d, who, role, "footer legal", ("vat_id", "tax_number", "register"), 1, 3)
    if s.chance("footer director", 0.4):
        word = {"de": "Geschäftsführer: ", "fr": "Gérant : ", "nl": "Directeur: ", "it": "Amministratore: ", "es": "Administrador: "}.get(d.language, "Director: ")
        legal.append([word + who.contact])
    columns.append(legal)
    if bank_rows and s.chance("footer bank column", 0.75):
        columns.append(bank_rows)
    tall = max(len(c) for c in columns)
    start = bottom - pen.leading * 1.05 * tall
    if s.chance("footer rule", 0.6):
        d.paper.line(d.margin, start - 5, d.right, start - 5, thickness=0.4)
    each = (d.right - d.margin) / len(columns)
    fit = pen
    widest = max(pen.width("".join(p if isinstance(p, str) else p.text for p in row)) for c in columns for row in c)
    while fit.size > 4.6 and widest * fit.size / pen.size > each - 5:
        fit = fit.but(size=fit.size - 0.3)
    for i, column in enumerate(columns):
        stack(d, d.margin + i * each, start, column, fit)
    return start - 10


def bank_lines(d: Draft, who: Party, role: str) -> list[list[Piece]]:
    s = d.style
    rows: list[list[Piece]] = []
    gap = s.choice("bank gap", (": ", " ", ": ", ":"))
    if s.chance("bank name", 0.7):
        rows.append([*([d.label("bank") + gap] if s.chance("bank label", 0.5) else []), d.text(f"{role}.bank", who.bank)])
    if who.iban:
        written = " ".join(who.iban[i : i + 4] for i in range(0, len(who.iban), 4)) if s.chance("iban spaced", 0.6) else who.iban
        d.know(f"{role}.iban", "string", who.iban)
        rows.append([d.label("iban") + gap, told(written, f"{role}.iban")])
        if s.chance("bic", 0.8):
            rows.append([d.label("bic") + gap, d.text(f"{role}.bic", who.bic)])
    else:
        number = who.register.replace(" ", "")[-9:] + "01"
        rows.append([d.label("account.number") + gap, d.text(f"{role}.account", number)])
    return rows
