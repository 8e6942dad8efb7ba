"""Reading pictures: PP-OCRv6 by way of rapidocr, models from the wheel, one thread.

The detector finds lines, the recogniser reads them; words are cut out of the recogniser's own time
steps, so each has its place and its confidence. The angle classifier is not used: it turns good lines
upside down. Instead a vote over the longest lines decides, and only when the page looks turned.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np

from fieldproof.parsing import letters

MAX_SIDE_PX = 2_000  # larger pictures are scaled down for reading: no gain was measured beyond
MIN_SCORE = 0.5  # of a line: below, it is noise
_BATCH = 6
_HEIGHT, _MIN_WIDTH = 48, 320  # of the recogniser's input
_BLANK = 0
_RIVALS = 8  # likeliest characters at a place
_SPACE_DOUBT = 0.02  # the share the model must give a space for a wide gap to become one
_VOTERS = 8
_TURN_DOUBT = 0.78  # mean confidence below which the page may be upside down

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class OcrWord:
    """A word and its corners in the picture's pixels, clockwise from its own top left."""

    text: str
    confidence: float
    corners: np.ndarray  # 4 × 2
    is_glued: bool = False


@dataclass(frozen=True, slots=True)
class OcrPage:
    """Lines of words, top to bottom. ``turn`` is how far the writing was turned: degrees counter-clockwise."""

    lines: tuple[tuple[OcrWord, ...], ...]
    confidence: float
    turn: int = 0
    unread: int = 0  # lines that were seen and could not be read
    skew: float = 0.0  # degrees clockwise the lines fall off level, once turned


def warm_up() -> None:
    """Loads the models; a fork server does so once for all its children."""
    _detector()
    _recogniser()
    letters.warm_up()


def read(picture: np.ndarray) -> OcrPage:
    """``picture``: height × width × 3, uint8. Coordinates in the answer are this picture's pixels."""
    small, scale = _scaled_down(picture)
    small, turn, found = _read_upright(small)
    lines = [line for line in found if line.words and line.score >= MIN_SCORE]
    unread = len(found) - len(lines)
    if not lines:
        return OcrPage((), 0.0, turn, unread)
    height, width = small.shape[:2]
    words = tuple(tuple(_restored(word, turn, width, height, scale) for word in line.words) for line in lines)
    weights = [len(line.text) for line in lines]
    confidence = float(np.average([line.score for line in lines], weights=weights))
    return OcrPage(words, confidence, turn, unread, _skew([line.quad for line in lines]))


def read_lines(picture: np.ndarray, quads: np.ndarray) -> list[tuple[str, float]]:
    """What stands at the given places (corners clockwise from the top left), each with its score."""
    return [(line.text, line.score) for line in _recognise(picture, quads)]


# --- finding lines ------------------------------------------------------------------------------


@cache
def _engine() -> Any:
    import rapidocr  # heavy, and only needed when a picture is read

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return rapidocr.RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


@cache
def _detector() -> Any:
    cv2.setNumThreads(1)
    return _engine()._load_det_model()


@cache
def _recogniser() -> Any:
    return _engine()._load_rec_model()


def _scaled_down(picture: np.ndarray) -> tuple[np.ndarray, float]:
    """A copy no larger than the models need, its sides multiples of 32, and picture pixels per copy pixel."""
    height, width = picture.shape[:2]
    scale = max(1.0, max(height, width) / MAX_SIDE_PX)
    if scale == 1.0:
        return picture, 1.0
    size = (max(32, round(width / scale)), max(32, round(height / scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA), scale


def _detect(picture: np.ndarray) -> np.ndarray:
    """The lines' corners, n × 4 × 2, top to bottom."""
    height, width = picture.shape[:2]
    pad_y, pad_x = max(0, 64 - height), max(0, 64 - width)
    # A line that fills its picture is not found: white above and below makes it one.
    if width / height >= 8 or height <= 30:
        pad_y = max(pad_y, round(width / 4) - height)
    padded = (
        cv2.copyMakeBorder(picture, pad_y // 2, pad_y - pad_y // 2, 0, pad_x, cv2.BORDER_REPLICATE)
        if pad_y or pad_x
        else picture
    )
    found = _detector()(padded)
    if found.boxes is None:
        return np.zeros((0, 4, 2), dtype=np.float32)
    quads = np.asarray(found.boxes, dtype=np.float32)
    quads[:, :, 1] -= pad_y // 2
    quads[:, :, 0] = quads[:, :, 0].clip(0, width)
    quads[:, :, 1] = quads[:, :, 1].clip(0, height)
    return quads[(_side(quads, 0, 1) >= 3) & (_side(quads, 0, 3) >= 3)]


def _side(quads: np.ndarray, a: int, b: int) -> np.ndarray:
    return np.linalg.norm(quads[:, b] - quads[:, a], axis=1)


def _skew(quads: list[np.ndarray]) -> float:
    """Degrees clockwise; the median over the longer lines, zero when there are too few."""
    longest = sorted(quads, key=lambda quad: -float(np.linalg.norm(quad[1] - quad[0])))[:40]
    long = [quad for quad in longest if np.linalg.norm(quad[1] - quad[0]) > 4 * np.linalg.norm(quad[3] - quad[0])]
    if len(long) < 3:
        return 0.0
    return float(np.median([math.degrees(math.atan2(q[1][1] - q[0][1], q[1][0] - q[0][0])) for q in long]))


# --- which way up -------------------------------------------------------------------------------


def _read_upright(picture: np.ndarray) -> tuple[np.ndarray, int, list[_ReadLine]]:
    """The picture with its writing upright, how far that was turned counter-clockwise (0, 90, 180, 270), and its lines."""
    quads = _detect(picture)
    wide, tall = _side(quads, 0, 1), _side(quads, 0, 3)
    longest = np.argsort(-np.maximum(wide, tall), kind="stable")[:_VOTERS]
    if len(quads) >= 2 and int((tall[longest] > 1.5 * wide[longest]).sum()) > len(longest) / 2:
        turn = _better_side([quads[i] for i in longest if tall[i] > wide[i]], picture)
    else:
        lines = _recognise(picture, quads)
        voters = [i for i in longest.tolist() if wide[i] >= tall[i]] if len(quads) >= 2 else []
        if not _are_upside_down([lines[i] for i in voters], picture):
            return picture, 0, lines
        turn = 180
    upright = _turned(picture, turn)
    return upright, turn, _recognise(upright, _detect(upright))


def _better_side(quads: list[np.ndarray], picture: np.ndarray) -> int:
    """Of standing lines: 90 or 270."""
    scores = {turn: _turned_score(quads, picture, turn) for turn in (90, 270)}
    return max(scores, key=lambda turn: scores[turn])


def _are_upside_down(lines: list[_ReadLine], picture: np.ndarray) -> bool:
    """Asked of the lines as they were read: reading them once more costs a sixth of a page."""
    if not lines:
        return False
    upright = _mean_score(lines)
    return upright < _TURN_DOUBT and _turned_score([line.quad for line in lines], picture, 180) > upright + 0.1


def _turned_score(quads: list[np.ndarray], picture: np.ndarray, turn: int) -> float:
    turned = [_turned_quad(quad, picture, turn) for quad in quads]
    return _mean_score(_recognise(_turned(picture, turn), np.stack(turned)))


def _mean_score(lines: list[_ReadLine]) -> float:
    return float(np.mean([line.score * min(1.0, len(line.text) / 3) for line in lines]))


def _turned(picture: np.ndarray, turn: int) -> np.ndarray:
    """Turned clockwise by ``turn`` degrees."""
    return np.ascontiguousarray(np.rot90(picture, -turn // 90))


def _turned_quad(quad: np.ndarray, picture: np.ndarray, turn: int) -> np.ndarray:
    height, width = picture.shape[:2]
    x, y = quad[:, 0], quad[:, 1]
    if turn == 90:
        turned = np.stack((height - y, x), axis=1)
    elif turn == 180:
        turned = np.stack((width - x, height - y), axis=1)
    else:
        turned = np.stack((y, width - x), axis=1)
    return _ordered(turned.astype(np.float32))


def _ordered(quad: np.ndarray) -> np.ndarray:
    """Clockwise from the top left corner."""
    start = int(np.argmin(quad.sum(axis=1)))
    return np.roll(quad, -start, axis=0)


# --- reading lines ------------------------------------------------------------------------------


@dataclass(slots=True)
class _ReadLine:
    quad: np.ndarray
    text: str
    score: float
    words: list[OcrWord]


def _recognise(picture: np.ndarray, quads: np.ndarray) -> list[_ReadLine]:
    """One line for each quad, in their order."""
    crops = [_crop(picture, quad) for quad in quads]
    ratios = np.array([crop.shape[1] / crop.shape[0] for crop in crops])
    lines: dict[int, _ReadLine] = {}
    order = np.argsort(ratios, kind="stable")
    recogniser = _recogniser()
    alphabet = recogniser.postprocess_op.character
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        width = int(_HEIGHT * max(_MIN_WIDTH / _HEIGHT, float(ratios[batch].max())))
        inputs = np.stack([_network_input(crops[i], width) for i in batch])
        for index, steps in zip(batch.tolist(), recogniser.session(inputs), strict=True):
            share = min(1.0, math.ceil(_HEIGHT * ratios[index]) / width)
            lines[index] = _decoded(steps, share, quads[index], alphabet)
    return [lines[index] for index in range(len(quads))]


def _crop(picture: np.ndarray, quad: np.ndarray) -> np.ndarray:
    """The line straightened; a line that stands tall is laid down."""
    width = max(1, int(max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3]))))
    height = max(1, int(max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1]))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(quad, dtype=np.float32), target)
    crop = cv2.warpPerspective(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC)
    return np.ascontiguousarray(np.rot90(crop)) if height >= 1.5 * width else crop


def _network_input(crop: np.ndarray, width: int) -> np.ndarray:
    height, own = crop.shape[:2]
    resized = min(width, math.ceil(_HEIGHT * own / height))
    picture = cv2.resize(crop, (resized, _HEIGHT)).astype(np.float32)
    padded = np.zeros((3, _HEIGHT, width), dtype=np.float32)
    padded[:, :, :resized] = picture.transpose(2, 0, 1) / 127.5 - 1.0
    return padded


def _decoded(steps: np.ndarray, share: float, quad: np.ndarray, alphabet: list[str]) -> _ReadLine:
    """``steps``: time × alphabet; ``share`` of the time belongs to the picture, the rest is padding."""
    best = steps.argmax(axis=1)
    fresh = best != _BLANK
    fresh[1:] &= best[1:] != best[:-1]
    at = np.flatnonzero(fresh)
    if not len(at):
        return _ReadLine(quad, "", 0.0, [])
    characters = [alphabet[i] for i in best[at].tolist()]
    scores = steps[at, best[at]]
    spaces = _doubted_spaces(steps[:, len(alphabet) - 1], at, characters)
    length = max(1.0, len(steps) * share)
    score = float(scores.mean())
    _settle_doubts(characters, scores, steps, at, alphabet)
    words = list(_cut_words(characters, at, scores, spaces, length, quad))
    return _ReadLine(quad, "".join(characters), score, words)


def _settle_doubts(
    characters: list[str], scores: np.ndarray, steps: np.ndarray, at: np.ndarray, alphabet: list[str]
) -> None:
    """Puts in ``characters`` and ``scores`` what the word around a doubted character says it is."""

    def rivals(index: int) -> letters.Rivals:
        step = steps[at[index]]
        likeliest = np.argpartition(-step, _RIVALS)[:_RIVALS].tolist()
        return [(alphabet[i], float(step[i])) for i in likeliest if i != _BLANK]

    for index, (character, score) in letters.settled("".join(characters), scores.tolist(), rivals).items():
        characters[index], scores[index] = character, score


def _doubted_spaces(space: np.ndarray, at: np.ndarray, characters: list[str]) -> set[int]:
    """The characters before which the model nearly saw a space, in a gap wider than the line's usual one."""
    steps = np.diff(at)
    if len(steps) < 3:
        return set()
    usual = float(np.median(steps))
    found = set()
    for index in np.flatnonzero(steps >= 1.4 * usual + 0.5).tolist():
        a, b = characters[index], characters[index + 1]
        if a.isspace() or b.isspace() or _CJK.match(a) or _CJK.match(b):
            continue
        if float(space[at[index] : at[index + 1] + 1].max()) >= _SPACE_DOUBT:
            found.add(index + 1)
    return found


def _cut_words(
    characters: list[str], at: np.ndarray, scores: np.ndarray, spaces: set[int], length: float, quad: np.ndarray
) -> Iterator[OcrWord]:
    middles = (at + 0.5) / length
    half = 0.5 * float(np.median(np.diff(at))) / length if len(at) > 1 else 0.5
    edges = _edges(middles, half, characters)
    start: int | None = None
    glued = False
    for index in range(len(characters) + 1):
        ends = index == len(characters) or characters[index].isspace() or index in spaces
        script_changes = (
            start is not None
            and not ends
            and (_CJK.match(characters[index]) is None) != (_CJK.match(characters[index - 1]) is None)
        )
        if start is not None and (ends or script_changes):
            word_scores = scores[start:index]
            yield OcrWord(
                "".join(characters[start:index]),
                float(word_scores.mean()),
                _slice(quad, edges[start][0], edges[index - 1][1]),
                glued,
            )
            start, glued = None, bool(script_changes)
        if index < len(characters) and not characters[index].isspace() and start is None:
            start = index
            glued = glued and bool(script_changes)


def _edges(middles: np.ndarray, half: float, characters: list[str]) -> list[tuple[float, float]]:
    """Where each character begins and ends along the line: half-way to its neighbours, the line's ends outside."""
    count = len(middles)
    edges = []
    for index in range(count):
        before = middles[index] - half if index == 0 else (middles[index - 1] + middles[index]) / 2
        after = middles[index] + half if index == count - 1 else (middles[index] + middles[index + 1]) / 2
        if index == 0 or characters[index - 1].isspace():
            before = max(before, middles[index] - 1.1 * half)
        if index == count - 1 or characters[index + 1].isspace():
            after = min(after, middles[index] + 1.1 * half)
        edges.append((max(0.0, float(before)), min(1.0, float(after))))
    return edges


def _slice(quad: np.ndarray, start: float, end: float) -> np.ndarray:
    """The part of a line between two shares of its length. A standing line reads downwards."""
    a, b, c, d = quad
    if np.linalg.norm(d - a) >= 1.5 * np.linalg.norm(b - a):
        a, b, c, d = b, c, d, a
    return np.stack((a + (b - a) * start, a + (b - a) * end, d + (c - d) * end, d + (c - d) * start))


def _restored(word: OcrWord, turn: int, width: int, height: int, scale: float) -> OcrWord:
    """Back to the pixels of the picture that was given; ``width`` and ``height`` are of the turned copy."""
    x, y = word.corners[:, 0], word.corners[:, 1]
    if turn == 90:
        x, y = y, width - x
    elif turn == 180:
        x, y = width - x, height - y
    elif turn == 270:
        x, y = height - y, x
    corners = np.stack((x, y), axis=1).astype(np.float64) * scale
    return OcrWord(word.text, word.confidence, corners, word.is_glued)
