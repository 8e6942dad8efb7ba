"""Where the recogniser wavers between two characters, the word around them decides.

A scan's "TAX INVQICE" is read with C as good as Q: which letter follows which in seven languages' words says the
rest. Only what the recogniser itself held possible is ever chosen, and only inside words; digits are taken for
letters, or letters for digits, only where the shapes are alike and the token is otherwise of one kind. The model,
letters.npz, is counts of letter sequences of words (training/letters.py).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

ORDER = 5
START, END = "^", "$"
BITS = 6  # of a character in a packed sequence

Rivals = list[tuple[str, float]]  # characters the recogniser also saw at a place, and their probabilities

SURE = 0.97  # a character read with this probability is not doubted
_LEAST = 0.05  # probability of a rival to be heard
_LEAST_OTHER_KIND = 0.15  # of a digit for a letter or a letter for a digit
_WEIGHT = 0.5  # of the sequence's logarithm beside the recogniser's
_SHORTEST = 4  # letters: in shorter words sequences say little
_MANY_LETTERS = 3  # beside a digit that may be a letter
_LIKE_A_WORD = -3.2  # mean logarithm: "GTRHAS" has less, and keeps its digit
_MANY_DIGITS = 2  # beside a letter that may be a digit
_LETTERS = re.compile(r"(?<!\d)[^\W\d_]+(?!\d)")
_TOKEN = re.compile(r"[^\W_]+")
_ALIKE = {"0": "OoQD", "1": "Il", "2": "Zz", "5": "Ss", "6": "Gb", "8": "B"}
_DIGITS_ALIKE = {letter: digit for digit, letters in _ALIKE.items() for letter in letters}


def warm_up() -> None:
    """Loads the model."""
    _model()


def settled(text: str, scores: list[float], rivals: Callable[[int], Rivals]) -> dict[int, tuple[str, float]]:
    """The characters of ``text`` to change: place -> character and its probability. ``scores``: of each character."""
    if min(scores, default=1.0) >= SURE:
        return {}
    changed: dict[int, tuple[str, float]] = {}
    for token in _TOKEN.finditer(text):
        changed |= _of_other_kind(text, token.start(), token.end(), scores, rivals)
    now = "".join(changed[i][0] if i in changed else c for i, c in enumerate(text))
    for word in _LETTERS.finditer(now):
        if len(word[0]) >= _SHORTEST:
            changed |= _better_letters(word[0], word.start(), scores, rivals)
    return changed


def _of_other_kind(
    text: str, start: int, end: int, scores: list[float], rivals: Callable[[int], Rivals]
) -> dict[int, tuple[str, float]]:
    """A digit among letters that looks like one, a letter among digits that looks like one."""
    digits = sum(c.isdigit() for c in text[start:end])
    letters = end - start - digits
    if digits == 1 and letters >= _MANY_LETTERS:
        at = next(i for i in range(start, end) if text[i].isdigit())
        alike = _ALIKE.get(text[at], "")
    elif letters == 1 and digits >= _MANY_DIGITS:
        at = next(i for i in range(start, end) if not text[i].isdigit())
        alike = _DIGITS_ALIKE.get(text[at], "")
    else:
        return {}
    if scores[at] >= SURE or not alike:
        return {}
    heard = [(p, c) for c, p in rivals(at) if c in alike and p >= _LEAST_OTHER_KIND]
    if not heard:
        return {}
    probability, character = max(heard)
    if character.isalpha() and not _is_like_a_word(text[start:at], character, text[at + 1 : end]):
        return {}
    return {at: (character, probability)}


def _is_like_a_word(before: str, letter: str, after: str) -> bool:
    if letter.islower() and (before + after).isupper():
        return False
    word = before + letter + after
    return _log_probability(word.upper()) >= _LIKE_A_WORD * (len(word) + 1)


def _better_letters(
    word: str, start: int, scores: list[float], rivals: Callable[[int], Rivals]
) -> dict[int, tuple[str, float]]:
    changed: dict[int, tuple[str, float]] = {}
    current = word
    for k in range(len(word)):
        own = scores[start + k]
        if own >= SURE or word[k].upper() not in _model().codes:  # no letter of these languages: of another one
            continue
        usual = _log_probability(current.upper())
        best = 0.0
        for letter, probability in _other_letters(word[k], rivals(start + k)):
            other = current[:k] + letter + current[k + 1 :]
            gain = math.log(probability / own) + _WEIGHT * (_log_probability(other.upper()) - usual)
            if gain > best:
                best = gain
                changed[start + k] = (letter, probability)
        if start + k in changed:
            current = current[:k] + changed[start + k][0] + current[k + 1 :]
    return changed


def _other_letters(own: str, rivals: Rivals) -> Iterator[tuple[str, float]]:
    for letter, probability in rivals:
        if letter != own and probability >= _LEAST and letter.isalpha() and letter.upper() in _model().codes:
            yield letter, probability


# --- sequences of letters -------------------------------------------------------------------------


class _Model:
    """Counts of sequences of 1 to ORDER letters, packed and sorted, so that all that follow one stand side by side."""

    def __init__(self, alphabet: str, keys: list[np.ndarray], counts: list[np.ndarray]) -> None:
        self.codes = {letter: code for code, letter in enumerate(alphabet, start=1)}
        self._keys = [k.data for k in keys]
        self._sums = [np.concatenate(([0], np.cumsum(c, dtype=np.int64))).data for c in counts]

    def probability(self, before: tuple[int, ...], letter: int) -> float:
        """Of ``letter`` after the codes ``before``: Witten and Bell's mean of ever longer contexts."""
        probability = (self._count(0, letter) + 0.5) / (self._sums[0][-1] + 0.5 * 2**BITS)
        context = 0
        for length in range(1, min(len(before), ORDER - 1) + 1):
            context |= before[-length] << BITS * (length - 1)
            keys, sums = self._keys[length], self._sums[length]
            first, last = bisect_left(keys, context << BITS), bisect_left(keys, context + 1 << BITS)
            if first == last:
                break
            seen = self._count(length, context << BITS | letter)
            kinds = last - first
            probability = (seen + kinds * probability) / (sums[last] - sums[first] + kinds)
        return probability

    def _count(self, length: int, key: int) -> int:
        """Of one packed sequence of ``length`` letters and one more."""
        keys, sums = self._keys[length], self._sums[length]
        at = bisect_left(keys, key)
        return sums[at + 1] - sums[at] if at < len(keys) and keys[at] == key else 0


@cache
def _model() -> _Model:
    with np.load(Path(__file__).with_name("letters.npz")) as file:
        orders = range(1, ORDER + 1)
        return _Model(str(file["alphabet"]), [file[f"keys{k}"] for k in orders], [file[f"counts{k}"] for k in orders])


@lru_cache(maxsize=20_000)
def _log_probability(word: str) -> float:
    """Of a word in capitals."""
    model = _model()
    codes = [model.codes.get(c, 0) for c in (START, *word, END)]
    return sum(
        math.log(model.probability(tuple(codes[max(0, i - ORDER + 1) : i]), codes[i])) for i in range(1, len(codes))
    )
