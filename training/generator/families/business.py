"""Invoices, credit notes, orders, quotes, delivery notes: letterhead, parties, pairs, items, totals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from .. import goods
from ..blocks import Pair, bank_lines, colour, footer, head_kind, letterhead, pairs, party_block, stack
from ..draft import Draft, draft
from ..paper import Pen, Piece, Told, told
from ..questions import Asked, Question, TableQuestion, ask, read_questions
from ..tables import Column, Filler, draw_table
from ..world import Party, party, stem2

TITLES = {
    "invoice": "Invoice|INVOICE|Tax Invoice|Commercial Invoice|Sales Invoice|TAX INVOICE = Rechnung|RECHNUNG|Handelsrechnung|Rechnung = Facture|FACTURE|Facture de vente = Factura|FACTURA|Factura de venta = Fattura|FATTURA|Fattura accompagnatoria = Factuur|FACTUUR|Verkoopfactuur = Fatura|FATURA|Factura|Fatura/Recibo",
    "credit": "Credit Note|CREDIT NOTE|Credit Memo|Credit = Gutschrift|Rechnungskorrektur|GUTSCHRIFT = Avoir|AVOIR|Note de crédit = Nota de crédito|Factura rectificativa|Abono = Nota di credito|NOTA DI CREDITO = Creditnota|Creditfactuur = Nota de crédito|NOTA DE CRÉDITO",
    "order": "Purchase Order|PURCHASE ORDER|Order|Purchase Order Form = Bestellung|BESTELLUNG|Auftrag = Bon de commande|BON DE COMMANDE|Commande = Pedido|Orden de compra|PEDIDO = Ordine d'acquisto|Ordine|ORDINE = Bestelling|Inkooporder|BESTELBON = Nota de encomenda|Ordem de compra|ENCOMENDA",
    "quote": "Quotation|Quote|Estimate|Proposal|PRO FORMA = Angebot|Kostenvoranschlag|ANGEBOT = Devis|DEVIS|Offre = Presupuesto|Oferta = Preventivo|Offerta = Offerte|OFFERTE = Orçamento|Proposta",
    "delivery": "Delivery Note|Packing Slip|Packing List|DELIVERY ORDER|Dispatch Note = Lieferschein|LIEFERSCHEIN|Packliste = Bon de livraison|BON DE LIVRAISON = Albarán|ALBARÁN|Nota de entrega = Documento di trasporto|DDT|Bolla di consegna = Pakbon|Leverbon|PAKBON = Guia de remessa|Guia de transporte",
    "confirmation": "Order Confirmation|ORDER CONFIRMATION|Sales Order|Order Acknowledgement = Auftragsbestätigung|AUFTRAGSBESTÄTIGUNG = Confirmation de commande|Accusé de commande = Confirmación de pedido = Conferma d'ordine|CONFERMA ORDINE = Orderbevestiging = Confirmação de encomenda",
}  # fmt: skip
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
_TITLE = {k: {lang: t.split("|") for lang, t in zip(_LANGUAGES, v.split(" = "), strict=True)} for k, v in TITLES.items()}

_PAY_BY = {
    "en": ["Please pay the total amount by {}.", "Payment is due on {}.", "Please transfer the amount by {} at the latest.", "Payable within 30 days, no later than {}, without deduction."],
    "de": ["Bitte überweisen Sie bis zum {}.", "Zahlbar bis {} ohne Abzug.", "Bitte überweisen Sie den Rechnungsbetrag bis spätestens {} auf unser Konto.", "Der Betrag ist fällig am {}."], "fr": ["Merci de régler avant le {}.", "À régler au plus tard le {}.", "Paiement à réception, au plus tard le {}."],
    "es": ["Rogamos efectúen el pago antes del {}.", "Vencimiento: {}."], "it": ["Si prega di pagare entro il {}.", "Pagamento entro il {}."], "nl": ["Gelieve te betalen vóór {}.", "Wij verzoeken u het bedrag voor {} over te maken."], "pt": ["Agradecemos o pagamento até {}.", "Pagar até {}."],
}  # fmt: skip
_TERMS = {
    "en": "Net 30|30 Days|Net 14 days|Due on receipt|2% 10, Net 30|15 Days|CIA|COD|Net 60|End of month", "de": "14 Tage netto|30 Tage netto|sofort rein netto|10 Tage 2 % Skonto|Zahlbar innerhalb von 14 Tagen rein netto|Vorkasse", "fr": "30 jours|30 jours fin de mois|Comptant|Virement 45 jours|À réception", "es": "30 días|Transferencia 30 días|Contado|Recibo 60 días",
    "it": "30 gg DF|Bonifico 30 giorni|Rimessa diretta|RIBA 60 GG FM", "nl": "30 dagen|14 dagen netto|Contant|30 dagen na factuurdatum", "pt": "30 dias|Pronto pagamento|60 dias|A prazo 30 dias",
}  # fmt: skip
_RATES = {"en-US": (8.25, 7.0, 6.0, 8.875, 10.0), "en-GB": (20.0, 20.0, 5.0), "en-MY": (6.0, 6.0, 10.0), "en-IN": (18.0, 12.0, 5.0), "de-DE": (19.0, 19.0, 7.0), "de-AT": (20.0, 10.0), "de-CH": (7.7, 8.1, 2.5), "fr-FR": (20.0, 10.0, 5.5), "es-ES": (21.0, 10.0), "es-MX": (16.0,), "it-IT": (22.0, 10.0, 4.0), "nl-NL": (21.0, 9.0), "nl-BE": (21.0, 6.0), "pt-PT": (23.0, 13.0, 6.0), "pt-BR": (12.0, 18.0)}


@dataclass(frozen=True)
class Kind:
    """What sets one kind of business document apart."""

    name: str
    number: str
    date: str
    writer: str
    other: str
    extras: tuple[str, ...]
    has_amounts: bool = True


KINDS = {
    "invoice": Kind("invoice", "invoice.number", "invoice.date", "seller", "buyer", ("invoice.due_date", "order.number", "customer.number", "delivery.date", "reference", "terms", "contact", "order.date", "delivery.number", "project", "currency", "period", "contract.number", "ship.method", "page")),
    "credit": Kind("credit", "credit.number", "invoice.date", "seller", "buyer", ("invoice.number", "customer.number", "reference", "order.number", "contact", "currency", "page")),
    "order": Kind("order", "order.number", "order.date", "buyer", "seller", ("delivery.date", "terms", "ship.method", "contact", "reference", "quote.number", "project", "currency", "seller.number", "page")),
    "quote": Kind("quote", "quote.number", "invoice.date", "seller", "buyer", ("valid.until", "customer.number", "reference", "contact", "terms", "delivery.date", "project", "currency")),
    "delivery": Kind("delivery", "delivery.number", "delivery.date", "seller", "buyer", ("order.number", "customer.number", "order.date", "ship.method", "reference", "contact", "packages", "weight"), False),
    "confirmation": Kind("confirmation", "order.number", "order.date", "seller", "buyer", ("delivery.date", "customer.number", "reference", "terms", "contact", "ship.method", "quote.number")),
}  # fmt: skip

_EXTRA_LABELS = {
    "valid.until": {"en": "Valid until|Expiry Date|Valid to|Offer valid until", "de": "Gültig bis|Angebot gültig bis", "fr": "Valable jusqu'au|Validité", "es": "Válido hasta|Validez", "it": "Valido fino al|Validità", "nl": "Geldig tot|Vervaldatum", "pt": "Válido até|Validade"},
    "seller.number": {"en": "Vendor No.|Supplier No.|Vendor ID", "de": "Lieferantennummer|Lieferanten-Nr.|Lief-Nr.", "fr": "N° fournisseur|Code fournisseur", "es": "Nº proveedor|Cód. proveedor", "it": "Cod. fornitore|Codice fornitore", "nl": "Leveranciersnr.|Crediteurnummer", "pt": "Nº fornecedor|Cód. fornecedor"},
    "packages": {"en": "Packages|No. of packages|Cartons", "de": "Pakete|Anzahl Kolli|Packstücke", "fr": "Colis|Nombre de colis", "es": "Bultos|Nº bultos", "it": "Colli|N. colli", "nl": "Colli|Aantal colli", "pt": "Volumes|Nº volumes"},
    "weight": {"en": "Weight (kg)|Gross weight|Total weight", "de": "Gewicht (kg)|Bruttogewicht", "fr": "Poids (kg)|Poids brut", "es": "Peso (kg)|Peso bruto", "it": "Peso (kg)|Peso lordo", "nl": "Gewicht (kg)|Brutogewicht", "pt": "Peso (kg)|Peso bruto"},
}  # fmt: skip


def make(kind_name: str, number: str, copy: int) -> Draft:
    """One document of this kind and layout."""
    d = draft(kind_name, number, copy)
    kind = KINDS[kind_name]
    writer = _writer(d)
    other = party(d.luck, _other_locale(d), is_company=d.lucky(0.8))
    _Sheet(d, kind, writer, other).draw()
    return d


def _writer(d: Draft) -> Party:
    """Most layouts belong to one firm; some are shared by several (a common program)."""
    from random import Random

    luck = d.luck if d.style.chance("shared layout", 0.3) else Random(d.layout)
    return party(luck, d.locale, is_company=d.style.chance("writer is a firm", 0.93))


def _other_locale(d: Draft) -> str:
    return d.locale if d.lucky(0.9) else d.luck.choice(["de-DE", "en-US", "fr-FR", "en-GB", "nl-NL", "it-IT"])


class _Sheet:
    """Draws one business document from top to bottom."""

    def __init__(self, d: Draft, kind: Kind, writer: Party, other: Party) -> None:
        self.d, self.kind, self.writer, self.other = d, kind, writer, other
        self.date = d.some_day()
        self.pairs: list[Pair] = []

    def draw(self) -> None:
        d, s = self.d, self.d.style
        self.know_times()
        y = letterhead(d, self.writer, self.kind.writer)
        title_first = s.chance("title first", 0.35) and head_kind(d) in ("right", "logo right", "sidebar", "footer only", "left")
        if title_first and head_kind(d) == "left":
            y = max(y, self.title(y))
        y = max(y, self.parties_and_meta(y, has_title=title_first and head_kind(d) != "left"))
        if s.chance("intro", 0.25):
            y = d.paper.paragraph(d.margin, y + 6, d.right - d.margin, d.label("intro"), d.pen) + 6
        self.floor = footer(d, self.writer, self.kind.writer)
        y = self.items(y + s.between("before items", 6, 22))
        if self.kind.has_amounts:
            y = self.totals(y + s.between("before totals", 2, 14))
        self.closing(y)
        self.marginalia()

    def know_times(self) -> None:
        d = self.d
        self.due = self.date + timedelta(days=d.luck.choice((7, 10, 14, 15, 20, 30, 30, 30, 45, 60)))
        self.delivery = self.date - timedelta(days=d.luck.choice((0, 0, 1, 2, 3, 5, 9))) if self.kind.name in ("invoice", "credit", "delivery") else self.date + timedelta(days=d.luck.randint(2, 40))

    # Head

    def title(self, y: float) -> float:
        d, s = self.d, self.d.style
        text = s.choice("title", _TITLE[self.kind.name][d.language])
        size = s.between("title size", 11, 26)
        pen = d.pen.but(size=size, bold=s.chance("title bold", 0.75), narrow=1.0, colour=colour(d, "title"))
        align = s.choice("title align", ("left", "left", "left", "right", "center"))
        at = {"left": d.margin, "right": d.right, "center": (d.margin + d.right) / 2}[align]
        manner = s.choice("title manner", ("alone", "alone", "alone", "number", "number", "sentence"))
        row: list[Piece] = [text]
        self.title_tells_number = manner != "alone"
        if manner != "alone":
            join = {"en": (" ", " No. ", " # ", " #"), "de": (" ", " Nr. ", " # ", " Nr.: "), "fr": (" N° ", " ", " n°"), "it": (" n. ", " N. ", " "), "es": (" nº ", " ", " n.º ")}.get(d.language, (" ", " nr. ", " nº "))
            row += [s.choice("title join", join), self.number_piece()]
        if manner == "sentence":
            join = {"en": (" dated ", " of ", " - "), "de": (" vom ", " vom ", " von "), "fr": (" du ", " en date du "), "it": (" del ", " del "), "es": (" de fecha ", " de "), "nl": (" van ", " d.d. "), "pt": (" de ", " de ")}[d.language]
            row += [s.choice("title date join", join), d.day(self.kind.date, self.date)]
        while pen.width("".join(p if isinstance(p, str) else p.text for p in row)) > d.right - d.margin and pen.size > 7:
            pen = pen.but(size=pen.size - 1)
        d.paper.write(at, y, row, pen, align=align)
        return y + pen.leading + s.between("after title", 3, 14)

    def number_piece(self) -> Told:
        return self.d.text(self.kind.number, self.document_number(self.kind.number))

    def document_number(self, concept: str) -> str:
        known = self.d.facts.get(concept)
        if known:
            return str(known.value)
        d = self.d
        n, year = d.luck.randint, self.date.year
        prefix = d.style.choice(f"prefix {concept}", ("INV", "RE", "FA", "F", "A", "IN", "", "", "", "", "R", "SI", "2", "VK", "CS", "Z")) if concept in ("invoice.number", "credit.number") else d.style.choice(f"prefix {concept}", ("PO", "B", "45", "", "", "", "SO", "BC", "A", "P", "DN"))
        form = d.style.choice(f"form {concept}", ("{p}-{y}-{n4}", "{p}{n5}", "{p}-{n5}", "{n6}", "{y}/{n4}", "{y}-{n3}", "{p}{y}{n5}", "{p}/{y}/{m}/{n4}", "{n4}", "{p}{m}/{y}/{n6}", "{n8}", "{n10}", "{p}-{d}/{n3}", "{p} {n5}", "{n5}-{n1}", "{p}{n4}-{n2}", "{n3}.{n1}", "{n2} {n3} {n3}", "{p}_{n6}", "{hex}-{n4}"))
        text = form.format(
            p=prefix, y=year, m=f"{self.date.month:02d}", d=self.date.strftime("%Y%m%d"), hex="".join(d.luck.choice("0123456789ABCDEF") for _ in range(8)),
            n1=n(1, 9), n2=f"{n(1, 99):02d}", n3=n(100, 999), n4=f"{n(1, 9999):04d}", n5=f"{n(1, 99999):05d}", n6=f"{n(1, 999999):06d}", n8=n(10**7, 10**8 - 1), n10=n(10**9, 10**10 - 1),
        )  # fmt: skip
        return text.strip("-/_ ")

    def meta_items(self) -> list[Pair]:
        d, s = self.d, self.d.style
        items: list[Pair] = []
        if not (getattr(self, "title_tells_number", False) and s.chance("number once", 0.6)):
            items.append((self.label(self.kind.number), [self.number_piece()]))
        if self.kind.date not in d.facts or not s.chance("date once", 0.7):
            items.append((d.label(self.kind.date), [d.day(self.kind.date, self.date)]))
        share = s.between("meta share", 0.1, 0.6)
        for concept in self.kind.extras:
            if s.chance(f"meta {concept}", share) and (s.chance(f"always {concept}", 0.75) or d.lucky(0.6)):
                items.append((self.label(concept), self.meta_value(concept)))
        return s.shuffled("meta order", items) if s.chance("meta shuffled", 0.3) else items

    def label(self, concept: str) -> str:
        d = self.d
        known = _EXTRA_LABELS.get(concept)
        return d.style.choice(f"label {concept}", known[d.language].split("|")) if known else d.label(concept)

    def meta_value(self, concept: str) -> list[Piece]:
        d, r = self.d, self.d.luck
        if concept == "invoice.due_date" or concept == "valid.until":
            return [d.day(concept, self.due)]
        if concept == "delivery.date":
            return [d.day(concept, self.delivery)]
        if concept == "order.date":
            return [d.day(concept, self.date - timedelta(days=r.randint(1, 40)))]
        if concept == "period":
            first = date(self.date.year, self.date.month, 1)
            last = first + timedelta(days=27)
            return [d.day("period.from", first), d.style.choice("period dash", (" - ", " – ", " / ")), d.day("period.to", last)]
        if concept == "terms":
            return [d.text("terms", r.choice(_TERMS[d.language].split("|")))]
        if concept == "contact":
            return [d.text("contact", (self.writer if d.lucky(0.7) else self.other).contact)]
        if concept == "currency":
            d.know("currency", "string", d.currency, d.money.symbol)
            return [told(d.currency, "currency")]
        if concept == "page":
            return ["1" + d.style.choice("page of", ("", "", " / 1", f" {d.label('of')} 1"))]
        if concept == "ship.method":
            return [d.text(concept, r.choice(["UPS Ground", "DHL Express", "DPD", "FedEx", "GLS", "EXW", "FOB", "DAP", "Best way", "Spedition", "TNT", "CIF", "Truck", "DPU"]))]
        if concept in ("reference", "project", "contract.number", "seller.number", "customer.number", "quote.number", "delivery.number"):
            return [d.text(concept, self.reference_text(concept))]
        if concept == "packages":
            count = r.randint(1, 40)
            d.know(concept, "integer", count)
            return [told(str(count), concept)]
        if concept == "weight":
            weight = round(r.uniform(1, 900), 1)
            d.know(concept, "number", weight)
            return [told(d.money.plain(weight, 1), concept)]
        return [d.text(concept, self.document_number(concept))]

    def reference_text(self, concept: str) -> str:
        r, s = self.d.luck, self.d.style
        n = r.randint
        forms = {
            "customer.number": [f"C{n(1000, 99999)}", f"{n(10000, 99999)}", f"CUST{n(100, 9999)}", f"K-{n(1000, 9999)}", f"{n(1, 999)}", f"{n(100000, 9999999)}", f"CL{n(1, 999):03d}", f"D{n(10, 99)}-{n(100, 999)}"],
            "project": [f"P-{n(100, 999)}", f"{stem2(r)} {n(2010, 2025)}", f"{n(20, 25)}-{n(100, 999)}", r.choice(["Neubau Halle 3", "Website relaunch", "Office move", "Villa Rosa", "Roof repair"])], "reference": [f"{n(1, 12):02d}/{n(2015, 2025)}", f"REF{n(1000, 99999)}", f"{r.choice('ABCDEFGH')}{r.choice('ABCDEFGH')}-{n(100, 999)}", f"{n(10**5, 10**7)}", f"{r.choice(['mh', 'tw', 'JS', 'ab'])}/{n(10, 99)}"],
        }.get(concept, [f"{n(1000, 999999)}", f"{r.choice('ABCKLQV')}{n(1000, 99999)}", f"{n(2010, 2025)}-{n(10, 9999)}"])  # fmt: skip
        return forms[int(s.number(f"reference form {concept}") * len(forms))]

    def parties_and_meta(self, y: float, *, has_title: bool) -> float:
        """Addresses and pairs side by side or under each other, title before, between or after."""
        d, s = self.d, self.d.style
        if has_title:
            y = self.title(y)
        wide = d.right - d.margin
        plan = s.choice("plan", ("address left", "address left", "address left", "address right", "meta across", "meta across", "meta below", "pairs above"))
        shows_ship = s.chance("ship to", 0.28) and self.kind.name != "credit"
        blocks = self.party_plan(shows_ship)
        each = min(wide / (len(blocks) + (plan in ("address left", "address right"))), wide * 0.46)
        y += s.between("before parties", 2, 30)
        title_between = not has_title and not hasattr(self, "title_tells_number") and s.chance("title between", 0.5)
        if not has_title and not hasattr(self, "title_tells_number") and not title_between:
            y = self.title(y)
        if title_between and plan in ("address left", "address right"):
            self.title_tells_number = False
        if plan == "pairs above":
            y = pairs(d, d.margin, y, wide, self.meta_items(), "meta") + 12
            y = self.addresses(blocks, d.margin, y, each)
        elif plan in ("meta across", "meta below"):
            y = self.addresses(blocks, d.margin, y, each) + 12
            if title_between:
                y = self.title(y)
            kind = s.choice("meta across kind", ("header row", "header row", "open header row", "two columns", "three above", "columns", "colon"))
            y = pairs(d, d.margin, y, wide, self.meta_items(), "meta", kind)
        else:
            meta_width = s.between("meta width", 165, 225)
            left = plan == "address left"
            each = min(each, (wide - meta_width - 14) / len(blocks))
            meta_x = d.right - meta_width if left else d.margin
            start = d.margin if left else d.margin + meta_width + 14
            lower = y + s.choice("meta lower", (0, 0, 0, 18, 40))
            a = self.addresses(blocks, start, y, each)
            b = pairs(d, meta_x, lower, meta_width, self.meta_items(), "meta")
            y = max(a, b) + 8
            if title_between:
                y = self.title(y)
        return y

    def party_plan(self, shows_ship: bool) -> list[tuple[Party, str, str | None]]:
        d, s, kind = self.d, self.d.style, self.kind
        heading = d.label(f"{kind.other}.block") if s.chance("other heading", 0.72) else None
        blocks: list[tuple[Party, str, str | None]] = [(self.other, kind.other, heading)]
        if head_kind(d) == "in columns":
            blocks.insert(0, (self.writer, kind.writer, d.label(f"{kind.writer}.block") if s.chance("writer heading", 0.75) else None))
        if shows_ship:
            where = self.other if s.chance("ship same", 0.35) else party(d.luck, self.other.locale, is_company=d.lucky(0.7))
            blocks.append((where, "ship", d.label("ship.block")))
        return blocks

    def addresses(self, blocks: list[tuple[Party, str, str | None]], x: float, y: float, each: float) -> float:
        d, s = self.d, self.d.style
        stacked = len(blocks) > 1 and (each < 130 or s.chance("parties stacked", 0.15))
        below = y
        if s.chance("return line", 0.25) and head_kind(d) != "in columns" and d.language == "de":
            place = self.writer.place
            tiny = d.pen.but(size=5.8)
            mark = s.choice("return mark", (" • ", " - ", ", ", " | ", " * "))
            row: list[Piece] = [told(self.writer.name, f"{self.kind.writer}.name"), mark, told(place.street, f"{self.kind.writer}.street"), mark, told(place.postcode, f"{self.kind.writer}.postcode"), " ", told(place.city, f"{self.kind.writer}.city")]
            d.paper.write(x, y, row, tiny)
            y += 12
        for i, (who, role, heading) in enumerate(blocks):
            if stacked:
                y = below = party_block(d, x, y, each if each > 130 else 180, who, role, heading, role) + 8
            else:
                below = max(below, party_block(d, x + i * each, y, each - 8, who, role, heading, role))
        return below

    # Items

    def items(self, y: float) -> float:
        d, s, r = self.d, self.d.style, self.d.luck
        rates = _RATES[d.locale]
        self.has_rates = s.chance("rates in rows", 0.3) and len(rates) > 1
        fill = Filler(d, "items")
        keys = self.columns()
        sections = s.chance("sections", 0.05)
        amounts_with_sign = s.chance("signs in rows", 0.22)
        decimals = s.choice("quantity decimals", (0, 0, 0, 0, 2, 2, 1, 3))
        self.net: dict[float, float] = {}
        self.gross_sum = 0.0
        count = r.choice((1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 10, 12, 15)) if d.lucky(0.94) else r.randint(16, 70)
        write = (lambda v: "".join(p if isinstance(p, str) else p.text for p in d.amount_pieces((), v, with_currency=True))) if amounts_with_sign else d.money.plain
        section_sum = 0.0
        for n in range(count):
            if sections and n % 3 == 0:
                if n and "amount" in keys:
                    fill.note(description="", amount="").shown.update(description=[d.label("totals.net")], amount=[write(section_sum)])
                section_sum = 0.0
                fill.note(description=f"--- {goods.item(r, d.language).split()[0]} ---").is_bold = True
            quantity = float(r.choice((1, 1, 1, 2, 3, 4, 5, 8, 10, 12, 20, 24, 50, 100))) if decimals == 0 or d.lucky(0.7) else round(r.uniform(0.25, 60), min(decimals, 2))
            price = round(r.choice((r.uniform(0.5, 20), r.uniform(5, 200), r.uniform(50, 900), r.uniform(500, 9000))), 2) if d.lucky(0.7) else float(r.randint(1, 900))
            rate = r.choice(rates) if self.has_rates else rates[0]
            discount = float(r.choice((0, 0, 0, 5, 10, 15))) if "discount" in keys else 0.0
            amount = round(quantity * price * (1 - discount / 100), 2)
            if self.kind.name == "invoice" and count > 2 and d.lucky(0.02):
                quantity, price, amount = 1.0, -round(price / 5, 2), -round(price / 5, 2)
            if self.kind.name == "credit" and s.chance("negative credit", 0.5):
                amount = -amount
            self.net[rate] = self.net.get(rate, 0.0) + amount
            section_sum += amount
            tax = round(amount * rate / 100, 2)
            self.gross_sum += amount + tax
            rate_text = f"{rate:g}".replace(".", d.money.plain(0.5, 1)[1:2]) + s.choice("percent", ("%", " %", "%", ""))
            text = goods.item(r, d.language)
            unit = s.choice("one unit", (None, None, goods.unit(r, d.language))) or goods.unit(r, d.language)
            values: dict[str, tuple[str, object, str] | None] = {
                "pos": ("string", str(n + 1), f"{n + 1:0{s.choice('pos digits', (1, 1, 1, 2, 3))}d}"),
                "sku": ("string", (sku := goods.code(r)), sku),
                "description": ("string", text, text),
                "quantity": ("number", quantity, d.money.quantity(quantity, decimals if decimals != 1 or quantity % 1 else 0)),
                "unit": ("string", unit, unit),
                "price": ("number", price, write(price)),
                "discount": ("number", discount, f"{discount:g}%" if discount else "") if discount else None,
                "tax_rate": ("number", rate, rate_text),
                "tax": ("number", tax, write(tax)),
                "amount": ("number", amount, write(amount)),
                "gross": ("number", round(amount + tax, 2), write(round(amount + tax, 2))),
                "date": ("date", (day := self.date - timedelta(days=r.randint(0, 28))).isoformat(), d.date_form(day)),
            }  # fmt: skip
            row = fill.item(**{k: v for k, v in values.items() if k in keys})
            if "unit" not in keys and "quantity" in keys and s.chance("unit in quantity", 0.12):
                row.shown["quantity"] = [*row.shown["quantity"], " " + unit]
            if d.lucky(s.between("more share", 0, 0.5)):
                row.below = [goods.more_about(r, d.language) for _ in range(r.choice((1, 1, 2)))]
        return draw_table(d, "items", fill.rows, [self.column(k) for k in keys], d.margin, y, d.right - d.margin, self.bottom, self.next_page)

    def bottom(self) -> float:
        return min(self.floor, self.d.paper.height - 46) - 8

    def next_page(self) -> float:
        d, s = self.d, self.d.style
        d.paper.turn_page()
        if head_kind(d) == "panel":
            d.paper.box(0, 0, d.margin - 20, d.paper.height, thickness=0, fill=(0.5, 0.5, 0.5))
        y = 40.0
        if s.chance("next head", 0.7):
            row = [s.choice("title", _TITLE[self.kind.name][d.language]) + " ", self.number_piece(), "    " + d.label("page") + f" {len(d.paper.pages)}"]
            d.paper.write(d.margin, y, row, d.pen)
            y += d.pen.leading * 1.8
        self.floor = footer(d, self.writer, self.kind.writer) if s.chance("footer repeats", 0.8) else d.paper.height - 50
        return y

    def columns(self) -> list[str]:
        d, s = self.d, self.d.style
        keys = ["description"]
        if s.chance("quantity column", 0.92):
            keys = ["description", "quantity"] if s.chance("quantity after", 0.65) else ["quantity", "description"]
        if s.chance("unit column", 0.3) and "quantity" in keys:
            keys.insert(keys.index("quantity") + 1, "unit")
        if self.kind.has_amounts:
            if "quantity" in keys and s.chance("price column", 0.9):
                keys.append("price")
            if s.chance("discount column", 0.1) and "price" in keys:
                keys.append("discount")
            if s.chance("rate column", 0.26):
                keys.append("tax_rate")
            if s.chance("tax column", 0.07):
                keys.append("tax")
            keys.append("amount")
            if s.chance("gross column", 0.07):
                keys.append("gross")
        if s.chance("sku column", 0.42):
            keys.insert(keys.index("description") if s.chance("sku before", 0.8) else keys.index("description") + 1, "sku")
        if s.chance("date column", 0.08):
            keys.insert(0, "date")
        if s.chance("pos column", 0.32):
            keys.insert(0, "pos")
        return keys

    def column(self, key: str) -> Column:
        d, s = self.d, self.d.style
        numeric = key in ("quantity", "price", "discount", "tax_rate", "tax", "amount", "gross")
        align = "right" if numeric and s.chance(f"right {key}", 0.86) else s.choice(f"align {key}", ("left", "center")) if numeric or key in ("unit", "pos") else "left"
        label = d.label(f"column.{key}")
        if key in ("amount", "price") and s.chance("currency in header", 0.12):
            label += f" ({d.currency})"
        width = {"description": 4.0, "sku": 1.2}.get(key, 1.0)
        return Column(key, label.upper() if s.chance("header capitals", 0.18) else label, width, align)

    # Totals

    def totals(self, y: float) -> float:
        d, s = self.d, self.d.style
        rows = self.sums()
        if y + len(rows) * d.pen.leading * 1.6 > self.bottom():
            y = self.next_page()
        kind = s.choice("totals", ("right", "right", "right", "right", "boxed", "left", "two pairs", "breakdown", "sentence", "header row", "middle"))
        signs = s.chance("signs in totals", 0.55)
        lines = [(text, concept, d.amount(concept, value, with_currency=signs) if concept else d.amount_pieces((), value, with_currency=signs)) for text, concept, value in rows]
        bold_last = s.chance("bold total", 0.65)
        if kind == "sentence":
            for text, _, pieces in lines:
                d.paper.write(d.margin, y, [text + s.choice("sentence colon", (": ", " ", ": ")), *pieces], d.pen.but(bold=text == lines[-1][0] and bold_last))
                y += d.pen.leading * 1.25
            return y
        if kind == "header row" and len(lines) <= 5:
            return pairs(d, d.margin, y, d.right - d.margin, [(t, p) for t, _, p in lines], "totals row", "header row")
        if kind == "breakdown":
            y = self.tax_table(y)
        right = {"left": d.margin + s.between("totals left", 190, 260), "middle": (d.margin + d.right) / 2 + 120}.get(kind, d.right - 4)
        left = right - s.between("totals width", 150, 235) if kind not in ("left",) else d.margin
        colon = s.choice("totals colon", (":", ":", "", "", " :"))
        labels_right = s.chance("total labels right", 0.35)
        widest = max(d.pen.but(bold=True).width("".join(q if isinstance(q, str) else q.text for q in p)) for _, _, p in lines)
        step = d.pen.leading * s.between("totals leading", 1.1, 1.75)
        for i, (text, concept, pieces) in enumerate(lines):
            is_last = concept == "totals.gross"
            pen = d.pen.but(bold=is_last and bold_last, size=d.pen.size + (s.between("total bigger", 0, 3) if is_last and s.chance("total big", 0.3) else 0))
            if is_last and s.chance("total rule", 0.4):
                d.paper.line(left, y - 2, right + 4, y - 2)
            if is_last and s.chance("total fill", 0.15):
                d.paper.box(left - 4, y - 3, right + 4, y + step - 3, thickness=0, fill=(0.85, 0.85, 0.85))
            if labels_right:
                d.paper.write(right - widest - 14, y, text + colon, pen, align="right")
            else:
                d.paper.write(min(left, right - widest - 12 - pen.width(text + colon)), y, text + colon, pen)
            d.paper.write(right, y, pieces, pen, align="right")
            if kind == "boxed":
                d.paper.box(left - 4, y - 3, right + 4, y + step - 3, thickness=0.4)
            y += step
        return y + 4

    def sums(self) -> list[tuple[str, str, float]]:
        """(label, concept, amount) in the order written."""
        d, s, r = self.d, self.d.style, self.d.luck
        net = round(sum(self.net.values()), 2)
        rows: list[tuple[str, str, float]] = []
        self.is_exempt = s.chance("no tax", 0.07) or (d.locale == "en-US" and s.chance("no sales tax", 0.35))
        has_discount = s.chance("discount line", 0.07)
        has_shipping = s.chance("shipping line", 0.1)
        discount = round(net * r.choice((0.02, 0.05, 0.1)), 2) if has_discount else 0.0
        shipping = round(r.uniform(4, 120), 2) if has_shipping else 0.0
        first_rate = next(iter(self.net))
        taxes = {rate: round((amount - (discount if rate == first_rate else 0) + (shipping if rate == first_rate else 0)) * rate / 100, 2) for rate, amount in self.net.items()}
        tax = 0.0 if self.is_exempt else round(sum(taxes.values()), 2)
        gross = round(net - discount + shipping + tax, 2)
        self.taxes = {} if self.is_exempt else taxes
        if s.chance("net line", 0.85) or has_discount or has_shipping:
            rows.append((d.label("totals.net"), "totals.net", net))
        if has_discount:
            rows.append((d.label("totals.discount"), "totals.discount", -discount if s.chance("discount negative", 0.6) else discount))
        if has_shipping:
            rows.append((d.label("totals.shipping"), "totals.shipping", shipping))
        if not self.is_exempt and s.chance("tax line", 0.92):
            rows += self.tax_rows(tax)
        rows.append((d.label("totals.gross"), "totals.gross", gross))
        if s.chance("paid line", 0.12):
            paid = gross if d.lucky(0.4) else round(gross * r.choice((0.2, 0.3, 0.5)), 2)
            rows.append((d.label("totals.paid"), "totals.paid", paid))
            due = d.label("totals.due")
            rows.append((due if due != d.label("totals.gross") else due + " *", "totals.due", round(gross - paid, 2)))
        return rows

    def tax_rows(self, tax: float) -> list[tuple[str, str, float]]:
        d, s = self.d, self.d.style
        word = d.label("totals.tax")
        manner = s.choice("rate in label", ("none", "none", "after", "after", "in brackets", "on base", "before"))
        if len(self.taxes) == 1 or not s.chance("taxes apart", 0.6):
            rate, text = next(iter(self.net)), word
            shown = f"{rate:g}".replace(".", d.money.plain(0.5, 1)[1:2]) + s.choice("percent sign", ("%", " %"))
            if len(self.taxes) == 1:
                text = {"after": f"{word} {shown}", "in brackets": f"{word} ({shown})", "before": f"{shown} {word}", "on base": f"{word} {shown} {'auf' if d.language == 'de' else 'on' if d.language == 'en' else '/'} {d.money.plain(self.net[rate])}"}.get(manner, word)
            return [(text, "totals.tax", tax)]
        apart = [(f"{word} {rate:g}%", "", amount) for rate, amount in sorted(self.taxes.items())]
        return [*apart, (word + " " + s.choice("sum word", {"en": ("total", "Total"), "de": ("gesamt", "Summe"), "fr": ("total", "totale")}.get(d.language, ("total", "tot."))), "totals.tax", tax)]

    def tax_table(self, y: float) -> float:
        """Rate, base and tax per rate, often left of the sums."""
        d = self.d
        if not self.taxes:
            return y
        pen = d.pen.but(size=d.pen.size - 1)
        heads = [d.label("tax.rate"), d.label("column.amount"), d.label("column.tax")]
        xs = [d.margin, d.margin + 95, d.margin + 165]
        for x, h in zip(xs, heads, strict=True):
            d.paper.write(x, y, h, pen.but(bold=True))
        y += pen.leading * 1.2
        for rate, tax in sorted(self.taxes.items()):
            for x, text in zip(xs, (f"{rate:g} %", d.money.plain(self.net[rate]), d.money.plain(tax)), strict=True):
                d.paper.write(x, y, text, pen)
            y += pen.leading * 1.2
        return y + 4

    # End

    def closing(self, y: float) -> None:
        d, s = self.d, self.d.style
        room = self.bottom()
        rows: list[list[Piece]] = []
        if self.kind.name == "invoice" and ("invoice.due_date" not in d.facts or s.chance("due twice", 0.2)) and s.chance("pay by", 0.5):
            before, _, after = s.choice("pay by text", _PAY_BY[d.language]).partition("{}")
            rows.append([before, d.day("invoice.due_date", self.due), after])
        if "terms" not in d.facts and s.chance("terms below", 0.3) and self.kind.has_amounts:
            rows.append([d.label("terms") + ": ", d.text("terms", d.luck.choice(_TERMS[d.language].split("|")))])
        if self.kind.writer == "seller" and s.chance("bank below", 0.33) and "seller.iban" not in d.facts and self.kind.has_amounts:
            bank = bank_lines(d, self.writer, "seller")
            rows += bank if s.chance("bank lines", 0.6) else [[p for row in bank for p in [*row, "   "]]]
        if s.chance("other invoice", 0.06):
            before = {"de": "Bezug: unsere Rechnung ", "fr": "Voir notre facture ", "en": "Refers to our earlier invoice "}.get(d.language, "Ref. ")
            rows.append([before + f"{d.luck.randint(10000, 99999)} / " + d.date_form(self.date - timedelta(days=d.luck.randint(40, 300)))])
        for _ in range(2):
            if s.chance("thanks", 0.5):
                rows.append([s.choice("thanks text", [d.label("thanks")])])
                break
        y += s.between("before closing", 6, 26)
        for row in rows:
            if y + d.pen.leading > room:
                return
            y = d.paper.paragraph(d.margin, y, d.right - d.margin, row, d.pen) + d.pen.size * s.between("closing gap", 0.1, 0.8)
        if self.kind.name == "order" and y + 40 < room and s.chance("signature", 0.4):
            d.paper.line(d.margin, y + 26, d.margin + 150, y + 26)
            stack(d, d.margin, y + 29, [["Authorized signature"]], d.pen.but(size=7))

    def marginalia(self) -> None:
        """What stands around: page numbers, print dates, addresses of a web page."""
        d, s = self.d, self.d.style
        tiny = d.pen.but(size=7.0)
        count = len(d.paper.pages)
        if s.chance("page number", 0.3):
            d.paper.write(d.right, d.paper.height - 22, f"{d.label('page')} {count} {d.label('of')} {count}", tiny, align="right")
        if s.chance("browser print", 0.05):
            printed = self.date + timedelta(days=d.luck.randint(0, 60))
            d.paper.write(14, 10, f"{s.choice('title', _TITLE[self.kind.name][d.language])} | {self.writer.website}", tiny)
            d.paper.write(d.paper.width - 14, d.paper.height - 18, f"{d.date_form(printed)}, {d.luck.randint(7, 20)}:{d.luck.randint(10, 59)}", tiny, align="right")
        if s.chance("fax line", 0.03):
            d.paper.write(30, 8, f"FROM: {self.writer.fax}   {d.date_form(self.date)}  {d.luck.randint(8, 18)}:{d.luck.randint(10, 59)}   P.1", Pen("courier", 7.0))
        if s.chance("stamp", 0.06):
            word = {"en": "PAID", "de": "BEZAHLT", "fr": "PAYÉ", "es": "PAGADO", "it": "PAGATO", "nl": "BETAALD", "pt": "PAGO"}[d.language]
            d.paper.write(d.paper.width * 0.45, d.paper.height * 0.4, word, d.pen.but(size=38, bold=True, colour=(0.85, 0.3, 0.3)), turned=28)


QUESTIONS = read_questions("""
invoice.number | string | document | 0.97 | invoice_number, invoice_no, inv_no, invoice_id, number_of_invoice, invoice_num, bill_number | number, invoice_number, no, id, invoice_no | rechnungsnummer, rechnungs_nr, belegnummer | Invoice number; Unique number of the invoice; The number that identifies the invoice; Number of the bill as printed on the document
credit.number | string | document | 0.97 | credit_note_number, credit_memo_no, credit_number | number, credit_note_number | gutschriftsnummer | Number of the credit note; Credit memo number
order.number | string | document | 0.9 | po_number, order_number, purchase_order_number, po_no, order_reference, customer_order_number, purchase_order | po_number, order_number, order_reference, order_no | bestellnummer, auftragsnummer | Purchase order number; Order number; Purchase order number of the buyer; Purchase order (PO) number the document refers to
quote.number | string | document | 0.9 | quote_number, quotation_no, offer_number | quote_number, number | angebotsnummer | Number of the quotation; Quote number
delivery.number | string | document | 0.85 | delivery_note_number, delivery_number, packing_slip_no | delivery_note_number, delivery_number | lieferscheinnummer | Delivery note number; Number of the delivery note
invoice.date | date | document | 0.95 | invoice_date, date, issue_date, document_date, date_of_issue, billing_date | date, invoice_date, issue_date, issued_on | rechnungsdatum, datum | Invoice date; Date of the invoice; Date the document was issued; Date on which the invoice was issued
order.date | date | document | 0.8 | order_date, date_of_order, po_date, ordered_on | order_date, date | bestelldatum | Order date; Date of the purchase order; Date on which the order was placed
invoice.due_date | date | document | 0.93 | due_date, payment_due_date, invoice_due_date, pay_by, due | due_date, due, payment_due | faelligkeitsdatum, zahlbar_bis | Due date; Payment due date; Date by which the invoice must be paid; Last day for payment
valid.until | date | document | 0.85 | valid_until, expiry_date, offer_valid_until | valid_until, expires | gueltig_bis | Last day on which the offer is valid; Expiry date of the quotation
delivery.date | date | document | 0.85 | delivery_date, service_date, date_of_delivery, ship_date, required_date | delivery_date, delivered_on | lieferdatum, leistungsdatum | Delivery date; Date of delivery or service; Date of supply
customer.number | string | document | 0.85 | customer_number, customer_no, customer_id, client_number, account_number, customer_code | customer_number, customer_id, account_no | kundennummer, kunden_nr | Customer number; Number of the customer at the supplier; Client or account number of the buyer
seller.number | string | document | 0.8 | vendor_number, supplier_no, vendor_id | vendor_number, supplier_no | lieferantennummer | Number of the supplier at the buyer
reference | string | document | 0.6 | reference, ref, reference_number, your_reference | reference, ref | referenz, zeichen | Reference; Reference number or text
project | string | document | 0.7 | project, project_number, job, project_reference | project, job | projekt | Project or job the document belongs to
contract.number | string | document | 0.75 | contract_number, contract_no, agreement_number | contract_number | vertragsnummer | Contract number
contact | string | document | 0.6 | contact_person, salesperson, contact, contact_name | contact, salesperson | ansprechpartner | Contact person; Person in charge
terms | string | payment | 0.65 | payment_terms, terms_of_payment, terms | terms, payment_terms | zahlungsbedingungen | Payment terms; Terms of payment as written
ship.method | string | document | 0.6 | shipping_method, ship_via, carrier, delivery_terms | shipping_method, ship_via | versandart | Shipping method, carrier or delivery terms
period.from | date | document | 0.85 | period_from, service_period_start, period_start, billing_period_from | period_from, period_start | zeitraum_von | First day of the service period; Start of the billing period
period.to | date | document | 0.85 | period_to, service_period_end, period_end, billing_period_to | period_to, period_end | zeitraum_bis | Last day of the service period; End of the billing period
packages | integer | document | 0.8 | number_of_packages, packages, parcels | packages | anzahl_kolli | Number of packages
weight | number | document | 0.8 | gross_weight, total_weight, weight_kg | weight | gewicht | Weight in kg
currency | string | totals | 0.5 | currency, currency_code, invoice_currency | currency | waehrung | Currency; ISO currency code; Currency of the amounts
seller.name | string | seller | 0.95 | seller_name, supplier, vendor_name, issuer, supplier_name, vendor, company, biller | name, company, company_name, seller_name | lieferant, verkaeufer_name, rechnungssteller | Name of the seller; Company that issued the invoice; Name of the supplier that issued the document; Vendor or supplier name
seller.address | string | seller | 0.6 | seller_address, supplier_address, vendor_address, issuer_address | address, full_address | adresse_lieferant, verkaeufer_adresse | Address of the seller; Postal address of the supplier; Full address of the vendor in one line
seller.street | string | seller | 0.4 | seller_street, supplier_street, vendor_street | street, street_and_number, address_line | strasse_lieferant | Street and number of the seller; Street of the supplier
seller.postcode | string | seller | 0.4 | seller_postcode, supplier_zip, vendor_postal_code | postcode, zip, postal_code | plz_lieferant | Post code of the seller; ZIP code of the supplier
seller.city | string | seller | 0.4 | seller_city, supplier_city, vendor_city | city, town | ort_lieferant | City of the seller; City of the supplier
seller.country | string | seller | 0.35 | seller_country, supplier_country | country | land_lieferant | Country of the seller
seller.vat_id | string | seller | 0.8 | seller_vat_id, vat_number, supplier_vat_number, vat_id, tax_id, vat_registration_number | vat_id, vat_number, tax_id | ust_id, umsatzsteuer_id | VAT identification number of the seller; VAT or tax number of the supplier; Tax id of the vendor
seller.tax_number | string | seller | 0.6 | seller_tax_number, tax_number, national_tax_number | tax_number | steuernummer | National tax number of the seller; Local tax number
seller.register | string | seller | 0.5 | company_registration_number, commercial_register, company_number | register_number, company_number | handelsregister | Company registration number of the seller
seller.phone | string | seller | 0.6 | seller_phone, supplier_phone, phone, telephone | phone, telephone, tel | telefon | Phone number of the seller; Telephone of the supplier
seller.fax | string | seller | 0.4 | seller_fax, fax, fax_number | fax | fax, telefax | Fax number of the seller
seller.email | string | seller | 0.6 | seller_email, supplier_email, email, contact_email | email, e_mail | email | E-mail address of the seller; Contact e-mail of the supplier
seller.website | string | seller | 0.4 | seller_website, website, homepage | website, web | webseite | Website of the seller
seller.iban | string | payment | 0.85 | iban, seller_iban, bank_account, payee_iban, account_iban | iban, account, bank_account | iban | IBAN of the account to pay to; IBAN; Bank account (IBAN) of the seller
seller.bic | string | payment | 0.75 | bic, swift, bic_code, seller_bic, swift_code | bic, swift | bic | BIC of the account to pay to; SWIFT or BIC code
seller.bank | string | payment | 0.6 | bank, bank_name, name_of_bank | bank, bank_name | bankname | Name of the bank
seller.account | string | payment | 0.6 | bank_account_number, account_number_bank | account_number | kontonummer | Bank account number to pay to
buyer.name | string | buyer | 0.93 | customer_name, buyer_name, bill_to_name, client, customer, recipient, bill_to | name, company, customer_name | kunde, kaeufer_name, rechnungsempfaenger | Name of the customer; Name of the buyer; Company or person the invoice is addressed to; Bill-to party
buyer.address | string | buyer | 0.6 | customer_address, buyer_address, billing_address, bill_to_address | address, billing_address | kundenadresse, rechnungsadresse | Address of the customer; Billing address; Postal address of the buyer
buyer.street | string | buyer | 0.4 | customer_street, buyer_street | street, street_and_number | strasse_kunde | Street and number of the buyer; Street of the customer
buyer.postcode | string | buyer | 0.4 | customer_postcode, buyer_zip, billing_zip | postcode, zip, postal_code | plz_kunde | Post code of the buyer; ZIP code of the customer
buyer.city | string | buyer | 0.4 | customer_city, buyer_city | city | ort_kunde | City of the buyer; City of the customer
buyer.country | string | buyer | 0.35 | customer_country, buyer_country | country | land_kunde | Country of the buyer
buyer.vat_id | string | buyer | 0.7 | customer_vat_id, buyer_vat_number, customer_tax_id | vat_id, vat_number | ust_id_kunde | VAT identification number of the buyer; Tax id of the customer
buyer.contact | string | buyer | 0.6 | customer_contact, attention, attn | contact, attention | ansprechpartner_kunde | Contact person at the customer; Person the document is addressed to
buyer.email | string | buyer | 0.5 | customer_email, buyer_email | email | email_kunde | E-mail address of the customer
buyer.phone | string | buyer | 0.5 | customer_phone, buyer_phone | phone | telefon_kunde | Phone number of the customer
ship.name | string | ship | 0.8 | ship_to_name, delivery_name, consignee, ship_to | name, recipient | lieferempfaenger | Name of the ship-to party; Recipient of the delivery; Company the goods are delivered to
ship.address | string | ship | 0.7 | shipping_address, delivery_address, ship_to_address | address | lieferadresse | Delivery address; Address the goods are shipped to
ship.postcode | string | ship | 0.3 | ship_to_postcode, delivery_zip | postcode, zip | plz_lieferadresse | Post code of the delivery address
ship.city | string | ship | 0.3 | ship_to_city, delivery_city | city | ort_lieferadresse | City of the delivery address
totals.net | number | totals | 0.9 | net_total, subtotal, total_net, net_amount, total_before_tax, amount_excl_tax, untaxed_amount | net, subtotal, net_total, net_amount | nettobetrag, summe_netto | Total before tax; Net amount; Sum of the lines without tax; Subtotal
totals.tax | number | totals | 0.9 | tax_total, tax_amount, vat_amount, total_tax, tax, vat, sales_tax | tax, vat, tax_amount, total_tax | steuerbetrag, mwst_betrag | Tax amount; Total tax; VAT amount in total; Sum of all taxes
totals.gross | number | totals | 0.97 | total, grand_total, total_amount, gross_total, invoice_total, amount_due, total_gross, amount_payable | total, gross, grand_total, total_amount | gesamtbetrag, bruttobetrag, rechnungsbetrag | Total amount including tax; Grand total; Total to pay; Gross amount of the invoice; Total including VAT
totals.discount | number | totals | 0.8 | discount, discount_amount, total_discount | discount | rabatt | Discount amount; Discount on the whole document
totals.shipping | number | totals | 0.8 | shipping_cost, freight, shipping_amount, delivery_charge | shipping, freight | versandkosten | Shipping cost; Freight or delivery charge
totals.paid | number | totals | 0.85 | amount_paid, paid, prepaid_amount, deposit | paid, amount_paid | bereits_gezahlt, anzahlung | Amount already paid; Payments received
totals.due | number | totals | 0.85 | balance_due, amount_outstanding, remaining_amount, open_balance | balance_due, outstanding | restbetrag, offener_betrag | Balance still to pay; Amount still open after payments
""")

ITEM_COLUMNS = read_questions("""
pos | string | items | 0.5 | position, line_number, pos, line_no | position, line, pos | position | Position number; Line number
sku | string | items | 0.9 | item_number, sku, article_number, product_code, part_number | sku, item_number, article_no, code | artikelnummer | Article number; Product code; Item or part number
description | string | items | 0.98 | description, item_description, product, item, text, name | description, item, product, text | bezeichnung, beschreibung | Description of goods or service; Item description; What was delivered or done
quantity | number | items | 0.97 | quantity, qty, amount_of_units, count | quantity, qty | menge, anzahl | Quantity; Number of units
unit | string | items | 0.8 | unit, unit_of_measure, uom | unit, uom | einheit | Unit of measure; Unit
price | number | items | 0.95 | unit_price, price, price_per_unit, rate | unit_price, price | einzelpreis | Price per unit; Unit price without tax
discount | number | items | 0.8 | discount_percent, discount, line_discount | discount | rabatt | Discount of the line in percent
tax_rate | number | items | 0.8 | tax_rate, vat_rate, vat_percent | tax_rate, vat_rate, vat | steuersatz | Tax rate in percent; VAT rate
tax | number | items | 0.8 | line_tax, tax_amount, vat_amount | tax, tax_amount | steuer | Tax of the line
amount | number | items | 0.97 | amount, line_total, total, net_amount, total_price | amount, total, line_total | betrag, gesamtpreis | Line total; Amount of the line; Total of the line without tax
gross | number | items | 0.8 | gross_amount, line_gross, total_incl_tax | gross, gross_amount | bruttobetrag | Line total including tax
date | date | items | 0.9 | service_date, date, line_date | date, service_date | datum | Date of the line; Day of service
""")

ITEMS = TableQuestion("items", ("items", "line_items", "lines", "positions", "products", "invoice_lines", "rows", "goods"), ITEM_COLUMNS)


def schema(kind: str) -> Callable[[Draft, frozenset[str]], Asked]:
    names = {"invoice": "invoice", "credit": "credit_note", "order": "purchase_order", "quote": "quotation", "delivery": "delivery_note", "confirmation": "order_confirmation"}

    def build(d: Draft, shown: frozenset[str]) -> Asked:
        return ask(d.style, names[kind], shown, _relevant(kind), [ITEMS])

    return build


def _relevant(kind: str) -> dict[str, Question]:
    """Questions that make sense for this kind."""
    unfit = {"invoice": ("credit.", "valid.", "packages", "weight", "seller.number", "quote."), "credit": ("valid.", "packages", "weight", "seller.number", "quote.", "invoice.due"), "order": ("credit.", "invoice.", "packages", "weight", "totals.paid", "totals.due", "customer."), "quote": ("credit.", "invoice.number", "invoice.due", "packages", "weight", "seller.number", "totals.paid", "totals.due"), "delivery": ("credit.", "invoice.", "totals.", "terms", "valid.", "seller.iban", "seller.bic", "currency"), "confirmation": ("credit.", "invoice.", "valid.", "packages", "weight", "totals.paid", "totals.due")}[kind]
    return {k: q for k, q in QUESTIONS.items() if not k.startswith(unfit)}
