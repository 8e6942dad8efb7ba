"""Yes or no from a box: ☒ ☐ [x] [ ] beside the words of the field; where a text is asked, the mark of a ticked one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from fieldproof.extraction.candidates import Kind
from fieldproof.extraction.features import FEATURES
from fieldproof.extraction.offers import Offer
from fieldproof.extraction.plain import plain
from fieldproof.extraction.query import Query, trigrams
from fieldproof.extraction.scene import Scene

_MARK = re.compile(r"(?P<on>[☒☑✓✔✗✘■●]|\[\s?[xX✓]\s?\]|\(\s?[xX]\s?\))|(?P<off>[☐□○◯]|\[\s?_?\s?\]|\(\s\))")
_NAMES_IT = 0.5  # how well the words beside a mark name a field that asks for yes or no
_IS_NAMED_SO = 0.85  # and one that asks for a text


def offers(number: int, scene: Scene, query: Query) -> Iterator[Offer]:
    """One offer per mark whose words name the field; a text is the mark of a ticked box."""
    is_text = query.shape != "boolean"
    for index, candidate in enumerate(scene.candidates):
        if not candidate.kinds & Kind.SEGMENT:
            continue
        segment = scene.view.segments[candidate.segment]
        for mark in _MARK.finditer(segment.text):
            words = _words_beside(segment.text, mark.span())
            strength = _names(words, query)
            if strength >= (_IS_NAMED_SO if is_text else _NAMES_IT) and not (is_text and mark["off"]):
                features = np.zeros(len(FEATURES), dtype=np.float32)
                yield Offer(
                    number,
                    index,
                    round(0.5 + 0.45 * strength, 4),
                    mark["on"] if is_text else bool(mark["on"]),
                    (number, candidate.pieces),
                    features,
                )


def _words_beside(text: str, span: tuple[int, int]) -> str:
    """What follows the mark up to the next one; else what stands before it."""
    after = _MARK.split(text[span[1] :])[0]
    return after if any(map(str.isalnum, after)) else text[: span[0]]


def _names(words: str, query: Query) -> float:
    text = plain(words)
    own = set(text.split())
    shared = len(own & query.words) / len(own) if own else 0.0
    return max(0.95 * shared, float(trigrams(text) @ query.name_trigrams))
