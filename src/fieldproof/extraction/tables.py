"""Tables on pages: visual rows, the header row that names the columns, and which text stands in which column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations, pairwise

import numpy as np

from fieldproof.extraction.amounts import parse_amount
from fieldproof.extraction.dates import Order, find_dates
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.plain import plain
from fieldproof.extraction.query import Query, trigrams_of
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.view import View

_SAMPLE_ROWS = 8
_NUMBER_CELL = re.compile(
    r"[-+(€$£ ]*(?:EUR|USD|RM|CHF)?\s*[\d.,'  ]*\d[\d.,'  -]*\s*(?:%|€|\$|£|EUR|USD|CHF|RM|[A-Za-zäö]{1,5}\.?)?[) ]*"
)
_CODE_CELL = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z]|\d{4,})[A-Za-z0-9][\w./-]{2,}")
_POSITION = LEXICON.index["position"]
_LINE_AMOUNT = LEXICON.index["line_amount"]
_DESCRIPTION = LEXICON.index["description"]
_PRODUCT = (LEXICON.index["quantity"], LEXICON.index["unit_price"], _LINE_AMOUNT)
_MOST_ROWS = 0.7  # in which quantity x price must be the amount
_HEADER_LINES = 4
_HEADER_FLOOR = 0.5  # how well a header's text must name a column


@dataclass(slots=True)
class Strip:
    """A run of tokens that belongs into one cell: a segment, or a part of one."""

    first: int
    last: int
    left: float
    right: float


@dataclass(slots=True)
class Label:
    """What heads one column: one strip, or strips on stacked lines."""

    strips: list[Strip]
    left: float
    right: float


@dataclass(slots=True)
class Row:
    """Everything on one height of a page."""

    page: int
    top: float
    bottom: float
    strips: list[Strip] = field(default_factory=list)


@dataclass(slots=True)
class Column:
    """One column of a found table; ``query`` is -1 where the schema does not ask for it."""

    left: float
    right: float
    query: int


@dataclass(slots=True)
class Header:
    row: int  # position in the rows
    columns: list[Column]
    score: float
    height: int = 1  # header lines


def rows_of(view: View) -> list[Row]:
    """Visual rows in reading order."""
    rows: list[Row] = []
    for page, (first, last) in enumerate(view.page_segments):
        own: list[Row] = []
        for index in sorted(range(first, last), key=lambda i: (view.segments[i].top + view.segments[i].bottom, i)):
            s = view.segments[index]
            strip = Strip(s.first, s.last, s.left, s.right)
            middle = (s.top + s.bottom) / 2
            row = own[-1] if own else None
            if (
                row
                and row.top <= middle <= row.bottom
                and abs((row.top + row.bottom) / 2 - middle) < 0.6 * (s.bottom - s.top)
            ):
                row.strips.append(strip)
            else:
                own.append(Row(page, s.top, s.bottom, [strip]))
        for row in own:
            row.strips.sort(key=lambda s: (s.left, s.first))
        rows += own
    return rows


def headers_of(scene: Scene, rows: list[Row], queries: list[Query]) -> list[Header]:
    """Rows that name at least two of the columns asked for, best first."""
    found = [_header(scene, rows, index, queries) for index in range(len(rows))]
    return sorted((h for h in found if h), key=lambda h: (-h.score, h.row))


def _header(scene: Scene, rows: list[Row], index: int, queries: list[Query]) -> Header | None:
    """The header that begins with this row: it alone, or with lines below that go on with its labels."""
    labels = [Label([s], s.left, s.right) for strip in rows[index].strips for s in _labels(scene.view, strip)]
    best = None
    for height in range(1, _HEADER_LINES + 1):
        if height > 1:
            if not _goes_on(scene.view, rows, index + height - 1):
                break
            labels = _joined(scene.view, labels, rows[index + height - 1])
        found = _read(scene, rows, index, height, labels, queries)
        if found and (best is None or found.score > best.score + 0.05):
            best = found
    return best


def _goes_on(view: View, rows: list[Row], index: int) -> bool:
    """Whether the row can be another line of the header above it: close below, and hardly a digit."""
    if index >= len(rows) or rows[index].page != rows[index - 1].page:
        return False
    row, above = rows[index], rows[index - 1]
    digits = sum(any(map(str.isdigit, view.joined(s.first, s.last))) for s in row.strips)
    return row.top - above.bottom < 0.9 * (above.bottom - above.top) and digits <= len(row.strips) / 4


def _joined(view: View, labels: list[Label], row: Row) -> list[Label]:
    out = [Label([*one.strips], one.left, one.right) for one in labels]
    for strip in row.strips:
        over = [one for one in out if min(one.right, strip.right) - max(one.left, strip.left) > 0]
        if over:
            best = max(over, key=lambda one: min(one.right, strip.right) - max(one.left, strip.left))
            best.strips.append(strip)
            best.left, best.right = min(best.left, strip.left), max(best.right, strip.right)
        else:
            out += [Label([s], s.left, s.right) for s in _labels(view, strip)]
    return sorted(out, key=lambda one: (one.left, one.strips[0].first))


def _read(
    scene: Scene, rows: list[Row], index: int, height: int, labels: list[Label], queries: list[Query]
) -> Header | None:
    view = scene.view
    if not 2 <= len(labels) <= 16:
        return None
    digits = sum(any(c.isdigit() for c in _text(view, one)) for one in labels)
    if digits > len(labels) / 2:
        return None
    named = _named(view, labels, queries)
    if sum(max(scores) >= _HEADER_FLOOR for scores in named) < min(2, len(queries)):
        return None
    last = index + height - 1
    spread = _spread(rows, last, labels)
    contents = _contents(scene, rows, last, spread)
    fitting = [
        [n * _suits(q, c) for n, q in zip(scores, queries, strict=True)]
        for scores, c in zip(named, contents, strict=True)
    ]
    of_label, total = _assigned(fitting)
    if len(of_label) < min(2, len(queries)):
        return None
    _by_content(of_label, contents, queries)
    _by_arithmetic(of_label, contents, queries)
    columns = [Column(c.left, c.right, of_label.get(i, -1)) for i, c in enumerate(spread)]
    return Header(index, columns, total + 0.01 * len(labels), height)


def _assigned(fitting: list[list[float]]) -> tuple[dict[int, int], float]:
    """label -> query, the best pairs first; and what the pairs are worth together."""
    scored = sorted(
        ((score, -li, -qi) for li, scores in enumerate(fitting) for qi, score in enumerate(scores)), reverse=True
    )
    of_label: dict[int, int] = {}
    total = 0.0
    for score, li, qi in scored:
        if score >= _HEADER_FLOOR and -li not in of_label and -qi not in of_label.values():
            of_label[-li] = -qi
            total += score
    return of_label, total


@dataclass(slots=True)
class _Content:
    """What stands below one label, as shares of its filled cells."""

    dates: float = 0.0
    numbers: float = 0.0
    codes: float = 0.0  # one word with a digit that is no amount: an article number, a position
    filled: int = 0
    amounts: dict[int, float] = field(default_factory=dict)  # row -> the number that stands there alone


def _spread(rows: list[Row], index: int, labels: list[Label]) -> list[Column]:
    """Columns as wide as their label and the cells of full rows below it: a number may stand far right of its label."""
    columns = [Column(s.left, s.right, -1) for s in labels]
    below = [r for r in rows[index + 1 : index + 1 + 2 * _SAMPLE_ROWS] if r.page == rows[index].page]
    full = [r.strips for r in below if len(r.strips) == len(labels)]
    if not full:
        return columns
    cells = [Column(min(s.left for s in own), max(s.right for s in own), -1) for own in zip(*full, strict=True)]
    if any(a.right > b.left for a, b in pairwise(cells)):
        return columns
    wide = [Column(min(c.left, h.left), max(c.right, h.right), -1) for c, h in zip(cells, columns, strict=True)]
    return wide if all(a.right <= b.left for a, b in pairwise(wide)) else cells


def _contents(scene: Scene, rows: list[Row], index: int, columns: list[Column]) -> list[_Content]:
    texts: list[list[str]] = [[] for _ in columns]
    amounts: list[dict[int, float]] = [{} for _ in columns]
    for number, row in enumerate(rows[index + 1 : index + 1 + _SAMPLE_ROWS]):
        if row.page != rows[index].page:
            break
        for strip in row.strips:
            column = column_at(columns, strip.left, strip.right)
            text = scene.view.joined(strip.first, strip.last)
            texts[column].append(text)
            amount = parse_amount(text) if _NUMBER_CELL.fullmatch(text.strip()) else None
            if amount is not None:
                amounts[column][number] = amount
    found = [_content(own, scene.order) for own in texts]
    for content, own in zip(found, amounts, strict=True):
        content.amounts = own
    return found


def _content(texts: list[str], order: Order) -> _Content:
    if not texts:
        return _Content()
    dates = sum(_is_date(t, order) for t in texts) / len(texts)
    numbers = sum(bool(_NUMBER_CELL.fullmatch(t.strip())) for t in texts) / len(texts)
    codes = sum(bool(_CODE_CELL.fullmatch(t.strip())) for t in texts) / len(texts)
    return _Content(dates, numbers, codes, len(texts))


def _is_date(text: str, order: Order) -> bool:
    found = find_dates(text, order)
    return bool(found) and found[0].end - found[0].start >= 0.7 * len(text.strip())


def _suits(q: Query, content: _Content) -> float:
    """How far the cells below speak for the column; little where they speak against it."""
    if not content.filled:
        return 1.0
    if q.is_date:
        return 1.0 if content.dates >= 0.3 else 0.3
    if q.is_number:
        return 1.0 if content.numbers >= 0.25 else 0.7
    if q.shape == "text" and max(content.dates, content.numbers, content.codes) > 0.7:
        return 0.5 if content.codes > 0.7 else 0.3
    if q.means(_POSITION):
        return 1.0 if max(content.codes, content.numbers) >= 0.3 else 0.4
    return 0.6 if q.shape == "id" and content.codes < 0.3 else 1.0


def _by_content(of_label: dict[int, int], contents: list[_Content], queries: list[Query]) -> None:
    """Columns with strange names go to the dates and numbers still looked for."""
    asked = [qi for qi in range(len(queries)) if qi not in of_label.values()]
    free = [li for li in range(len(contents)) if li not in of_label and contents[li].filled >= 2]
    dates = [li for li in free if contents[li].dates >= 0.6]
    for qi in [qi for qi in asked if queries[qi].is_date][:1]:
        if dates:
            of_label[dates[0]] = qi
    codes = [li for li in free if contents[li].codes >= 0.7 and li not in of_label]
    for qi in [qi for qi in asked if queries[qi].shape == "id"]:
        if codes:
            of_label[codes.pop(0)] = qi
    words = [li for li in free if max(contents[li].numbers, contents[li].dates, contents[li].codes) < 0.3]
    for qi in [qi for qi in asked if queries[qi].shape == "text" and queries[qi].means(_DESCRIPTION)]:
        if words and qi not in of_label.values():
            of_label[words.pop(0)] = qi
    numbers = [li for li in free if contents[li].numbers >= 0.6 and li not in of_label]
    for qi in [qi for qi in asked if queries[qi].is_number]:
        if numbers:
            is_sum = queries[qi].means(_LINE_AMOUNT)
            of_label[numbers.pop(-1 if is_sum else 0)] = qi


def _by_arithmetic(of_label: dict[int, int], contents: list[_Content], queries: list[Query]) -> None:
    """Where two columns multiply to a third in nearly every row, they are quantity, price and amount."""
    asked = {c: next((qi for qi, q in enumerate(queries) if q.means(c) and q.is_number), -1) for c in _PRODUCT}
    if min(asked.values()) < 0 or len(set(asked.values())) < len(asked):
        return
    numeric = [li for li, c in enumerate(contents) if len(c.amounts) >= 2]
    found = max(
        ((_agreement(contents, a, b, c), -a, -b, -c) for a, b in combinations(numeric, 2) for c in numeric if c > b),
        default=(0.0, 0, 0, 0),
    )
    if found[0] < _MOST_ROWS:
        return
    one, two, three = (-f for f in found[1:])
    counts, prices, sums = (asked[c] for c in _PRODUCT)
    if of_label.get(one) == prices or of_label.get(two) == counts:
        one, two = two, one
    for li in [li for li, qi in of_label.items() if qi in (counts, prices, sums)]:
        del of_label[li]
    of_label |= {one: counts, two: prices, three: sums}


def _agreement(contents: list[_Content], a: int, b: int, c: int) -> float:
    """The share of rows in which a x b is c; 0 where too few rows tell."""
    one, two, three = (contents[k].amounts for k in (a, b, c))
    rows = [r for r in one if r in two and r in three]
    telling = [r for r in rows if one[r] not in (0.0, 1.0) and two[r] not in (0.0, 1.0)]
    if len(telling) < 2 and not (len(rows) >= 1 and len(telling) == len(rows)):
        return 0.0
    right = sum(abs(one[r] * two[r] - three[r]) <= max(0.011, 0.0005 * abs(three[r])) for r in rows)
    return right / max(len(rows), 1)


def _labels(view: View, strip: Strip) -> list[Strip]:
    """A segment of the header row, cut where it names several columns ("Qty Unit price")."""
    tokens = view.tokens[strip.first : strip.last]
    if len(tokens) == 1 or _is_alias(view, strip.first, strip.last):
        return [strip]
    cuts, at = [strip.first], strip.first
    while at < strip.last:
        size = next(
            (n for n in range(min(4, strip.last - at), 0, -1) if _is_alias(view, at, at + n)), None
        )  # fmt: skip
        if size:
            cuts += [at, at + size]
        at += size or 1
    cuts = sorted({*cuts, strip.last})
    pieces = [(a, b) for a, b in pairwise(cuts) if b > a]
    return [Strip(a, b, view.tokens[a].left, view.tokens[b - 1].right) for a, b in pieces]


def _is_alias(view: View, first: int, last: int) -> bool:
    return plain(view.joined(first, last)) in LEXICON.aliases


def _text(view: View, label: Label) -> str:
    return " ".join(view.joined(s.first, s.last) for s in label.strips)


def _named(view: View, labels: list[Label], queries: list[Query]) -> list[list[float]]:
    """label x query: how well each label names what is asked for, however it is read."""
    readings = [_readings(view, label) for label in labels]
    texts = list(dict.fromkeys(text for own in readings for text, _ in own))
    letters = trigrams_of(texts) @ np.stack([q.name_trigrams for q in queries]).T
    named = {
        text: [max(_name(text, q), alike) for q, alike in zip(queries, row, strict=True)]
        for text, row in zip(texts, letters.tolist(), strict=True)
    }
    return [[max(weight * named[text][q] for text, weight in own) for q in range(len(queries))] for own in readings]


def _readings(view: View, label: Label) -> list[tuple[str, float]]:
    """What a label may say, and how far each is believed."""
    text = _text(view, label)
    if len(label.strips) == 1:
        return [(plain(text), 1.0)]
    # "Positions-" over "betrag", "Unit" over a word that says little
    unbroken = text.replace("- ", "").replace(" ", "") if len(label.strips) == 2 else text.replace("- ", "")
    alone = [(plain(view.joined(s.first, s.last)), 0.9) for s in label.strips]
    return [(plain(text), 1.0), (plain(unbroken), 1.0), *alone]


def _name(text: str, q: Query) -> float:
    by_concept = max((s * float(q.concepts[c]) for c, s in LEXICON.matches(text)), default=0.0)
    words = set(text.split())
    return max(by_concept, 0.8 * len(words & set(q.name.split())) / len(words) if words else 0.0)


def column_at(columns: list[Column], left: float, right: float) -> int:
    """The column whose header shares most width with left..right, else the nearest one."""
    best, best_worth = 0, float("-inf")
    for i, c in enumerate(columns):
        shared = min(right, c.right) - max(left, c.left)
        near = -min(abs(left - c.left), abs(right - c.right), abs((left + right) - (c.left + c.right)) / 2)
        worth = shared if shared > 0 else near
        if shared > 0:
            worth += 1000.0
        if worth > best_worth:
            best, best_worth = i, worth
    return best
