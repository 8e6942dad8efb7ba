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
from fieldproof.extraction.asking import pages_of, with_references
from fieldproof.extraction.candidates import Candidate
from fieldproof.extraction.dates import proven_order
from fieldproof.extraction.decide import decide
from fieldproof.extraction.doubt import doubted
from fieldproof.extraction.engine import Example, Options, SourceDocument
from fieldproof.extraction.extents import whole
from fieldproof.extraction.features import MAX_PAIRS, PairFeatures, without_memory
from fieldproof.extraction.grounding import citations_of
from fieldproof.extraction.items import Item, ItemList, extract_items
from fieldproof.extraction.memory import Memory
from fieldproof.extraction.offers import ACCEPT, Decision, Offer, by_odds
from fieldproof.extraction.plain import key, plain
from fieldproof.extraction.prose import is_contract_word
from fieldproof.extraction.query import Query, context_of, query_of
from fieldproof.extraction.ranker import Ranker
from fieldproof.extraction.reasoning import as_read, explain
from fieldproof.extraction.scene import Scene, scene_of
from fieldproof.extraction.second_look import second_look
from fieldproof.extraction.spelling import meant_by
from fieldproof.extraction.title import heading_of, title_of
from fieldproof.extraction.values import value_of
from fieldproof.extraction.weighing import can_be, weighed
from fieldproof.extraction.weighing_numbers import is_part_of_telephone

VERSION = "1.12"
ITEM = "item"  # the key that carries the item in each entry of an iterating group
CELL_CONFIDENCE = 0.9  # of a table cell; rows are checked by the ledger, not by the ranker
OFFERS = 16  # best candidates per field and document that are weighed against each other
_BY_ITS_LABEL = 0.6  # score of a value behind the label that reviewed values of the layout stand behind
_AS_LIKELY = 0.9  # share of the best place's score from which another one is as good
_IN_A_ROW = 0.2  # odds factor of what stands in a row of a list that is asked for too
_CHOSEN = 1.4  # odds factor: what all rules together choose is right more often than the ranker's best of that score
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
        sources = [_source(d, options.examples) for d in documents]
        run = _Run(self._ranker, sources, schema)
        run.answer()
        turned = [_turned(source, run) for source in sources]
        if any(new is not old for new, old in zip(turned, sources, strict=True)):
            run = _Run(self._ranker, turned, schema)
            run.answer()
        return run.result(self.name)

    def given(self, scene: Scene, queries: Sequence[Query], examples: Sequence[Example]) -> list[int | None]:
        """The candidate that would be given for each of these fields; None where nothing convinces."""
        source = _Source(SourceDocument("", "", scene.view.document), scene, Memory(scene, examples), examples)
        decisions = _Run(self._ranker, [source], Schema(())).decisions(list(queries))
        return [d.winner.candidate if d.winner and d.score >= ACCEPT else None for d in decisions]

    def likeliest(
        self,
        scene: Scene,
        queries: Sequence[Query],
        places: Sequence[Sequence[int]],
        examples: Sequence[Example] = (),
    ) -> list[int | None]:
        """Of the candidates where each field's true value stands, the likeliest; of about equals the first."""
        if not any(len(p) > 1 for p in places):
            return [p[0] if p else None for p in places]
        pairs = PairFeatures(scene, list(queries), Memory(scene, examples), self._ranker.features)
        asked = pairs.all()
        seen = _seen_together(self._ranker, scene, queries, asked, self._ranker.best([x for _, x in asked], OFFERS))
        out: list[int | None] = []
        for p, (rows, _, scores) in zip(places, seen, strict=True):
            score_of = dict(zip(rows.tolist(), scores.tolist(), strict=True))
            least = _AS_LIKELY * max((score_of.get(i, 0.0) for i in p), default=0.0)
            out.append(next((i for i in p if score_of.get(i, 0.0) >= least), None))
        return out


@dataclass(slots=True)
class _Source:
    document: SourceDocument
    scene: Scene
    memory: Memory
    examples: Sequence[Example]
    listed: frozenset[int] = frozenset()  # tokens that stand in rows of a list


def _source(document: SourceDocument, examples: Sequence[Example]) -> _Source:
    scene = scene_of(document.parsed)
    memory = Memory(scene, examples)
    if memory.order not in (None, scene.order):
        scene = scene_of(document.parsed, memory.order)
        memory = Memory(scene, examples)
    return _Source(document, scene, memory, examples)


def _turned(source: _Source, run: _Run) -> _Source:
    """The document with day and month the other way round, where that is what its answers say; else as it was."""
    if source.memory.order:
        return source
    given = {
        tuple(map(str, v.path)): v.raw
        for v in run.values
        if v.raw and any(c.document_id == source.document.id for c in v.citations)
    }
    order = doubted(source.scene.order, list(run.queries.values()), given)
    if order is None or proven_order(s.text for s in source.scene.view.segments):
        return source
    scene = scene_of(source.document.parsed, order)
    return _Source(source.document, scene, Memory(scene, source.examples), source.examples)


def _seen_together(
    ranker: Ranker,
    scene: Scene,
    queries: Sequence[Query],
    asked: Sequence[tuple[np.ndarray, np.ndarray]],
    best: Sequence[tuple[np.ndarray, np.ndarray]],
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(rows, features, scores) of the best candidates of each field, beside each other and those of the other fields."""
    likely = [(rows[own], odds) for (rows, _), (own, odds) in zip(asked, best, strict=True)]
    features = [x[own] for (_, x), (own, _) in zip(asked, best, strict=True)]
    beside = second_look(scene, queries, likely)
    scores = ranker.again([np.concatenate(pair, axis=1) for pair in zip(beside, features, strict=True)])
    return [(rows, x, own) for (rows, _), x, own in zip(likely, features, scores, strict=True)]


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
        self.tables: dict[tuple[int, tuple[str, ...]], ItemList] = {}  # document, list
        self.items: dict[tuple[str, ...], tuple[int, list[Item]]] = {}

    # The order of events

    def answer(self) -> None:
        groups = self.schema.in_dependency_order()
        first = [g for g in groups if not g.iterates_on and not g.depends_on]
        self.read_lists(first)
        decided = self.decided(first)
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

    def read_lists(self, groups: list[Group]) -> None:
        """What stands in the rows of a list is hardly the value of a field beside it."""
        for group in groups:
            for f, path in _lists_of_objects(group):
                for number, source in enumerate(self.sources):
                    cells = (c for item in self.table(number, f, path, group).items for c in item.cells.values())
                    source.listed |= {t for c in cells for first, last in c.pieces for t in range(first, last)}

    def table(self, number: int, f: Field, path: tuple[str, ...], group: Group) -> ItemList:
        if (number, path) not in self.tables:
            source = self.sources[number]
            self.tables[number, path] = extract_items(source.scene, f, context_of(group), source.document.id)
        return self.tables[number, path]

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
        asked = [
            _within(rows, x, self.pages.get((number, q.path[0])), region, source.scene)
            for q, (rows, x) in zip(queries, pairs.all(), strict=True)
        ]
        names = {q.name for q in queries}
        scene, memory = source.scene, source.memory
        # That look-alikes lack a field says little of this one: it is asked as if nothing had been learnt, and then weighed.
        asked = [
            (rows, without_memory(x) if memory.lacking(query.path) else x)
            for query, (rows, x) in zip(queries, asked, strict=True)
        ]
        best = self.ranker.best([x for _, x in asked], most)
        looked = zip(queries, _seen_together(self.ranker, scene, queries, asked, best), strict=True)
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
            again = _seen_together(self.ranker, scene, queries, asked, best)
            for q in missed:
                found[q] = list(self.valued(number, scene, queries[q], names, *again[q]))
        return [
            [_spelt(source, query, o) for o in whole(source.scene, source.memory, query, own)]
            for query, own in zip(queries, found, strict=True)
        ]

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
        memory, listed = self.sources[number].memory, self.sources[number].listed
        kind = "date" if query.is_date else "number" if query.is_number else "string"
        if query.shape in ("boolean", "text"):
            yield from checkboxes.offers(number, scene, query)
        probabilities = self.ranker.probabilities(scores, kind)
        for i, row in enumerate(rows.tolist()):
            candidate = scene.candidates[row]
            value = value_of(candidate, query.field, query.shape)
            # What another field is called is its label, not this field's value.
            if value is None or plain(candidate.text) in names or is_part_of_telephone(scene, candidate):
                continue
            if query.is_clear and not can_be(candidate, query):
                continue
            block = scene.view.chain_head(candidate.segment)
            score = weighed(scene, row, query, x[i], probabilities[i])
            score = by_odds(score, memory.odds(query.path, row))
            if listed and not memory.knows(query.path) and _is_within(candidate, listed):
                score = by_odds(score, _IN_A_ROW)
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
        probability = by_odds(decision.score, _CHOSEN) if is_given else round(1.0 - decision.score, 4)
        self.values.append(
            FieldValue(
                path,
                winner.value if winner is not None and is_given else None,
                raw=as_read(scene, winner) if scene and winner else None,
                confidence=probability,
                citations=self.citations(winner) if winner is not None and is_given else (),
                reasoning=explain(query, decision, scene, probability),
                rivals=tuple(self.rival(o) for o in decision.rivals),
            )
        )
        return self.values[-1].value

    def citations(self, offer: Offer) -> tuple[Citation, ...]:
        source = self.sources[offer.document]
        read = as_read(source.scene, offer)
        cited = citations_of(source.scene.view, source.document.id, offer.place[1], offer.value, read)
        return tuple(replace(c, match=Match.FUZZY) for c in cited) if offer.is_respelt else cited

    def rival(self, offer: Offer) -> Rival:
        raw = as_read(self.sources[offer.document].scene, offer)
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
        query = query_of(path, inner, context_of(group))
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
            found = self.table(number, f, path, group)
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
        walk(f, (group.name, f.name), context_of(group))
    return found


def _lists_of_objects(group: Group) -> Iterator[tuple[Field, tuple[str, ...]]]:
    def walk(f: Field, path: tuple[str, ...]) -> Iterator[tuple[Field, tuple[str, ...]]]:
        for child in f.properties if f.type is FieldType.OBJECT else ():
            yield from walk(child, (*path, child.name))
        if f.type is FieldType.ARRAY and f.items is not None and f.items.type is FieldType.OBJECT:
            yield f, path

    for f in group.fields:
        yield from walk(f, (group.name, f.name))


def _is_within(candidate: Candidate, tokens: frozenset[int]) -> bool:
    return all(t in tokens for first, last in candidate.pieces for t in range(first, last))


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


def _at(data: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = data
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
