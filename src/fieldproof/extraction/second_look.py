"""The second look: what a field's likely candidates are worth beside each other and beside those of the other fields.

The ranker scores every (field, candidate) pair by itself. Here the best of each field are seen beside their rivals:
the same value elsewhere, longer and shorter readings of the same place, other fields that want it and what those would
be left with, and where the fields of the same party and group stand. A second model weighs them anew (ADR 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fieldproof.extraction.arrays import best_of_others
from fieldproof.extraction.candidates import Candidate, Pieces
from fieldproof.extraction.plain import key
from fieldproof.extraction.query import Query
from fieldproof.extraction.scene import Scene

SECOND_FEATURES = (
    "score", "rank", "behind_best", "ahead_of_value", "elsewhere", "times", "share", "mass", "longer", "shorter",
    "wanted", "wanted_alike", "spare", "value_wanted", "firsts", "party_in_block", "group_near", "group_far", "fields",
    "longer_wanted", "best", "region", "share_of_region", "ahead_of_place",
)  # fmt: skip
_SCORE = SECOND_FEATURES.index("score")
_NONE = -9.0  # log-odds of what is not among a field's likely candidates
_CLOSE = 0.05  # of the page's height
_SURE = 0.5  # probability from which the first of another field tells where its group stands
_AWAY, _NOWHERE = 2.0, 3.0  # heights to the nearest field of the group: on other pages, and where there is none
_LEAST = 1e-6


def second_look(
    scene: Scene, queries: Sequence[Query], likely: Sequence[tuple[np.ndarray, np.ndarray]]
) -> list[np.ndarray]:
    """``likely``: of each field some candidates and the ranker's log-odds. Of each field rows x SECOND_FEATURES."""
    most = max((len(rows) for rows, _ in likely), default=0)
    if not most:
        return [np.zeros((0, len(SECOND_FEATURES)), dtype=np.float32) for _ in likely]
    used = np.unique(np.concatenate([rows for rows, _ in likely])).astype(np.intp)
    board = _board(used, likely, most)
    found = [scene.candidates[i] for i in used.tolist()]
    by_name = (
        _rivals(board)
        | _same_values(board, _numbered([_value(c) for c in found]))
        | _places(board, _Overlaps([c.pieces for c in found]), queries)
        | _company(board, scene, used, queries)
    )
    table = np.stack([by_name[name] for name in SECOND_FEATURES], axis=-1).astype(np.float32)
    return [table[q, : len(rows)] for q, (rows, _) in enumerate(likely)]


@dataclass(frozen=True, slots=True)
class _Board:
    """field x place in its list: which candidate stands there, its log-odds; padded."""

    at: np.ndarray  # number among the used candidates
    is_there: np.ndarray
    odds: np.ndarray
    chance: np.ndarray
    mass: np.ndarray  # field x 1: of all its chances
    table: np.ndarray  # used candidate x field: log-odds
    first: np.ndarray  # field -> place of its likeliest


def _board(used: np.ndarray, likely: Sequence[tuple[np.ndarray, np.ndarray]], most: int) -> _Board:
    shape = (len(likely), most)
    at, odds = np.zeros(shape, dtype=np.intp), np.full(shape, _NONE)
    is_there = np.zeros(shape, dtype=bool)
    for q, (rows, own) in enumerate(likely):
        at[q, : len(rows)] = np.searchsorted(used, rows)
        odds[q, : len(rows)] = np.maximum(own, _NONE + 0.1)
        is_there[q, : len(rows)] = True
    table = np.full((len(used), len(likely)), _NONE)
    field, place = np.nonzero(is_there)
    table[at[field, place], field] = odds[field, place]
    chance = np.where(is_there, likelihood(odds), 0.0)
    return _Board(at, is_there, odds, chance, chance.sum(axis=1, keepdims=True), table, odds.argmax(axis=1))


class _Overlaps:
    """Which of the used candidates share words: as sorted pairs, each candidate with itself too."""

    def __init__(self, pieces: Sequence[Pieces]) -> None:
        count = len(pieces)
        owner = np.repeat(np.arange(count), [len(p) for p in pieces])
        spans = np.array([span for p in pieces for span in p])
        order = np.argsort(spans[:, 0], kind="stable")
        owner, firsts, lasts = owner[order], spans[order, 0], spans[order, 1]
        # Of two spans that overlap one begins within the other.
        begin, end = np.searchsorted(firsts, firsts), np.searchsorted(firsts, lasts)
        outer = np.repeat(np.arange(len(owner)), end - begin)
        inner = np.arange(len(outer)) - np.repeat(np.cumsum(end - begin) - (end - begin), end - begin) + begin[outer]
        one, two = owner[outer], owner[inner]
        self._count = count
        self._pairs = np.unique(np.concatenate([one * count + two, two * count + one]))
        self.one, self.two = np.divmod(self._pairs, count)
        self._starts = np.searchsorted(self.one, np.arange(count))
        self.size = np.bincount(owner, weights=lasts - firsts, minlength=count)

    def best(self, values: np.ndarray) -> np.ndarray:
        """``values``: one row per pair. The largest of each candidate's pairs."""
        return np.maximum.reduceat(values, self._starts)

    def total(self, values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values, self._starts)

    def are(self, one: np.ndarray, two: np.ndarray) -> np.ndarray:
        wanted = one * self._count + two
        return self._pairs[np.minimum(np.searchsorted(self._pairs, wanted), len(self._pairs) - 1)] == wanted


def _rivals(board: _Board) -> dict[str, np.ndarray]:
    best = np.broadcast_to(board.odds.max(axis=1, keepdims=True), board.odds.shape)
    order = np.argsort(-board.odds, axis=1, kind="stable")
    return {
        "score": board.odds, "rank": np.argsort(order, axis=1, kind="stable"), "behind_best": best - board.odds, "best": best,
        "mass": np.broadcast_to(board.mass, board.odds.shape), "fields": np.full(board.odds.shape, len(board.odds)),
    }  # fmt: skip


def _same_values(board: _Board, value: np.ndarray) -> dict[str, np.ndarray]:
    own = value[board.at]
    is_same = (own[:, :, None] == own[:, None, :]) & board.is_there[:, None, :]
    itself = np.eye(own.shape[1], dtype=bool)[None]
    odds = board.odds[:, None, :]
    share = (is_same * board.chance[:, None, :]).sum(axis=2) / _at_least(board.mass)
    of_value = np.full((value.max() + 1, board.table.shape[1]), _NONE)
    np.maximum.at(of_value, value, board.table)
    return {
        "ahead_of_value": board.odds - np.where(is_same, _NONE, odds).max(axis=2),
        "elsewhere": np.where(is_same & ~itself, odds, _NONE).max(axis=2),
        "share": share,
        "times": np.bincount(value)[own],
        "value_wanted": _of_others(of_value[value], board),
    }


def _places(board: _Board, overlaps: _Overlaps, queries: Sequence[Query]) -> dict[str, np.ndarray]:
    """Who else wants the words of each candidate."""
    odds = board.table[overlaps.two]
    wanted = overlaps.best(odds)
    longer = overlaps.best(np.where((overlaps.size[overlaps.two] > overlaps.size[overlaps.one])[:, None], odds, _NONE))
    shorter = overlaps.best(np.where((overlaps.size[overlaps.two] < overlaps.size[overlaps.one])[:, None], odds, _NONE))
    fields = np.arange(len(board.at))
    is_over = overlaps.are(board.at[:, :, None], board.at[:, None, :]) & board.is_there[:, None, :]
    region = (is_over * board.chance[:, None, :]).sum(axis=2)
    shapes = _numbered([q.shape for q in queries])
    alike = np.stack([np.where(shapes == s, wanted[at], _NONE) for s, at in zip(shapes, board.at, strict=True)])
    first = board.at[fields, board.first]
    count = np.bincount(first[board.is_there[:, 0]], minlength=len(wanted))
    firsts = overlaps.total(count[overlaps.two])[board.at]
    return {
        "wanted": _of_others(wanted, board),
        "wanted_alike": np.where(np.eye(len(fields), dtype=bool)[:, None, :], _NONE, alike).max(axis=2),
        "longer": longer[board.at, fields[:, None]],
        "shorter": shorter[board.at, fields[:, None]],
        "longer_wanted": _of_others(longer, board),
        "spare": _spare(board, overlaps, wanted),
        "firsts": firsts - overlaps.are(board.at, np.broadcast_to(first[:, None], board.at.shape)),
        "region": region / _at_least(board.mass),
        "share_of_region": board.chance / _at_least(region),
        "ahead_of_place": board.odds - np.where(is_over, _NONE, board.odds[:, None, :]).max(axis=2),
    }


def _spare(board: _Board, overlaps: _Overlaps, wanted: np.ndarray) -> np.ndarray:
    """What the field that wants a place most, of the others, would lose with it: its best there less its best apart."""
    fields = len(board.at)
    if fields < 2:
        return np.zeros(board.at.shape)
    order = np.argsort(-wanted, axis=1, kind="stable")[:, :2]
    rival = np.where(order[board.at, 0] == np.arange(fields)[:, None], order[board.at, 1], order[board.at, 0])
    is_over = overlaps.are(board.at[:, :, None], board.at[rival])
    apart = np.where(is_over, _NONE, board.odds[rival]).max(axis=2)
    return wanted[board.at, rival] - apart


def _company(board: _Board, scene: Scene, used: np.ndarray, queries: Sequence[Query]) -> dict[str, np.ndarray]:
    """Where the likeliest candidates of the other fields of the same party and the same group stand."""
    fields = np.arange(len(queries))
    page, top = scene.looks.page[used], scene.looks.top[used]
    block = np.array([scene.view.chain_head(scene.candidates[i].segment) for i in used.tolist()])
    groups = _numbered([q.path[0] for q in queries])
    parties = _numbered([str(q.role) if q.role else f" {q.path[0]}" for q in queries])
    first = board.at[fields, board.first]
    chance = board.chance[fields, board.first]
    is_other = (fields[:, None] != fields) & board.is_there[:, 0]
    party, group = ((kind[:, None] == kind) & is_other for kind in (parties, groups))
    in_block = (block[board.at][:, :, None] == block[first]) * chance
    away = np.abs(top[board.at][:, :, None] - top[first])
    is_on_page = page[board.at][:, :, None] == page[first]
    far = np.where(is_on_page, away, _AWAY)
    is_sure = group & (chance > _SURE)
    return {
        "party_in_block": np.einsum("fpo,fo->fp", in_block, party) / np.maximum(1, party.sum(axis=1))[:, None],
        "group_near": np.einsum("fpo,fo->fp", (is_on_page & (away < _CLOSE)) * chance, group) / np.maximum(1, group.sum(axis=1))[:, None],
        "group_far": np.where(is_sure[:, None, :], far, _NOWHERE).min(axis=2),
    }  # fmt: skip


def of_both_looks(rows: np.ndarray, odds: np.ndarray) -> np.ndarray:
    """Scores in (0, 1) of rows that begin with SECOND_FEATURES: the mean of the ranker's log-odds there and the second look's.

    On kinds of documents that were never seen each errs in its own way.
    """
    return likelihood((rows[:, _SCORE] + odds) / 2)


def likelihood(odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-odds))


def _of_others(table: np.ndarray, board: _Board) -> np.ndarray:
    """field x place: the best that another field has in the candidate's row of a table of candidates and fields."""
    if table.shape[1] < 2:
        return np.full(board.at.shape, _NONE)
    return best_of_others(table, board.at, np.arange(len(board.at))[:, None])


def _value(candidate: Candidate) -> str:
    if candidate.date is not None:
        return candidate.date.isoformat()
    return f"{candidate.amount:.2f}" if candidate.amount is not None else key(candidate.text) or candidate.text


def _numbered(names: Sequence[str]) -> np.ndarray:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names])


def _at_least(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, _LEAST)
