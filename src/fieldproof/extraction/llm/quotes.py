"""From a quote back to its words: letter by letter, in the same letters and digits, or nearly so.

All visible words form one sequence; beside it runs the sequence of their letters and digits alone
(``plain.key``), in which punctuation, blanks, line breaks and ligatures make no difference in any script.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rapidfuzz import fuzz

from fieldproof.core.document import Word
from fieldproof.core.geometry import union
from fieldproof.core.result import Citation, Match
from fieldproof.extraction.llm.script import Passage, Script
from fieldproof.extraction.plain import key

FUZZY_FLOOR = 88.0  # percent of letters that must agree
_FUZZY_LETTERS = 8  # shorter quotes are too easily found by chance
_LINE_LETTERS, _LINE_WORDS, _LINE_PIECES = 4, 30, 8  # of a quote that runs down a column
_LINE_TRIES, _LINE_PLACES = 3, 30
_LINE_GAP = 0.1  # of the page's width, between two parts of one line
_GAP = 1.8  # letters' widths, beyond which two words are not one number
_MANY = 200  # places of one quote that are looked at
_PIECES = re.compile(r"\s*(?:…|\.{3,}|\[\.\.\.\]|\n)\s*")

Run = tuple[int, int]  # words first:last of the sequence


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote stands: one run of words, or several where it left something out."""

    match: Match
    runs: tuple[Run, ...]


class Stream:
    """All words of a script in the order in which they are sent."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.places: list[tuple[int, int, int]] = []  # document, page, word
        self.words: list[Word] = []
        self.rows: list[Run] = []
        self.of_passage: dict[int, Run] = {}
        self.of_page: dict[tuple[int, int], Run] = {}  # by document and page
        self.breaks: list[bool] = []  # whether a wide gap or a new row lies before the word
        keys: list[str] = []
        for passage in script.passages:
            first = len(self.places)
            for row in passage.rows:
                self.rows.append((len(self.places), len(self.places) + len(row.words)))
                before: Word | None = None
                for index in row.words:
                    word = script.word(row.document, row.page, index)
                    self.breaks.append(before is None or _is_far(before, word))
                    before = word
                    self.places.append((row.document, row.page, index))
                    self.words.append(word)
                    keys.append(key(word.text))
            self.of_passage[passage.number] = (first, len(self.places))
            page = passage.document, passage.page
            self.of_page[page] = (self.of_page.get(page, (first, first))[0], len(self.places))
        self.letters = "".join(keys)
        self.starts = array("Q", [0])  # where each word begins in ``letters``
        self.owner = array("L")  # the word of each letter
        for index, own in enumerate(keys):
            self.owner.extend([index] * len(own))
            self.starts.append(self.starts[-1] + len(own))

    def text(self, run: Run) -> str:
        """The words, with three blanks where a column or a line ends: "1   100.75" is not "1 100.75"."""
        parts = [self._between(i) + self.words[i].text for i in range(*run)]
        return "".join(parts)[len(self._between(run[0])) :] if parts else ""

    def words_at(self, run: Run, start: int, end: int) -> Run:
        """The words that the characters start:end of ``text(run)`` touch."""
        touched = [i for i, (a, b) in zip(range(*run), self._spans(run), strict=True) if a < end and b > start]
        return (touched[0], touched[-1] + 1) if touched else (run[0], run[0] + 1)

    def span_of(self, run: Run, part: Run) -> tuple[int, int]:
        """Where the words of a part stand in ``text(run)``."""
        spans = self._spans(run)
        return spans[part[0] - run[0]][0], spans[part[1] - 1 - run[0]][1]

    def _spans(self, run: Run) -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = []
        at = 0
        for index in range(*run):
            at += len(self._between(index)) if spans else 0
            spans.append((at, at + len(self.words[index].text)))
            at = spans[-1][1]
        return spans

    def _between(self, index: int) -> str:
        return "   " if self.breaks[index] else " "

    def find(
        self,
        quote: str,
        within: Run,
        hint: Run | None = None,
        after: int = 0,
        bears: Callable[[Run], bool] | None = None,
    ) -> Place | None:
        """The quote's place within a part of the sequence. Of several: one that ``bears`` a value, in ``hint``, from word ``after`` on."""
        found = self._whole(quote, within, hint, after, bears)
        if found is not None:
            return found
        pieces = [p for p in _PIECES.split(quote) if key(p)]
        if len(pieces) < 2:
            lines = self._stacked(quote.split(), hint or within) or self._stacked(quote.split(), within)
            return Place(Match.NORMALISED, lines) if lines else None
        places = [self._whole(p, within, hint, after) for p in pieces[:20]]
        known = [p for p in places if p is not None]
        if len(known) < len(places):
            return None
        worst = Match.FUZZY if any(p.match is Match.FUZZY for p in known) else Match.NORMALISED
        return Place(worst, tuple(run for p in known for run in p.runs))

    def all_of(self, text: str, within: Run) -> Iterator[Run]:
        """Every place that bears the same letters and digits."""
        wanted = key(text)
        low, high = self.starts[within[0]], self.starts[within[1]]
        at = self.letters.find(wanted, low, high) if wanted else -1
        for _ in range(_MANY):
            if at < 0:
                return
            if self._is_bounded(at, at + len(wanted)):
                yield self.owner[at], self.owner[at + len(wanted) - 1] + 1
            at = self.letters.find(wanted, at + 1, high)

    def citations(self, runs: Iterable[Run], match: Match) -> tuple[Citation, ...]:
        """One citation per run and page."""
        found = []
        for run in dict.fromkeys(runs):
            by_page: dict[tuple[int, int], list[Word]] = {}
            for index in range(*run):
                by_page.setdefault(self.places[index][:2], []).append(self.words[index])
            found += [self._citation(place, words, match) for place, words in by_page.items()]
        return tuple(c for c in found if c is not None)

    def _citation(self, place: tuple[int, int], words: Sequence[Word], match: Match) -> Citation | None:
        document = self.script.documents[place[0]]
        around = union(w.box for w in words)
        if around is None:
            return None
        anchors = {w.anchor for w in words}
        return Citation(
            document.id, document.parsed.pages[place[1]].number, around, " ".join(w.text for w in words),
            min(w.start for w in words), max(w.end for w in words), match, anchors.pop() if len(anchors) == 1 else None,
        )  # fmt: skip

    def _whole(
        self, quote: str, within: Run, hint: Run | None, after: int, bears: Callable[[Run], bool] | None = None
    ) -> Place | None:
        if not key(quote):
            return self._sign(quote.strip(), within, hint)
        runs = list(self.all_of(quote, within))
        if runs:
            if bears is not None and len(runs) > 1:
                runs = [r for r in runs if bears(r)] or runs
            best = min(runs, key=lambda r: (not _inside(r, hint), r[0] < after, r))
            best = self._with_signs(best, quote, within)
            is_exact = " ".join(quote.split()) in " ".join(self.text(best).split())
            return Place(Match.EXACT if is_exact else Match.NORMALISED, (best,))
        near = self._nearly(key(quote), hint) if hint else None
        near = near or self._nearly(key(quote), within)
        return Place(Match.FUZZY, (near,)) if near else None

    def _stacked(self, words: list[str], within: Run) -> tuple[Run, ...]:
        """Pieces that stand below or beside each other and are one quote, with those of a neighbouring column between them in the text.

        Greedy, the longest piece first, so that no document can make it slow.
        """
        tries = 0
        for count in range(min(len(words), _LINE_WORDS) - 1, 0, -1):
            head = " ".join(words[:count])
            if tries == _LINE_TRIES or len(key(head)) < _LINE_LETTERS:
                break
            runs = list(islice(self.all_of(head, within), _LINE_PLACES))
            tries += bool(runs)
            for run in runs:
                rest = self._continued(run, words[count:])
                if rest:
                    return (run, *rest)
        return ()

    def _continued(self, run: Run, words: list[str]) -> tuple[Run, ...]:
        pieces: list[Run] = []
        while words and len(pieces) < _LINE_PIECES:
            count, found = self._next_piece(pieces[-1] if pieces else run, words)
            if found is None:
                return ()
            pieces.append(found)
            words = words[count:]
        return () if words else tuple(pieces)

    def _next_piece(self, before: Run, words: list[str]) -> tuple[int, Run | None]:
        page = self.of_page[self.places[before[0]][:2]]
        for count in range(min(len(words), _LINE_WORDS), 0, -1):
            for run in islice(self.all_of(" ".join(words[:count]), page), _LINE_PLACES):
                if self._goes_on(before, run):
                    return count, run
        return 0, None

    def _goes_on(self, first: Run, second: Run) -> bool:
        """On the next line under the same words, or on the same line a little to the right."""
        a, b = (union(w.box for w in self.words[r[0] : r[1]]) for r in (first, second))
        if a is None or b is None or self.places[first[1] - 1][:2] != self.places[second[0]][:2]:
            return False
        height = min(a.height, b.height)
        is_under = min(a.right, b.right) > max(a.left, b.left) and a.middle[1] < b.top + b.height / 2
        is_beside = abs(a.middle[1] - b.middle[1]) < 0.5 * height and 0 <= b.left - a.right < _LINE_GAP
        return is_beside or (is_under and b.top - a.bottom < 1.2 * height)

    def _with_signs(self, run: Run, quote: str, within: Run) -> Run:
        """Check marks and the like at the quote's ends, which have no letters to be found by."""
        letters = [i for i, c in enumerate(quote) if c.isalnum()]
        if not letters:
            return run
        before, after = quote[: letters[0]], quote[letters[-1] + 1 :]
        first, last = run
        while first > within[0] and not key(self.words[first - 1].text) and self.words[first - 1].text in before:
            first -= 1
        while last < within[1] and not key(self.words[last].text) and self.words[last].text in after:
            last += 1
        return first, last

    def _sign(self, sign: str, within: Run, hint: Run | None) -> Place | None:
        """A quote without letters or digits: a check mark."""
        if not sign:
            return None
        for part in (hint, within):
            for index in range(*part) if part else ():
                if sign in self.words[index].text:
                    return Place(Match.EXACT, ((index, index + 1),))
        return None

    def _nearly(self, wanted: str, within: Run) -> Run | None:
        low, high = self.starts[within[0]], self.starts[within[1]]
        if not _FUZZY_LETTERS <= len(wanted) <= high - low:
            return None
        best = fuzz.partial_ratio_alignment(wanted, self.letters[low:high], score_cutoff=FUZZY_FLOOR)
        if best is None or best.dest_end <= best.dest_start:
            return None
        run = self.owner[low + best.dest_start], self.owner[low + best.dest_end - 1] + 1
        # A wrong letter is a misreading; a wrong digit is another number.
        return run if _digits(self.letters[self.starts[run[0]] : self.starts[run[1]]]) == _digits(wanted) else None

    def _is_bounded(self, start: int, end: int) -> bool:
        """A number is not found inside a longer one, nor a word inside a longer word."""
        return not (self._is_one(start - 1, start) or self._is_one(end - 1, end))

    def _is_one(self, left: int, right: int) -> bool:
        if left < 0 or right >= len(self.letters) or self.owner[left] != self.owner[right]:
            return False
        a, b = self.letters[left], self.letters[right]
        return (a.isdigit() and b.isdigit()) or (_is_cased(a) and _is_cased(b))


def span_of(sequence: Stream, passages: Sequence[Passage]) -> Run:
    """The part of the sequence from the first to the last of these passages."""
    runs = [sequence.of_passage[p.number] for p in passages]
    return (runs[0][0], runs[-1][1]) if runs else (0, 0)


def _is_far(left: Word, right: Word) -> bool:
    """More than a blank between two words, measured by the width of their letters."""
    letter = (left.box.width + right.box.width) / max(1, len(left.text) + len(right.text))
    return abs(right.box.left - left.box.right) > _GAP * letter


def _inside(run: Run, part: Run | None) -> bool:
    return part is not None and part[0] <= run[0] and run[1] <= part[1]


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _is_cased(letter: str) -> bool:
    """Of a script that parts its words with blanks."""
    return letter.lower() != letter.upper() or "\u0590" <= letter <= "\u0dff"
