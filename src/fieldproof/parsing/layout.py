"""From words in stream order to blocks in reading order, for text layers and OCR alike.

All measures are points in the page's frame, y down. Stream order is kept: it beats every geometric
order on real documents, and only a left-to-right page whose stream jumps about is put in
order by recursive cuts along white space.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, groupby, pairwise
from operator import attrgetter

import numpy as np

from fieldproof.core.columns import build
from fieldproof.core.document import BlockKind
from fieldproof.core.words import picked
from fieldproof.parsing.assembly import DraftBlock, DraftLine, DraftPage, DraftWords, as_line, text_of

COLUMN_GAP_EM = 1.3  # a gap this wide ends a line: what follows stands in another column
TOUCH_EM = 0.6  # pieces of one baseline this close belong together whatever the stream says

_LIST_MARK = re.compile(r"^(?:[•●▪▫◦‣⁃∙·■□➢✓–—*-]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)])$")
_BULLET = re.compile(r"^[•●▪▫◦‣⁃∙■□➢✓]")


@dataclass(slots=True)
class Segment:
    """Words on one baseline without a column gap. ``words`` are indexes into the page's words."""

    words: list[int]
    left: float
    top: float
    right: float
    bottom: float
    size: float  # em, points
    is_bold: bool
    height: float
    middle: float

    def part(self, words: list[int], layer: PageLayer) -> Segment:
        """Some of its words as a piece of their own."""
        return _segment(words, layer, self.size, is_bold=self.is_bold)


@dataclass
class PageLayer:
    """The visible words of one page. ``boxes``: rows of left, top, right, bottom in points."""

    words: DraftWords
    boxes: np.ndarray
    breaks: np.ndarray
    angles: np.ndarray  # of each word's writing direction, degrees counter-clockwise: 0, 90, 180, 270
    width: float
    height: float
    has_stream_order: bool = True  # OCR gives none
    rules: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))  # thin lines drawn on the page

    @cached_property
    def sides(self) -> list[list[float]]:
        """``boxes`` as plain numbers: reading single numbers out of an array is slow."""
        return self.boxes.tolist()

    @cached_property
    def is_rtl(self) -> np.ndarray:
        """Which words are written from right to left."""
        return _right_to_left(self.words.columns.texts)

    @cached_property
    def has_rtl(self) -> bool:
        return bool(self.is_rtl.any())

    @property
    def texts(self) -> list[str]:
        return self.words.columns.texts

    def lines(self, words: Iterable[list[int]]) -> list[DraftLine]:
        return [DraftLine(self.words, line) for line in words]


@dataclass(slots=True)
class Region:
    """Words that something else (a table) has claimed, and the block they make."""

    block: DraftBlock
    words: set[int] = field(default_factory=set)


def parts_by_direction(layer: PageLayer) -> list[PageLayer]:
    """The page once for every writing direction on it, turned so that it runs left to right."""
    if not layer.angles.any():
        return [layer]
    counts = Counter(layer.angles.tolist())
    return [
        turned(layer, angle, np.flatnonzero(layer.angles == angle).tolist())
        for angle in sorted(counts, key=lambda angle: (-counts[angle], angle))
    ]


def segments_of(layer: PageLayer) -> list[Segment]:
    """The page's horizontal line pieces in stream order, nearby pieces of one baseline joined."""
    if not layer.words:
        return []
    em = _em(layer)
    starts = _run_starts(layer.boxes, em, layer.breaks, layer.is_rtl)
    return _joined_pieces(_pieces(layer, em, starts), layer, em.tolist())


def blocks_of(layer: PageLayer, segments: list[Segment], regions: Sequence[Region] = ()) -> list[DraftBlock]:
    """Blocks in reading order. A region's block stands where its first word stood."""
    ordered = _in_reading_order(layer, segments)
    claimed = {word: region for region in regions for word in region.words}
    blocks: list[DraftBlock] = []
    placed: set[int] = set()
    open_lines: list[Segment] = []
    gap = _usual_gap(ordered)
    for segment in ordered:
        region = next((claimed[word] for word in segment.words if word in claimed), None)
        free = segment if region is None else _without(segment, claimed, layer)
        if region is not None and id(region) not in placed:
            placed.add(id(region))
            blocks += _flush(open_lines, layer)
            blocks.append(region.block)
        if free is None:
            continue
        if open_lines and not _continues(open_lines, free, gap, layer):
            blocks += _flush(open_lines, layer)
        open_lines.append(free)
    return blocks + _flush(open_lines, layer)


def turned(layer: PageLayer, angle: int, indexes: list[int]) -> PageLayer:
    """The words written in ``angle``, in a frame where that direction runs left to right."""
    stands = angle in (90, 270)
    return PageLayer(
        words=layer.words.take(indexes),
        boxes=_turned_boxes(layer.boxes[indexes], angle, layer.width, layer.height),
        breaks=layer.breaks[indexes],
        angles=np.zeros(len(indexes), dtype=np.int64),
        width=layer.height if stands else layer.width,
        height=layer.width if stands else layer.height,
        has_stream_order=layer.has_stream_order,
        rules=_turned_boxes(layer.rules, angle, layer.width, layer.height),
    )


def _turned_boxes(boxes: np.ndarray, angle: int, width: float, height: float) -> np.ndarray:
    left, top, right, bottom = boxes.T
    if angle == 90:  # upwards
        return np.stack((height - bottom, left, height - top, right), axis=1)
    if angle == 180:
        return np.stack((width - right, height - bottom, width - left, height - top), axis=1)
    if angle == 270:  # downwards
        return np.stack((top, width - right, bottom, width - left), axis=1)
    return boxes


# --- lines --------------------------------------------------------------------------------------


def _em(layer: PageLayer) -> np.ndarray:
    """The type size of each word; from the box where the source gives none or a wild one."""
    heights = layer.boxes[:, 3] - layer.boxes[:, 1]
    sizes = np.array(layer.words.columns.font_sizes, dtype=np.float64)  # None: not a number, which is no size
    return np.where((sizes > 0.4 * heights) & (sizes < 2.5 * heights), sizes, 0.8 * heights).clip(min=0.5)


_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


def _right_to_left(texts: list[str]) -> np.ndarray:
    if _RTL.search("".join(texts)) is None:
        return np.zeros(len(texts), dtype=bool)
    return np.array([not text.isascii() and _RTL.search(text) is not None for text in texts])


def _run_starts(boxes: np.ndarray, em: np.ndarray, breaks: np.ndarray, rtl: np.ndarray) -> np.ndarray:
    """The words that begin a new piece of line, going by the stream."""
    left, top, right, bottom = boxes.T
    heights = np.maximum(bottom - top, 0.1)
    overlap = np.minimum(bottom[1:], bottom[:-1]) - np.maximum(top[1:], top[:-1])
    is_level = overlap > 0.45 * np.minimum(heights[1:], heights[:-1])
    gap = left[1:] - right[:-1]
    if rtl.any():
        gap = np.where(rtl[1:] | rtl[:-1], np.maximum(gap, left[:-1] - right[1:]), gap)
    reach = np.maximum(em[1:], em[:-1])
    is_near = (gap < COLUMN_GAP_EM * reach) & (gap > -0.7 * reach)
    is_near &= ~(breaks[1:] & (gap > TOUCH_EM * reach))
    return np.concatenate(([0], np.flatnonzero(~(is_level & is_near)) + 1))


def _pieces(layer: PageLayer, em: np.ndarray, starts: np.ndarray) -> list[Segment]:
    low, high = np.minimum.reduceat(layer.boxes[:, :2], starts), np.maximum.reduceat(layer.boxes[:, 2:], starts)
    is_bold = np.logical_and.reduceat(np.array(layer.words.columns.is_bold, dtype=bool), starts)
    (left, top), (right, bottom) = low.T, high.T
    firsts = starts.tolist()
    return build(
        Segment,
        len(starts),
        words=[list(range(a, b)) for a, b in pairwise([*firsts, len(layer.words)])],
        left=left.tolist(),
        top=top.tolist(),
        right=right.tolist(),
        bottom=bottom.tolist(),
        size=np.maximum.reduceat(em, starts).tolist(),
        is_bold=is_bold.tolist(),
        height=(bottom - top).tolist(),
        middle=((top + bottom) / 2).tolist(),
    )


def _segment(words: list[int], layer: PageLayer, size: float, *, is_bold: bool) -> Segment:
    lefts, tops, rights, bottoms = zip(*[layer.sides[index] for index in words], strict=True)
    top, bottom = min(tops), max(bottoms)
    return Segment(words, min(lefts), top, max(rights), bottom, size, is_bold, bottom - top, (top + bottom) / 2)


def _joined_pieces(pieces: list[Segment], layer: PageLayer, em: list[float]) -> list[Segment]:
    """Pieces of one baseline that touch become one, in the place of the first of them."""
    touching = _touching(pieces)
    if not touching:
        return pieces
    owner = list(range(len(pieces)))
    for a, b in touching:
        _unite(owner, a, b)
    groups: dict[int, list[int]] = {}
    for index in range(len(pieces)):
        groups.setdefault(_root(owner, index), []).append(index)
    return [
        pieces[members[0]] if len(members) == 1 else _merged([pieces[m] for m in members], layer, em)
        for members in groups.values()
    ]


def _touching(pieces: list[Segment]) -> list[list[int]]:
    """Pairs of pieces that stand level and touch."""
    columns = np.array([(p.middle, p.height, p.left, p.right, p.size) for p in pieces])
    by_height = np.argsort(columns[:, 0], kind="stable")
    middle, height, left, right, size = columns[by_height].T
    ends = np.searchsorted(middle, middle + 0.35 * height, side="right")
    counts = np.maximum(ends - np.arange(1, len(pieces) + 1), 0)  # of those level with a piece, the ones behind it
    firsts = np.repeat(np.cumsum(counts) - counts, counts)  # of each pair, the first one of the same upper piece
    a = np.repeat(np.arange(len(pieces)), counts)
    b = a + 1 + np.arange(len(a)) - firsts
    em, ratio = np.maximum(size[a], size[b]), size[a] / size[b]
    gap = np.maximum(left[a], left[b]) - np.minimum(right[a], right[b])
    touch = (gap > -0.5 * em) & (gap < TOUCH_EM * em) & (ratio > 0.7) & (ratio < 1.43)
    # From the first piece that stands lower on, all are another line's.
    lower = np.cumsum(middle[b] - middle[a] > 0.35 * np.minimum(height[a], height[b]))
    touch &= lower == np.concatenate(([0], lower))[firsts]
    return np.stack((by_height[a[touch]], by_height[b[touch]]), axis=1).tolist()


def _unite(owner: list[int], a: int, b: int) -> None:
    a, b = _root(owner, a), _root(owner, b)
    owner[max(a, b)] = min(a, b)


def _root(owner: list[int], index: int) -> int:
    while owner[index] != index:
        index = owner[index]
    return index


def _merged(pieces: list[Segment], layer: PageLayer, em: list[float]) -> Segment:
    words = [word for piece in pieces for word in piece.words]
    if not layer.has_rtl or not layer.is_rtl[words].any():
        words.sort(key=lambda word: layer.sides[word][0])
    is_bold = layer.words.columns.is_bold
    return _segment(words, layer, max([em[word] for word in words]), is_bold=all(is_bold[word] for word in words))


# --- reading order ------------------------------------------------------------------------------


def _in_reading_order(layer: PageLayer, segments: list[Segment]) -> list[Segment]:
    if len(segments) < 2 or (layer.has_rtl and layer.is_rtl.mean() > 0.1):
        return segments
    if layer.has_stream_order and (len(segments) < 6 or not (_jumps_about(segments) or _interleaves(segments))):
        return segments
    return _cut(segments)


def _jumps_about(segments: list[Segment]) -> bool:
    """Whether the stream often goes back up without moving to a column on the right."""
    jumps = sum(b.bottom < a.top + 0.3 * a.height and b.left < a.right for a, b in pairwise(segments))
    return jumps >= 3 and jumps > 0.1 * len(segments)


def _interleaves(segments: list[Segment]) -> bool:
    """Whether the stream writes columns of running text line by line across the page."""
    abreast = sum(_is_same_row(a, b) for a, b in pairwise(segments))
    if abreast < 0.3 * len(segments):
        return False
    column = _column_gap(segments)
    if column is None:
        return False
    sides = [s for s in segments if s.right <= column], [s for s in segments if s.right > column]
    return all(_fills_its_column(side) for side in sides)


def _fills_its_column(segments: list[Segment]) -> bool:
    width = max(s.right for s in segments) - min(s.left for s in segments)
    return median([s.right - s.left for s in segments]) > 0.6 * width


def _cut(segments: list[Segment]) -> list[Segment]:
    """Recursive XY cuts: columns first, then the band that frees columns, then plain rows."""
    if len(segments) < 4:
        return _by_rows(segments)
    column = _column_gap(segments)
    if column is not None:
        return _cut([s for s in segments if s.right <= column]) + _cut([s for s in segments if s.right > column])
    band = _best_band(segments)
    if band is None:
        return _by_rows(segments)
    return _cut([s for s in segments if s.bottom <= band]) + _cut([s for s in segments if s.bottom > band])


def _column_gap(segments: list[Segment]) -> float | None:
    """The left edge of the widest white column between two blocks of running text, three lines each or more.

    Text it is when its lines have three words on average: not a column of labels or amounts.
    """
    total = sum([len(s.words) for s in segments])
    if len(segments) < 6 or total < 3 * len(segments):
        return None
    em = median([s.size for s in segments])
    ordered = sorted(segments, key=attrgetter("left"))
    widest, found, reach, words = 0.8 * em, None, ordered[0].right, 0
    for index, segment in enumerate(ordered):
        gap = segment.left - reach
        rest = len(ordered) - index
        # Everything before lies left of the gap, everything from here on right of it.
        if gap > widest and index >= 3 <= rest and words >= 3 * index and total - words >= 3 * rest:
            widest, found = gap, reach
        if segment.right > reach:
            reach = segment.right
        words += len(segment.words)
    return found


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


_MAX_BANDS = 8


def _best_band(segments: list[Segment]) -> float | None:
    """The lower edge of the band to split off: one that leaves columns, else the widest white stripe."""
    bands: list[tuple[float, float]] = []
    reach = None
    for segment in sorted(segments, key=attrgetter("top")):
        if reach is not None and segment.top >= reach:
            bands.append((segment.top - reach, reach))
        reach = segment.bottom if reach is None else max(reach, segment.bottom)
    if not bands:
        return None
    widest = sorted(bands, reverse=True)[:_MAX_BANDS]
    freed = [(size, edge) for _, edge in widest if (size := _freed(segments, edge))]
    return max(freed)[1] if freed else max(bands)[1]


def _freed(segments: list[Segment], edge: float) -> int:
    parts = [s for s in segments if s.bottom <= edge], [s for s in segments if s.bottom > edge]
    return max((len(part) for part in parts if _column_gap(part) is not None), default=0)


def _by_rows(segments: list[Segment]) -> list[Segment]:
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=attrgetter("middle")):
        if rows and segment.middle - rows[-1][0].middle < 0.5 * max(segment.height, rows[-1][0].height):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [segment for row in rows for segment in sorted(row, key=lambda s: s.left)]


# --- blocks -------------------------------------------------------------------------------------


def _usual_gap(segments: list[Segment]) -> float:
    """The usual white space between the lines of a paragraph, in em; half an em at most."""
    gaps = [
        (b.top - a.bottom) / a.size
        for a, b in pairwise(segments)
        if b.left < a.right and a.left < b.right and -0.6 < (b.top - a.bottom) / a.size < 1.2
    ]
    return median(gaps) if len(gaps) >= 3 else 0.1


def _continues(lines: list[Segment], segment: Segment, usual_gap: float, layer: PageLayer) -> bool:
    """Whether the line goes on the open block: same column or same row, same type, no paragraph's gap."""
    last = lines[-1]
    em = min(last.size, segment.size)
    if not 0.87 < segment.size / last.size < 1.15:
        return False
    if _is_same_row(last, segment):
        return segment.left >= last.left and segment.left - last.right < 8 * em
    gap = (segment.top - last.bottom) / em
    if not -0.6 < gap < max(0.5, usual_gap + 0.35):
        return False
    left, right = min(s.left for s in lines), max(s.right for s in lines)
    if segment.left > right or segment.right < left:
        return False
    if segment.is_bold != last.is_bold and (last.is_bold or segment.is_bold) and len(segment.words) > 1:
        return False
    return not (_is_item(segment, layer) and not _is_item(lines[0], layer))


def _is_same_row(a: Segment, b: Segment) -> bool:
    return abs(a.middle - b.middle) < 0.4 * min(a.height, b.height)


def _is_item(segment: Segment, layer: PageLayer) -> bool:
    text = layer.texts[segment.words[0]]
    if _BULLET.match(text):
        return True
    return len(segment.words) > 1 and _LIST_MARK.match(text) is not None


def _without(segment: Segment, claimed: dict[int, Region], layer: PageLayer) -> Segment | None:
    free = [word for word in segment.words if word not in claimed]
    if not free:
        return None
    return segment.part(free, layer)


def _flush(lines: list[Segment], layer: PageLayer) -> list[DraftBlock]:
    if not lines:
        return []
    kind = BlockKind.LIST if _is_item(lines[0], layer) else BlockKind.PARAGRAPH
    block = DraftBlock(kind, layer.lines([line.words for line in lines]))
    lines.clear()
    return [block]


# --- what only the whole document tells ------------------------------------------------------------

_PAGE_NUMBER = re.compile(
    r"^[-–—(\s]*(?:page|seite|pagina|página|pág\.?|strona|p\.)?\s*\d{1,4}\s*(?:(?:of|von|de|di|van|/)\s*\d{1,4})?[-–—)\s.]*$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
MARGIN = 0.09  # of the page's height: where running headers and footers stand


def mark_roles(pages: Sequence[DraftPage]) -> None:
    """Turns paragraphs into headings, headers and footers, by comparing all pages of a document."""
    _mark_running(pages)
    _mark_headings(pages)


def _mark_running(pages: Sequence[DraftPage]) -> None:
    seen: Counter[tuple[BlockKind, str]] = Counter()
    candidates: list[tuple[DraftBlock, BlockKind, str]] = []
    for page in pages:
        here: set[tuple[BlockKind, str]] = set()
        for block in page.blocks:
            kind = _margin(block)
            if kind is None:
                continue
            text = text_of(block.lines)
            candidates.append((block, kind, text))
            here.add((kind, _DIGITS.sub("#", text)))
        seen.update(here)
    needed = max(2, round(0.4 * len(pages)))
    for block, kind, text in candidates:
        is_number = len(pages) > 1 and _PAGE_NUMBER.match(text) is not None
        if is_number or seen[kind, _DIGITS.sub("#", text)] >= needed:
            block.kind = kind


def _margin(block: DraftBlock) -> BlockKind | None:
    if block.kind is not BlockKind.PARAGRAPH or not block.lines or len(block.lines) > 4:
        return None
    sides = [side for line in block.lines for side in as_line(line).sides]
    if max([bottom for _, _, _, bottom in sides]) < MARGIN:
        return BlockKind.HEADER
    if min([top for _, top, _, _ in sides]) > 1 - MARGIN:
        return BlockKind.FOOTER
    return None


def _mark_headings(pages: Sequence[DraftPage]) -> None:
    body = _body_size([as_line(line) for page in pages for block in page.blocks for line in block.lines])
    if body is None:
        return
    found: list[tuple[DraftBlock, float]] = []
    for page in pages:
        for block, following in zip(page.blocks, [*page.blocks[1:], None], strict=False):
            size = _heading_size(block, body, following)
            if size is not None:
                found.append((block, size))
    ranks = sorted({size for _, size in found}, reverse=True)
    for block, size in found:
        block.kind = BlockKind.HEADING
        block.level = min(6, ranks.index(size) + 1)


def _body_size(lines: list[DraftLine]) -> float | None:
    """The size in which most of the text is set; of two, the smaller."""
    weights: Counter[float] = Counter()
    for words, group in groupby(lines, key=attrgetter("words")):
        indexes = list(chain.from_iterable([line.indexes for line in group]))
        texts = picked(words.columns.texts, indexes)
        sizes = np.array(picked(words.columns.font_sizes, indexes), dtype=np.float64)  # None: not a number
        known, places = np.unique(np.rint(sizes * 2) / 2, return_inverse=True)
        lengths = np.bincount(places, weights=list(map(len, texts)), minlength=len(known))
        weights.update(
            {size: length for size, length in zip(known.tolist(), lengths.tolist(), strict=True) if size > 0}
        )
    return max(weights, key=lambda size: (weights[size], -size)) if weights else None


def _heading_size(block: DraftBlock, body: float, following: DraftBlock | None) -> float | None:
    """The type size if the block is a heading: larger than the body, or bold and on its own."""
    if block.kind is not BlockKind.PARAGRAPH or not block.lines or len(block.lines) > 3:
        return None
    lines = [as_line(line) for line in block.lines]
    sizes = [size or 0.0 for line in lines for size in line.font_sizes]
    is_large, is_bold = min(sizes) >= 1.15 * body, all(all(line.is_bold) for line in lines)
    if not is_large and not is_bold:
        return None
    text = text_of(block.lines)
    if len(text) > 160 or not any(map(str.isalpha, text)):
        return None
    size = _half(max(sizes))
    if is_large:
        return size
    is_short = size >= body - 0.5 and len(lines) <= 2 and len(text) <= 100
    stands_over_text = following is not None and not all(all(as_line(line).is_bold) for line in following.lines)
    return size if is_short and stands_over_text and not text.endswith(":") else None


def _half(size: float) -> float:
    return round(size * 2) / 2
