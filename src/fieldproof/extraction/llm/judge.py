"""From what the model said to a value with its proof. The model is believed in nothing: its quote must stand in the text,
and the place must bear the value out; what fails is kept out, or marked where it can be an honest inference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fieldproof.core.result import Extraction, FieldValue, Match, Rival
from fieldproof.core.schema import Field, FieldType
from fieldproof.extraction.dates import Order, order_of
from fieldproof.extraction.llm.form import Said
from fieldproof.extraction.llm.quotes import Place, Run, Stream
from fieldproof.extraction.llm.support import borne_out, is_derived, states_another
from fieldproof.extraction.plain import key

# Not calibrated: an order, from what is proved and agreed on down to what is only said.
_QUOTED, _MISREAD, _ELSEWHERE, _INFERRED, _KEPT_OUT = 0.9, 0.75, 0.55, 0.3, 0.2
_ABSENT = 0.85
_DISTINCT_LETTERS = 4  # a shorter value stands in a document by chance
_MANY_ROWS = 5_000  # beyond which no other place of a value is looked for
_SHARED_LETTERS = 3  # of what a row takes from elsewhere: a currency, a code
_REACH = 15  # words after a row's quote that may still belong to the row

ItemPath = tuple[str | int, ...]


class Policy(StrEnum):
    """What becomes of a value that the text does not bear out (the template's ``settings.llm.unsupported``)."""

    AUTO = "auto"  # figures, dates and texts with foreign figures are kept out; choices and wordings are marked
    MARK = "mark"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class _Finding:
    runs: tuple[Run, ...]
    match: Match
    confidence: float
    how: str
    is_supported: bool = True


class Judge:
    def __init__(self, stream: Stream, second: Extraction | None, policy: Policy) -> None:
        self._stream = stream
        self._policy = policy
        self._second: Mapping[ItemPath, FieldValue] | None = (
            None if second is None else {v.path: v for v in second.values}
        )
        script = stream.script
        self._orders = [
            order_of([r.text for p in script.passages if p.document == n for r in p.rows])
            for n, d in enumerate(script.documents)
        ]

    # One field

    def field(self, path: ItemPath, f: Field, said: Said, within: Run) -> FieldValue:
        if said.value is None:
            return self._absent(path, said)
        finding = self._found(f, said, within)
        return self._second_opinion(self._given(path, f, said, finding))

    def unread(self, path: ItemPath) -> FieldValue:
        """A field whose answer stayed unreadable after it was asked again."""
        return FieldValue(
            path,
            None,
            confidence=0.0,
            reasoning="The model's answer for this field could not be read.",
            is_supported=False,
        )

    def _found(self, f: Field, said: Said, within: Run) -> _Finding:
        place = self._stream.find(
            said.quote, within, self._hint(said), bears=lambda run: self._bears(f, said.value, run)
        )
        if place is not None:
            borne = self._bearing(f, said.value, place.runs, place.match)
            if borne:
                sure = _MISREAD if borne[1] is Match.FUZZY else _QUOTED
                return _Finding(borne[0], borne[1], sure, f"{self._quoted(place)} {_BEARS_OUT}")
        is_contradicted = place is not None and any(states_another(f.type, self._stream.text(r)) for r in place.runs)
        elsewhere = None if is_contradicted else self._only_place(f, said.value, within)
        lack = f"{self._quoted(place)} {_BEARS_NOT}" if place else _not_there(said)
        if elsewhere is not None:
            how = f"{lack} But the value stands at one other place, which is cited."
            return _Finding(elsewhere[0], elsewhere[1], _ELSEWHERE, how)
        return _Finding(place.runs if place else (), Match.NONE, _INFERRED, lack, is_supported=False)

    def _given(self, path: ItemPath, f: Field, said: Said, finding: _Finding) -> FieldValue:
        citations = self._stream.citations(finding.runs, finding.match)
        text = " … ".join(c.text for c in citations)
        reasoning = finding.how + (f" Its reason: {said.reason}" if said.reason else "")
        value = FieldValue(
            path, said.value, text or None, finding.confidence, citations, reasoning, is_supported=finding.is_supported
        )
        if finding.is_supported:
            return value
        if self._is_kept(f, said.value, text):
            return replace(value, reasoning=f"{reasoning} Not supported by the text: please check.")
        rival = Rival(said.value, said.quote, _KEPT_OUT, citations)
        reasoning = f'{reasoning} So its value "{_short(str(said.value))}" was kept out.'
        return replace(
            value, value=None, raw=None, confidence=_KEPT_OUT, citations=(), reasoning=reasoning, rivals=(rival,)
        )

    def _is_kept(self, f: Field, value: Any, quoted: str) -> bool:
        """Choices, yes and no, and wordings can be honest inferences from a place that exists; figures can not."""
        if self._policy is not Policy.AUTO:
            return self._policy is Policy.MARK
        if not quoted:
            return False
        return f.type in (FieldType.ENUM, FieldType.BOOLEAN) or (
            f.type is FieldType.STRING and is_derived(str(value), quoted)
        )

    def _absent(self, path: ItemPath, said: Said) -> FieldValue:
        other = self._other(path)
        because = f" Its reason: {said.reason}" if said.reason else ""
        reasoning = f"The model found nothing in the document that states this.{because}"
        if other is None or other.value is None:
            return FieldValue(path, None, confidence=_ABSENT, reasoning=reasoning)
        doubt = round(1.0 - 0.9 * (other.confidence or 0.5), 4)
        reasoning += f' The local engine found "{_short(str(other.value))}": please check.'
        return FieldValue(path, None, confidence=min(_ABSENT, doubt), reasoning=reasoning, rivals=(_rival(other),))

    # A list

    def rows(
        self, path: ItemPath, item: Field, rows: Sequence[tuple[Said, Run]]
    ) -> tuple[list[Any], list[FieldValue], int]:
        """Values of the list, their proofs, and how many rows were left out because nothing of them stands in the text."""
        places = self._row_places(rows)
        reaches = self._reaches(places, rows)
        data: list[Any] = []
        values: list[FieldValue] = []
        seen: set[tuple[Run, str]] = set()
        left_out = 0
        for number, (said, within) in enumerate(rows):
            place = places[number]
            cells, own = self._row((*path, len(data)), item, said, place, reaches[number], within)
            is_twice = place is not None and (_extent(place), repr(cells)) in seen
            if is_twice or not any(v.is_supported and v.value is not None for v in own):
                left_out += bool(own)  # an empty row is no loss
                continue
            if place is not None:
                seen.add((_extent(place), repr(cells)))
            data.append(cells)
            values += own
        return data, [self._second_opinion(v) for v in values], left_out

    def _row_places(self, rows: Sequence[tuple[Said, Run]]) -> list[Place | None]:
        """Equal rows stand below each other: each is looked for after the one before."""
        places: list[Place | None] = []
        after = 0
        for said, within in rows:
            place = self._stream.find(said.quote, within, self._hint(said), max(after, within[0]))
            if place is not None and place.match is not Match.FUZZY:
                after = _extent(place)[1]
            places.append(place)
        return places

    def _reaches(self, places: Sequence[Place | None], rows: Sequence[tuple[Said, Run]]) -> list[Run]:
        """For each row: from its first word to where the next row begins."""
        nexts: list[int] = []
        following = len(self._stream.places)
        for place in reversed(places):
            nexts.append(following)
            following = _extent(place)[0] if place is not None else following
        reaches: list[Run] = []
        before = 0
        for place, end, (_, within) in zip(places, reversed(nexts), rows, strict=True):
            start, last = _extent(place) if place is not None else (max(within[0], before),) * 2
            stop = min(end if end > start else within[1], within[1], last + _REACH)
            reaches.append((start, max(start + 1, stop)))
            before = last
        return reaches

    def _row(
        self, path: ItemPath, item: Field, said: Said, place: Place | None, reach: Run, within: Run
    ) -> tuple[Any, list[FieldValue]]:
        values: list[FieldValue] = []
        taken: list[Run] = []

        def cell(f: Field, value: Any, at: ItemPath) -> Any:
            if f.type is FieldType.OBJECT:
                return {p.name: cell(p, value[p.name], (*at, p.name)) for p in f.properties}
            if f.type is FieldType.ARRAY and f.items is not None:
                return [cell(f.items, v, (*at, i)) for i, v in enumerate(value)]
            if value is None:
                return None
            finding = self._cell(f, value, said, place, reach, within, taken)
            taken.extend(finding.runs if finding.is_supported else ())
            values.append(self._given(at, f, replace(said, value=value), finding))
            return values[-1].value

        return cell(item, said.value, path), values

    def _cell(
        self, f: Field, value: Any, said: Said, place: Place | None, reach: Run, within: Run, taken: Sequence[Run]
    ) -> _Finding:
        quoted = self._quoted(place) if place else _not_there(said)
        if place is not None:
            borne = self._bearing(f, value, place.runs, place.match, taken)
            if borne:
                sure = _MISREAD if borne[1] is Match.FUZZY else _QUOTED
                return _Finding(borne[0], borne[1], sure, f"{quoted} {_BEARS_OUT}")
        near = self._bearing(f, value, (reach,), Match.NORMALISED, taken)
        if near:
            return _Finding(near[0], near[1], _MISREAD, f"{quoted} The value stands beside it.")
        if f.type in (FieldType.STRING, FieldType.ENUM) and len(key(str(value))) >= _SHARED_LETTERS:
            shared = next(self._stream.all_of(str(value), within), None)
            if shared:
                return _Finding(
                    (shared,),
                    Match.NORMALISED,
                    _ELSEWHERE,
                    f"{quoted} The value stands elsewhere in the document, as for all rows.",
                )
        return _Finding(
            place.runs if place else (), Match.NONE, _INFERRED, f"{quoted} {_BEARS_NOT}", is_supported=False
        )

    # Places

    def _bearing(
        self, f: Field, value: Any, runs: Sequence[Run], quoted: Match, taken: Sequence[Run] = ()
    ) -> tuple[tuple[Run, ...], Match] | None:
        """The words among these runs that bear the value out: those of one run, else of all together."""
        for run in runs:
            text = self._stream.text(run)
            spans = [self._stream.span_of(run, t) for t in taken if run[0] <= t[0] and t[1] <= run[1]]
            borne = borne_out(value, f.type, text, self._order(run), spans)
            if borne:
                words = tuple(self._stream.words_at(run, *span) for span in borne.spans)
                return words, Match.FUZZY if quoted is Match.FUZZY and borne.match is not Match.EXACT else borne.match
        if len(runs) > 1:
            borne = borne_out(value, f.type, " ".join(self._stream.text(r) for r in runs), self._order(runs[0]))
            if borne:
                return tuple(runs), Match.FUZZY if quoted is Match.FUZZY else Match.NORMALISED
        return None

    def _bears(self, f: Field, value: Any, run: Run) -> bool:
        return borne_out(value, f.type, self._stream.text(run), self._order(run)) is not None

    def _only_place(self, f: Field, value: Any, within: Run) -> tuple[tuple[Run, ...], Match] | None:
        """Where a value stands once and nowhere else, if it is not so short that it would anyway."""
        if f.type in (FieldType.BOOLEAN, FieldType.ENUM) or len(key(str(value))) < _DISTINCT_LETTERS:
            return None
        if f.type is FieldType.STRING:
            runs = list(self._stream.all_of(str(value), within))
            return ((runs[0],), Match.NORMALISED) if len(runs) == 1 else None
        rows = [r for r in self._stream.rows if within[0] <= r[0] and r[1] <= within[1]]
        if len(rows) > _MANY_ROWS:
            return None
        found = [b for r in rows if (b := self._bearing(f, value, (r,), Match.NORMALISED))]
        return found[0] if len(found) == 1 else None

    def _hint(self, said: Said) -> Run | None:
        return self._stream.of_passage.get(said.passage) if said.passage is not None else None

    def _order(self, run: Run) -> Order:
        return self._orders[self._stream.places[run[0]][0]] if self._orders else Order.DMY

    def _quoted(self, place: Place) -> str:
        first = place.runs[0]
        page = (
            self._stream.script.documents[self._stream.places[first[0]][0]]
            .parsed.pages[self._stream.places[first[0]][1]]
            .number
        )
        text = " … ".join(self._stream.text(r) for r in place.runs)
        return f'The model quotes "{_short(text)}" on page {page}, {_MATCHES[place.match]}.'

    # The local engine's word

    def _other(self, path: ItemPath) -> FieldValue | None:
        return self._second.get(path) if self._second is not None else None

    def _second_opinion(self, value: FieldValue) -> FieldValue:
        """Two engines that err in different ways: what both found is surer, where they differ a person should look."""
        other = self._other(value.path)
        if other is None or other.value is None or value.confidence is None:
            return value
        said = value.value if value.value is not None else next((r.value for r in value.rivals), None)
        if _is_same(said, other.value):
            if not value.is_supported:
                return replace(value, reasoning=f"{value.reasoning} The local engine found the same.")
            sure = round(1.0 - 0.35 * (1.0 - value.confidence), 4)
            return replace(value, confidence=sure, reasoning=f"{value.reasoning} The local engine found the same.")
        doubt = round(value.confidence * (1.0 - 0.5 * (other.confidence or 0.0)), 4)
        reasoning = f'{value.reasoning} The local engine found "{_short(str(other.value))}" instead.'
        return replace(value, confidence=doubt, reasoning=reasoning, rivals=(*value.rivals, _rival(other)))


_BEARS_OUT = "It bears the value out."
_BEARS_NOT = "It does not bear the value out."
_MATCHES = {
    Match.EXACT: "which stands there letter by letter", Match.NORMALISED: "which stands there in the same letters and digits",
    Match.FUZZY: "which stands there with small differences",
}  # fmt: skip


def _extent(place: Place) -> Run:
    return min(r[0] for r in place.runs), max(r[1] for r in place.runs)


def _not_there(said: Said) -> str:
    if not said.quote:
        return "The model gave no quote."
    return f'The model quotes "{_short(said.quote)}", which does not stand in the document.'


def _rival(other: FieldValue) -> Rival:
    return Rival(other.value, other.raw or str(other.value), other.confidence or 0.0, other.citations)


def _is_same(a: Any, b: Any) -> bool:
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) < 0.005
    return a == b or (isinstance(a, str) and isinstance(b, str) and bool(key(a)) and key(a) == key(b))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else flat[:77] + "…"
