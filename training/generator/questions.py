"""How schemas ask: the same concept under many names, with or without a description, grouped or flat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .chance import Style


@dataclass(frozen=True)
class Question:
    """One concept as schemas ask for it. ``short`` names stand inside their group, ``flat`` ones alone."""

    concept: str
    type: str
    group: str
    flat: tuple[str, ...]
    short: tuple[str, ...]
    german: tuple[str, ...]
    descriptions: tuple[str, ...]
    weight: float


def read_questions(text: str) -> dict[str, Question]:
    """Rows ``concept | type | group | weight | flat names | short names | German names | descriptions``; names with commas, descriptions with ``;``."""
    found = {}
    for row in text.strip().splitlines():
        concept, type_, group, weight, flat, short, german, descriptions = (part.strip() for part in row.split("|"))
        names = _names(flat)
        found[concept] = Question(
            concept, type_, group, names, _names(short) or names, _names(german), tuple(d.strip() for d in descriptions.split(";") if d.strip()), float(weight)
        )  # fmt: skip
    return found


def _names(text: str) -> tuple[str, ...]:
    return tuple(n.strip() for n in text.split(",") if n.strip())


@dataclass(frozen=True)
class Asked:
    """A schema in the bench's form, and which concept stands behind each path."""

    schema: dict[str, Any]
    fields: dict[str, str]
    tables: dict[str, tuple[str, dict[str, str]]]
    lists: dict[str, str]


@dataclass(frozen=True)
class TableQuestion:
    """A list of objects: how the group and its columns may be called."""

    table: str
    names: tuple[str, ...]
    columns: dict[str, Question]


_GROUP_NAMES = {
    "document": "header document general invoice_details meta basic_info details info main",
    "seller": "seller supplier vendor issuer biller creditor from_party sender company",
    "buyer": "buyer customer client bill_to recipient debtor customer_details",
    "ship": "ship_to delivery shipping delivery_address consignee",
    "totals": "totals amounts summary sums financials",
    "payment": "payment bank_details banking payment_details",
}
_MANNERS = ("snake", "snake", "snake", "snake", "camel", "title", "kebab", "upper")
_DESCRIBED = ("always", "always", "always", "never", "sometimes")
_OPENINGS = ("", "", "", "", "The ", "Extract the ", "Find the ", "Please extract the ", "What is the ")


def ask(
    style: Style,
    name: str,
    shown: frozenset[str],
    questions: dict[str, Question],
    tables: list[TableQuestion] | None = None,
    lists: dict[str, Question] | None = None,
    groups: dict[str, str] | None = None,
) -> Asked:
    """The schema of a layout that shows these concepts; it asks for most of them and for some that are absent."""
    absent = style.between("absent share", 0.0, 0.22)
    thorough = style.between("thorough", 0.55, 1.15)
    chosen = [
        q
        for q in questions.values()
        if style.chance(f"ask {q.concept}", q.weight * thorough if q.concept in shown else absent * min(1.0, q.weight + 0.2))
    ]
    if not chosen:
        chosen = [q for q in questions.values() if q.concept in shown][:5]
    is_grouped = style.chance("grouped", 0.6) and len({q.group for q in chosen}) > 1
    writer = _Writer(style, is_german=style.chance("schema in German", 0.1))
    order = style.shuffled("field order", chosen) if style.chance("shuffled", 0.2) else chosen
    named = {**_GROUP_NAMES, **(groups or {})}
    fields: dict[str, str] = {}
    by_group: dict[str, list[dict[str, Any]]] = {}
    flat_group = writer.styled(style.choice("flat group", [name, name, "data", "document", "fields", "extraction", "main"]))
    for q in order:
        group = writer.styled(style.choice(f"group {q.group}", named.get(q.group, q.group).split())) if is_grouped else flat_group
        known = by_group.setdefault(group, [])
        entry = writer.field(q, is_short=is_grouped, taken={f["name"] for f in known})
        known.append(entry)
        fields[f"{group}.{entry['name']}"] = q.concept
    out: list[dict[str, Any]] = [{"name": g, "title": _title(g), "fields": f} for g, f in by_group.items()]
    table_paths: dict[str, tuple[str, dict[str, str]]] = {}
    for t in tables or []:
        group = writer.unused(writer.styled(style.choice(f"table {t.table}", t.names)), by_group)
        columns = [q for c, q in t.columns.items() if f"{t.table}.{c}" in shown and style.chance(f"ask {t.table}.{c}", q.weight)]
        if len(columns) < 2:
            continue
        entries: list[dict[str, Any]] = []
        mapping = {}
        for q in columns:
            entry = writer.field(q, is_short=True, taken={e["name"] for e in entries})
            entries.append(entry)
            mapping[entry["name"]] = q.concept
        out.append({"name": group, "title": _title(group), "type": "array", "fields": entries})
        table_paths[group] = (t.table, mapping)
        by_group[group] = entries
    list_paths = {}
    for key, q in (lists or {}).items():
        group = writer.unused(writer.styled(style.choice(f"list {key}", q.short)), by_group)
        entry = writer.field(q, is_short=False, taken=set())
        out.append({"name": group, "title": _title(group), "type": "array", "multi": True, "fields": [entry]})
        list_paths[f"{group}.{entry['name']}"] = key
        by_group[group] = [entry]
    return Asked({"name": name, "title": _title(name), "groups": out}, fields, table_paths, list_paths)


@dataclass(frozen=True)
class _Writer:
    style: Style
    is_german: bool

    def field(self, q: Question, *, is_short: bool, taken: set[str]) -> dict[str, Any]:
        pool = q.german if self.is_german and q.german else q.short if is_short else q.flat
        name = self.styled(self.style.choice(f"name {q.concept}", pool))
        if name in taken:
            name = self.styled(f"{q.group}_{name}" if q.group else name)
        while name in taken:
            name += "_2"
        entry: dict[str, Any] = {"name": name, "type": q.type}
        habit = self.style.choice("described", _DESCRIBED)
        if q.descriptions and (habit == "always" or (habit == "sometimes" and self.style.chance(f"describe {q.concept}", 0.5))):
            entry["description"] = self._description(q)
        return entry

    def _description(self, q: Question) -> str:
        text = self.style.choice(f"description {q.concept}", q.descriptions)
        opening = self.style.choice("opening", _OPENINGS)
        if opening and not self.is_german:
            text = opening + text[:1].lower() + text[1:] if not text[:2].isupper() else opening + text
            text = re.sub(r"^(The|Extract the|Find the|Please extract the|What is the) the ", r"\1 ", text)
        return text + ("?" if opening.startswith("What") else self.style.choice("ending", ("", "", ".")))

    def styled(self, name: str) -> str:
        manner = self.style.choice("manner", _MANNERS)
        words = [w for w in re.split(r"[\W_]+", name) if w]
        if manner == "camel":
            return words[0].lower() + "".join(w[:1].upper() + w[1:] for w in words[1:])
        if manner == "title":
            return "".join(w[:1].upper() + w[1:] for w in words)
        if manner == "kebab":
            return "-".join(w.lower() for w in words)
        if manner == "upper":
            return "_".join(w.upper() for w in words)
        return "_".join(w.lower() for w in words)

    def unused(self, name: str, taken: dict[str, Any]) -> str:
        return name if name not in taken else self.unused(self.styled(name + "_list"), taken)


def _title(name: str) -> str:
    words = [w for w in re.split(r"[\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)) if w]
    return " ".join(words).lower().capitalize()
