"""The local engine: documents and a schema in, values with their proofs out. No key, no network.

Reads top-down: groups in dependency order; scalar fields are asked together and decided jointly;
lists of objects come from tables; a group that iterates is asked again within each item's region.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fieldproof.core.result import Citation, Extraction, FieldValue, Ledger, Match, Rival
from fieldproof.core.schema import Field, FieldType, Group, Schema
from fieldproof.extraction import checkboxes
from fieldproof.extraction.address_blocks import is_somebodys_name
from fieldproof.extraction.asking import pages_of, with_references
from fieldproof.extraction.candidates import Candidate, Kind
from fieldproof.extraction.decide import ACCEPT, Decision, Offer, by_odds, decide
from fieldproof.extraction.engine import Example, Options, SourceDocument
from fieldproof.extraction.extents import whole
from fieldproof.extraction.features import FEATURES, MAX_PAIRS, PairFeatures, without_memory
from fieldproof.extraction.grounding import citations_of
from fieldproof.extraction.identifiers import is_gtin
from fieldproof.extraction.items import Item, ItemList, extract_items
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.memory import Memory
from fieldproof.extraction.names import has_legal_form, is_register_number
from fieldproof.extraction.plain import key, plain
from fieldproof.extraction.prose import is_contract_word, lasts
from fieldproof.extraction.query import ROLES, Query, query_of
from fieldproof.extraction.ranker import Ranker
from fieldproof.extraction.reasoning import explain
from fieldproof.extraction.scene import Scene, scene_of
from fieldproof.extraction.second_look import likelihood, second_look
from fieldproof.extraction.spelling import meant_by
from fieldproof.extraction.title import heading_of, title_of
from fieldproof.extraction.values import is_plausible, value_of

VERSION = "1.8"
ITEM = "item"  # the key that carries the item in each entry of an iterating group
CELL_CONFIDENCE = 0.9  # of a table cell; rows are checked by the ledger, not by the ranker
OFFERS = 16  # best candidates per field and document that are weighed against each other
_NEVER = {"amount": Kind.PERCENT, "id": Kind.MONEY}  # a rate is no amount, an amount no number of a document
_NAMED = 0.8  # how well a label names a field from which what follows it is taken as said
_SAID = 0.95
_INLINE = FEATURES.index("concept_inline")
_LABEL = FEATURES.index("best_label")
_WORDS = [FEATURES.index(f"words_{side}") for side in ("inline", "left", "row", "above", "column")]
_IN_ITS_WORDS, _SUM_IN_ITS_WORDS = 2.0, 1.5  # odds factors of a day and a sum whose label is in the question's words
_CALLED = frozenset(["name", "company", "person", "title", "id"])
_HAS_VALUE = 0.2  # odds factor of a label that has its value beside it
_GLN = LEXICON.index["gln"]
_TOTAL = LEXICON.index["total"]
_FIRST_DAY, _LAST_DAY = LEXICON.index["period_from"], LEXICON.index["period_to"]
_OTHER_END = 0.25  # what is left of the score of the other end of a period
_UNNAMED = 0.3  # how well the best label names a field that no label names
_UNLABELLED = 0.4  # odds factor of a party's number that no label names
_GS1 = 0.3  # what is left of the score of an article's or a place's number where another one is asked for
_SETTLED = 0.8  # score of a total that was handed over less the change
_HANDED = 0.3  # what is left of the score of what was handed over
_SENDERS = (ROLES.index("none"), ROLES.index("seller"))
_BY_ITS_LABEL = 0.6  # score of a value behind the label that reviewed values of the layout stand behind
_LEGAL = 1.5  # odds factor of a name with its legal form: a shop's sign is not who runs it
_REGISTERED = 3.0  # and of one with its number in the register of companies behind it
_NAME_FIRST = 0.5  # what is left of the score of an address that begins with a name
_IN_ADDRESS = 0.4  # what is left of the score of a company's name in the middle of an address
_LASTING = {True: 1.0, None: 0.6, False: 0.35}  # what is left of a duration's score, by the words around it
_BEFORE, _AFTER = 25, 10  # words
_AS_LIKELY = 0.9  # share of the best place's score from which another one is as good
_MEMBER_FLOOR = 0.4  # probability from which a value joins a list of values

Path = tuple[str | int, ...]


class LocalEngine:
    """Holds the model; everything else is in the arguments."""

    def __init__(self, ranker: Ranker) -> None:
        self._ranker = ranker

    @property
    def name(self) -> str:
        return f"local/{VERSION}"

    def extract(self, documents: Sequence[SourceDocument], schema: Schema, options: Options) -> Extraction:
        run = _Run(self._ranker, [_source(d, options.examples) for d in documents], schema)
        run.answer()
        return run.result(self.name)

    def likeliest(self, scene: Scene, queries: Sequence[Query], places: Sequence[Sequence[int]]) -> list[int | None]:
        """Of the candidates where each field's true value stands, the likeliest; of about equals the first."""
        if not any(len(p) > 1 for p in places):
            return [p[0] if p else None for p in places]
        pairs = PairFeatures(scene, list(queries), Memory(scene, ()), self._ranker.features)
        asked = [pairs.of(q) for q in range(len(queries))]
        ranked = self._ranker.best([x for _, x in asked], MAX_PAIRS)
        out: list[int | None] = []
        for p, (rows, _), (best, odds) in zip(places, asked, ranked, strict=True):
            score_of = dict(zip(rows[best].tolist(), likelihood(odds).tolist(), strict=True))
            least = _AS_LIKELY * max((score_of.get(i, 0.0) for i in p), default=0.0)
            out.append(next((i for i in p if score_of.get(i, 0.0) >= least), None))
        return out


@dataclass(slots=True)
class _Source:
    document: SourceDocument
    scene: Scene
    memory: Memory


def _source(document: SourceDocument, examples: Sequence[Example]) -> _Source:
    scene = scene_of(document.parsed)
    memory = Memory(scene, examples)
    if memory.order not in (None, scene.order):
        scene = scene_of(document.parsed, memory.order)
        memory = Memory(scene, examples)
    return _Source(document, scene, memory)


def _trust_the_label(memory: Memory, query: Query, offers: list[Offer]) -> None:
    """Where nothing convinces, the likeliest offer is believed that stands behind the label of a reviewed value."""
    if not memory.knows(query.path) or any(o.score >= _BY_ITS_LABEL for o in offers):
        return
    there = [o for o in offers if memory.stands_at_its_label(query.path, o.candidate)]
    if there:
        max(there, key=lambda o: o.score).score = _BY_ITS_LABEL


def _spelt(source: _Source, query: Query, offer: Offer) -> Offer:
    """The offer as reviewed documents of the layout spell it."""
    candidate = source.scene.candidates[offer.candidate]
    meant = meant_by(source.scene, candidate, str(offer.value), source.memory.spellings(query.path))
    return replace(offer, value=meant, is_respelt=True) if meant else offer


@dataclass(slots=True)
class _Region:
    """A part of one document: segments between two heights of its pages."""

    document: int
    start: tuple[int, float]  # page index, y in points
    end: tuple[int, float]

    def holds(self, scene: Scene, candidate: int) -> bool:
        segment = scene.view.segments[scene.candidates[candidate].segment]
        return self.start <= (segment.page, (segment.top + segment.bottom) / 2) < self.end


class _Run:
    """One extraction on its way."""

    def __init__(self, ranker: Ranker, sources: list[_Source], schema: Schema) -> None:
        self.ranker = ranker
        self.sources = sources
        self.schema = schema
        self.data: dict[str, Any] = {}
        self.values: list[FieldValue] = []
        self.ledgers: list[Ledger] = []
        self.queries: dict[tuple[str, ...], Query] = {}
        self.pages: dict[tuple[int, str], frozenset[int] | None] = {}  # document, group: pages that are looked at
        self.items: dict[tuple[str, ...], tuple[int, list[Item]]] = {}

    # The order of events

    def answer(self) -> None:
        groups = self.schema.in_dependency_order()
        decided = self.decided([g for g in groups if not g.iterates_on and not g.depends_on])
        for group in groups:
            if group.depends_on:
                group = with_references(group, self.data)
                decided |= {} if group.iterates_on else self.decided([group])
            if group.iterates_on:
                self.data[group.name] = self.iterate(group)
            else:
                self.data[group.name] = {
                    f.name: self.field(f, (group.name, f.name), group, decided) for f in group.fields
                }
        self.data = {g.name: self.data[g.name] for g in self.schema.groups}

    def decided(self, groups: list[Group]) -> dict[tuple[str, ...], Decision]:
        """The scalars of these groups, decided together: no two take one place."""
        for group in groups:
            self.look_up(group)
        queries = [q for g in groups for q in _queries(g)]
        self.queries |= {q.path: q for q in queries}
        return dict(zip((q.path for q in queries), self.decisions(queries), strict=True))

    def look_up(self, group: Group) -> None:
        for number, source in enumerate(self.sources):
            self.pages[number, group.name] = pages_of(source.scene.view, group.search_query)

    def field(self, f: Field, path: tuple[str, ...], group: Group, decided: dict[tuple[str, ...], Decision]) -> Any:
        if f.type is FieldType.OBJECT:
            return {child.name: self.field(child, (*path, child.name), group, decided) for child in f.properties}
        if f.type is not FieldType.ARRAY:
            return self.give(path, self.queries[path], decided[path])
        assert f.items is not None
        if f.items.type is FieldType.OBJECT:
            return self.list_of_objects(f, path, group)
        return self.list_of_values(f, path, group)

    # Scalars

    def decisions(self, queries: list[Query], region: _Region | None = None) -> list[Decision]:
        if not queries:
            return []
        offers: list[list[Offer]] = [[] for _ in queries]
        for number, source in enumerate(self.sources):
            if (region is None or region.document == number) and source.scene.candidates:
                for q, found in enumerate(self.offers(number, source, queries, region)):
                    offers[q] += found
        return decide(queries, offers)

    def offers(
        self, number: int, source: _Source, queries: list[Query], region: _Region | None, most: int = OFFERS
    ) -> list[list[Offer]]:
        pairs = PairFeatures(source.scene, queries, source.memory, self.ranker.features)
        asked = [pairs.of(q) for q in range(len(queries))]
        asked = [
            _within(rows, x, self.pages.get((number, q.path[0])), region, source.scene)
            for q, (rows, x) in zip(queries, asked, strict=True)
        ]
        names = {q.name for q in queries}
        scene, memory = source.scene, source.memory
        best = self.ranker.best([x for _, x in asked], most)
        looked = zip(queries, self.looked_at(scene, queries, asked, best), strict=True)
        found = [list(self.valued(number, scene, query, names, *own)) for query, own in looked]
        for query, own in zip(queries, found, strict=True):
            _trust_the_label(memory, query, own)
        # Where what was learnt fits nothing here, the field is asked as if nothing had been.
        missed = [
            q for q, query in enumerate(queries)
            if memory.knows(query.path) and not any(o.score >= ACCEPT for o in found[q])
        ]  # fmt: skip
        if missed:
            for q in missed:
                asked[q] = asked[q][0], without_memory(asked[q][1])
            for q, anew in zip(missed, self.ranker.best([asked[q][1] for q in missed], most), strict=True):
                best[q] = anew
            again = self.looked_at(scene, queries, asked, best)
            for q in missed:
                found[q] = list(self.valued(number, scene, queries[q], names, *again[q]))
        return [
            [_spelt(source, query, o) for o in whole(source.scene, source.memory, query, own)]
            for query, own in zip(queries, found, strict=True)
        ]

    def looked_at(
        self,
        scene: Scene,
        queries: list[Query],
        asked: list[tuple[np.ndarray, np.ndarray]],
        best: list[tuple[np.ndarray, np.ndarray]],
    ) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """(rows, features, scores) of the best candidates of each field, seen together."""
        likely = [(rows[own], odds) for (rows, _), (own, odds) in zip(asked, best, strict=True)]
        features = [x[own] for (_, x), (own, _) in zip(asked, best, strict=True)]
        beside = second_look(scene, queries, likely)
        scores = self.ranker.again([np.concatenate(pair, axis=1) for pair in zip(beside, features, strict=True)])
        return [(rows, x, own) for (rows, _), x, own in zip(likely, features, scores, strict=True)]

    def valued(
        self,
        number: int,
        scene: Scene,
        query: Query,
        names: set[str],
        rows: np.ndarray,
        x: np.ndarray,
        scores: np.ndarray,
    ) -> Iterator[Offer]:
        kind = "date" if query.is_date else "number" if query.is_number else "string"
        if query.shape in ("boolean", "text"):
            yield from checkboxes.offers(number, scene, query)
        probabilities = self.ranker.probabilities(scores, kind)
        for i, row in enumerate(rows.tolist()):
            candidate = scene.candidates[row]
            value = value_of(candidate, query.field, query.shape)
            # What another field is called is its label, not this field's value.
            if value is None or plain(candidate.text) in names or _is_part_of_telephone(scene, candidate):
                continue
            if query.is_clear and not _can_be(candidate, query):
                continue
            block = scene.view.chain_head(candidate.segment)
            score = _weighed(scene, row, query, x[i], probabilities[i])
            until = scene.ranges.get(row, -1)
            over = scene.over.get(candidate.segment, (-1, 0))[0]
            place = (number, candidate.pieces)
            yield Offer(number, row, score, value, place, x[i], block, until, over, row == scene.only_address)

    def give(self, path: Path, query: Query, decision: Decision) -> Any:
        winner = decision.winner
        is_given = winner is not None and decision.score >= ACCEPT
        if not is_given and winner is not None:
            decision = Decision(None, decision.score, [winner, *decision.rivals][:3])
        scene = self.sources[winner.document].scene if winner is not None and is_given else None
        probability = round(decision.score if is_given else 1.0 - decision.score, 4)
        self.values.append(
            FieldValue(
                path,
                winner.value if winner is not None and is_given else None,
                raw=scene.candidates[winner.candidate].text if scene and winner else None,
                confidence=probability,
                citations=self.citations(winner) if winner is not None and is_given else (),
                reasoning=explain(query, decision, scene, probability),
                rivals=tuple(self.rival(o) for o in decision.rivals),
            )
        )
        return self.values[-1].value

    def citations(self, offer: Offer) -> tuple[Citation, ...]:
        source = self.sources[offer.document]
        candidate = source.scene.candidates[offer.candidate]
        cited = citations_of(source.scene.view, source.document.id, candidate.pieces, offer.value, candidate.text)
        return tuple(replace(c, match=Match.FUZZY) for c in cited) if offer.is_respelt else cited

    def rival(self, offer: Offer) -> Rival:
        raw = self.sources[offer.document].scene.candidates[offer.candidate].text
        return Rival(offer.value, raw, round(offer.score, 4), self.citations(offer))

    # Lists

    def list_of_values(self, f: Field, path: tuple[str, ...], group: Group) -> list[Any]:
        """Every distinct value that convinces, in document order; the best one where only one half does."""
        assert f.items is not None
        inner = Field(
            f.name,
            f.items.type,
            f.title,
            f.description or f.items.description,
            f.items.format,
            f.items.enum,
            f.items.pattern,
        )
        query = query_of(path, inner, _context(group))
        found: list[Offer] = []
        for number, source in enumerate(self.sources):
            if source.scene.candidates:
                found += self.offers(number, source, [query], None, MAX_PAIRS)[0]
        chosen: dict[str, Offer] = {}
        for o in sorted(_whole(found, query), key=lambda o: (-o.score, o.document, o.candidate)):
            if o.score >= (_MEMBER_FLOOR if chosen else ACCEPT) and not _overlaps(o, chosen.values()):
                chosen.setdefault(key(str(o.value)), o)
        members = sorted(chosen.values(), key=lambda o: (o.document, o.place[1]))
        for position, offer in enumerate(members):
            self.give((*path, position), query, Decision(offer, offer.score))
        return [o.value for o in members]

    def list_of_objects(self, f: Field, path: tuple[str, ...], group: Group) -> list[dict[str, Any]]:
        assert f.items is not None
        rows: list[dict[str, Any]] = []
        for number, source in enumerate(self.sources):
            found = extract_items(source.scene, f, _context(group), source.document.id)
            for item in found.items:
                rows.append(self.row(item, f.items, (*path, len(rows)), source))
            if found.ledger:
                self.ledgers.append(_ledger(path, found, len(rows) - len(found.items)))
            if found.items and path not in self.items:
                self.items[path] = (number, found.items)
        return rows

    def row(self, item: Item, shape: Field, path: Path, source: _Source) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for p in shape.properties:
            cell = item.cells.get(p.name)
            row[p.name] = cell.value if cell else _empty(p)
            if cell is None:
                continue
            cited = citations_of(source.scene.view, source.document.id, cell.pieces, cell.value, cell.text)
            self.values.append(
                FieldValue(
                    (*path, p.name), cell.value, cell.text, CELL_CONFIDENCE, cited,
                    f'In the table on page {cited[0].page}, under the heading of "{p.title or p.name}".' if cited else "",
                )
            )  # fmt: skip
        return row

    # Groups that iterate

    def iterate(self, group: Group) -> list[dict[str, Any]]:
        """One entry per item of the earlier list, each asked within the item's part of the document."""
        assert group.iterates_on is not None
        items = _at(self.data, group.iterates_on)
        if not isinstance(items, list):
            return []
        self.look_up(group)
        queries = _queries(group)
        regions = self.regions(group.iterates_on, len(items))
        entries = []
        for position, item in enumerate(items):
            found = (
                self.decisions(queries, regions[position])
                if regions[position]
                else [Decision(None, 0.0)] * len(queries)
            )
            decided = dict(zip((q.path for q in queries), found, strict=True))
            entry: dict[str, Any] = {ITEM: item}
            for f in group.fields:
                entry[f.name] = self.entry_field(
                    f, (group.name, f.name), (group.name, position, f.name), queries, decided
                )
            entries.append(entry)
        return entries

    def entry_field(
        self,
        f: Field,
        asked: tuple[str, ...],
        path: Path,
        queries: list[Query],
        decided: dict[tuple[str, ...], Decision],
    ) -> Any:
        if f.type is FieldType.OBJECT:
            return {
                c.name: self.entry_field(c, (*asked, c.name), (*path, c.name), queries, decided) for c in f.properties
            }
        if f.type is FieldType.ARRAY:
            return []
        return self.give(path, next(q for q in queries if q.path == asked), decided[asked])

    def regions(self, path: tuple[str, ...], count: int) -> list[_Region | None]:
        """From where each item stands to where the next one begins; the last one's ends with its page."""
        starts: list[tuple[int, int, float] | None] = [self.start_of(path, i) for i in range(count)]
        regions: list[_Region | None] = []
        for position, start in enumerate(starts):
            if start is None:
                regions.append(None)
                continue
            later = [s for s in starts[position + 1 :] if s and s[0] == start[0] and s[1:] > start[1:]]
            end = later[0][1:] if later else (start[1] + 1, 0.0)
            regions.append(_Region(start[0], start[1:], end))
        return regions

    def start_of(self, path: tuple[str, ...], position: int) -> tuple[int, int, float] | None:
        prefix = (*path, position)
        cited = [c for v in self.values if v.path[: len(prefix)] == prefix for c in v.citations]
        if not cited:
            return None
        first = min(cited, key=lambda c: (c.page, c.box.top))
        number = next(i for i, s in enumerate(self.sources) if s.document.id == first.document_id)
        page = self.sources[number].scene.view.document.page(first.page)
        return number, first.page - 1, first.box.top * page.height_pt

    # The outcome

    def result(self, engine: str) -> Extraction:
        by_path = {tuple(str(p) for p in v.path): v for v in self.values}
        heading = heading_of(self.sources[0].scene.view) if self.sources else None
        title = title_of(self.schema.title_prompt, list(self.queries.values()), by_path, heading)
        warnings = tuple(
            f"{'.'.join(map(str, ledger.path))}: the rows do not add up to the printed total; some may be missing."
            for ledger in self.ledgers
            if not ledger.is_complete
        )
        data = json.loads(json.dumps(self.data))  # no object is shared between groups
        return Extraction(data, tuple(self.values), title, engine, tuple(self.ledgers), warnings=warnings)


def _queries(group: Group) -> list[Query]:
    """One query per scalar leaf outside of lists."""
    found: list[Query] = []

    def walk(f: Field, path: tuple[str, ...], context: str) -> None:
        if f.type is FieldType.OBJECT:
            for child in f.properties:
                walk(child, (*path, child.name), f"{f.name} {context}")
        elif f.type is not FieldType.ARRAY:
            found.append(query_of(path, f, context))

    for f in group.fields:
        walk(f, (group.name, f.name), _context(group))
    return found


def _context(group: Group) -> str:
    return f"{group.name} {group.title or ''}".strip()


def _within(
    rows: np.ndarray, x: np.ndarray, pages: frozenset[int] | None, region: _Region | None, scene: Scene
) -> tuple[np.ndarray, np.ndarray]:
    if pages is not None:
        keep = np.array([scene.page_of(int(r)) in pages for r in rows], dtype=bool)
        rows, x = rows[keep], x[keep]
    if region is not None:
        keep = np.array([region.holds(scene, int(r)) for r in rows], dtype=bool)
        rows, x = rows[keep], x[keep]
    return rows, x


def _whole(offers: list[Offer], query: Query) -> list[Offer]:
    """Of names, none that is a part of a longer one ("Acme" of "Acme Ltd."), and none that contracts call anybody."""
    if query.shape not in ("name", "company", "person"):
        return offers
    likely = [
        o for o in offers
        if o.score >= _MEMBER_FLOOR and not str(o.value)[:1].islower() and not is_contract_word(str(o.value))
    ]  # fmt: skip
    keys = {key(str(o.value)) for o in likely}
    return [o for o in likely if not any(key(str(o.value)) in k and key(str(o.value)) != k for k in keys)]


def _overlaps(offer: Offer, others: Any) -> bool:
    own = {(offer.document, t) for a, b in offer.place[1] for t in range(a, b)}
    return any(own & {(o.document, t) for a, b in o.place[1] for t in range(a, b)} for o in others)


def _empty(f: Field) -> Any:
    if f.type is FieldType.ARRAY:
        return []
    return {c.name: _empty(c) for c in f.properties} if f.type is FieldType.OBJECT else None


def _ledger(path: tuple[str, ...], found: ItemList, offset: int) -> Ledger:
    rows = tuple(
        r
        if r.item is None or not offset
        else type(r)(r.document_id, r.page, r.box, r.text, r.outcome, r.reason, r.item + offset)
        for r in found.ledger
    )
    return Ledger(path, rows, tuple(found.checks), found.is_complete)


def _can_be(candidate: Candidate, query: Query) -> bool:
    if candidate.kinds & _NEVER.get(query.shape, 0):
        return False
    # "To" is a day or somebody.
    is_no_day = query.shape == "date" and not query.role and not any(map(str.isdigit, candidate.text))
    return not is_no_day and is_plausible(candidate, query.shape)


def _weighed(scene: Scene, row: int, query: Query, features: np.ndarray, score: float) -> float:
    """The ranker's score, and what is known of this shape of value beside it."""
    candidate = scene.candidates[row]
    if query.shape in _CALLED and _is_label(scene, candidate):
        score = by_odds(score, _HAS_VALUE)
    match query.shape:
        case "id":
            if _stands_after_its_label(scene, candidate, features):
                score = max(score, _SAID)
            if features[_LABEL] < _UNNAMED and query.role:
                score = by_odds(score, _UNLABELLED)
            is_labelled = features[_LABEL] >= _NAMED or query.concepts[_GLN] >= _NAMED
            return score * _GS1 if not is_labelled and is_gtin(candidate.text) else score
        case "bic":
            return by_odds(score, _UNLABELLED) if features[_LABEL] < _UNNAMED else score
        case "duration":
            return score * _LASTING[lasts(_around(scene, candidate))]
        case "amount":
            score = by_odds(score, _SUM_IN_ITS_WORDS) if _is_in_its_words(features) else score
            settled = scene.settled if query.concepts[_TOTAL] >= _NAMED else None
            return _as_settled(settled, candidate, score) if settled else score
        case "company":
            if query.role in _SENDERS and has_legal_form(candidate.text):
                score = by_odds(score, _REGISTERED if _has_register_number(scene, candidate) else _LEGAL)
            return score * _IN_ADDRESS if candidate.segment in scene.address_at else score
        case "address":
            is_after_name = len(candidate.pieces) > 1 and is_somebodys_name(scene.view.joined(*candidate.pieces[0]))
            return score * _NAME_FIRST if is_after_name else score
        case "date":
            score = by_odds(score, _IN_ITS_WORDS) if _is_in_its_words(features) else score
            return score * _OTHER_END if _is_other_end(scene, row, query) else score
        case _:
            return score


def _is_label(scene: Scene, candidate: Candidate) -> bool:
    """Whether a text is what something is called, and that stands beside it: "Product" beside its name."""
    segment = scene.view.segments[candidate.segment]
    is_line = candidate.pieces == (segment.tokens,) and scene.view.has_right[candidate.segment]
    return is_line and LEXICON.names(candidate.text)


def _is_in_its_words(features: np.ndarray) -> bool:
    """Whether the question has all the words of a label: "Order flight" for the first day of an order's flight."""
    return bool((features[_WORDS] >= 1.0).any())  # NaN where no label stands


def _has_register_number(scene: Scene, candidate: Candidate) -> bool:
    segment = scene.view.segments[candidate.segment]
    at = segment.offset_of(candidate.pieces[0][0]) + len(candidate.text)
    return len(candidate.pieces) == 1 and is_register_number(segment.text[at:])


def _as_settled(settled: tuple[float, float], candidate: Candidate, score: float) -> float:
    """What was handed over less the change is what was to be paid."""
    paid, handed = settled
    amount = round(float(candidate.amount), 2) if candidate.amount is not None else None
    if amount == paid:
        return max(score, _SETTLED)
    return score * _HANDED if amount == handed else score


def _is_other_end(scene: Scene, row: int, query: Query) -> bool:
    """Whether a first day is asked and this is the last one of a period, or the other way round."""
    first, last = query.concepts[_FIRST_DAY], query.concepts[_LAST_DAY]
    if max(first, last) < _NAMED or first == last:
        return False
    return row in scene.ranges.values() if first > last else row in scene.ranges


def _stands_after_its_label(scene: Scene, candidate: Candidate, features: np.ndarray) -> bool:
    """The whole rest of a line after "Invoice number:", whatever it looks like."""
    segment = scene.view.segments[candidate.segment]
    first, last = candidate.pieces[0]
    is_rest = len(candidate.pieces) == 1 and last == segment.last and first > segment.first
    is_rest = is_rest and candidate.text == scene.view.joined(first, last).strip() and candidate.text[0].isalnum()
    return is_rest and scene.view.tokens[first - 1].text.endswith(":") and bool(features[_INLINE] >= _NAMED)


def _is_part_of_telephone(scene: Scene, candidate: Candidate) -> bool:
    (first, last), *more = candidate.pieces
    begin, end = scene.telephones.get(first, (first, last))
    return not more and begin <= first and last <= end and (begin, end) != (first, last)


def _around(scene: Scene, candidate: Candidate) -> str:
    """The words before and after a candidate in running text."""
    first, last = candidate.pieces[0][0], candidate.pieces[-1][1]
    return scene.view.joined(max(0, first - _BEFORE), min(len(scene.view.tokens), last + _AFTER))


def _at(data: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = data
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
