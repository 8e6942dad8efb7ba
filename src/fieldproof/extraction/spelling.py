"""A name that a scan reads a little wrong is written as a reviewed look-alike has it.

"GARDENIA BAKERLES" becomes "GARDENIA BAKERIES" once somebody confirmed that. Only letters that OCR read are
doubted, only names and addresses are respelt, and never a number in them: the next house is another address.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from fieldproof.core.document import WordSource
from fieldproof.extraction.candidates import Candidate
from fieldproof.extraction.plain import key
from fieldproof.extraction.scene import Scene

RESPELT = ("company", "address", "street", "city")  # shapes; people's names may differ in one letter
_SHORTEST = 8  # letters and digits of what can be told from its like
_PER_ERROR = 12  # letters and digits to one that is wrong
_WORD = 4  # letters of a word in which one may be wrong
_ALIKE = frozenset(
    frozenset(pair) for pair in ("0o", "0d", "0q", "1i", "1l", "2z", "5s", "6g", "6b", "8b", "9g")
)  # a digit and a letter of one shape


def meant_by(scene: Scene, candidate: Candidate, value: str, told: Sequence[str]) -> str | None:
    """Which of the spellings ``told`` OCR can have read as this value; None where the value is one of them itself."""
    if not told or not is_read_by_ocr(scene, candidate) or key(value) in map(key, told):
        return None
    return next((t for t in told if is_misreading(value, t)), None)


def is_read_by_ocr(scene: Scene, candidate: Candidate) -> bool:
    tokens = (scene.view.tokens[i] for first, last in candidate.pieces for i in range(first, last))
    return any(scene.view.document.pages[t.page].words[t.word].source is WordSource.OCR for t in tokens)


def is_misreading(read: str, meant: str) -> bool:
    """Whether OCR can have read ``meant`` as ``read``: a few letters differ, inside of words, and no number does."""
    was, is_ = key(read), key(meant)
    if len(is_) < _SHORTEST:
        return False
    most = max(1, len(is_) // _PER_ERROR)
    if Levenshtein.distance(was, is_, score_cutoff=most) > most:
        return False
    words = _word_lengths(meant)
    for step in Levenshtein.editops(was, is_):
        one = was[step.src_pos] if step.tag != "insert" else ""
        other = is_[step.dest_pos] if step.tag != "delete" else ""
        if frozenset((one, other)) in _ALIKE:
            continue
        if one.isdigit() or other.isdigit() or words[min(step.dest_pos, len(is_) - 1)] < _WORD:
            return False
    return True


def _word_lengths(text: str) -> list[int]:
    """Of each letter and digit of the text's key, how long its word is."""
    return [len(k) for k in map(key, text.split()) for _ in k]
