"""Names of countries and of their regions, as addresses and contracts write them.

``places.json``: names of countries in eleven languages from Unicode's CLDR, and regions of countries
whose addresses name them. Names are in the form of ``plain``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from fieldproof.extraction.plain import plain

_SOURCE = json.loads(files("fieldproof.extraction").joinpath("places.json").read_text("utf-8"))
COUNTRIES: dict[str, str] = _SOURCE["countries"]  # name -> ISO 3166 code
REGIONS: dict[str, str] = _SOURCE["regions"]  # name -> code of its country
_MAX_WORDS = max(len(name.split()) for name in (*COUNTRIES, *REGIONS))


@lru_cache(maxsize=8192)
def is_place(text: str) -> bool:
    """Whether the text is nothing but a country or a region, or the one and then the other."""
    words = plain(text).split()
    if not words or len(words) > 2 * _MAX_WORDS:
        return False
    return any(
        _is_name(words[:cut]) and (cut == len(words) or _is_name(words[cut:])) for cut in range(1, len(words) + 1)
    )


def _is_name(words: list[str]) -> bool:
    name = " ".join(words)
    return name in COUNTRIES or name in REGIONS


_FIRST_WORDS = frozenset(name.split()[0] for name in COUNTRIES)


def find_countries(words: list[str]) -> Iterator[tuple[int, int, str]]:
    """(first, last, ISO code) of every country that the words name; the longest name wins."""
    at = 0
    bare = [plain(w) for w in words]
    while at < len(words):
        if bare[at].split(" ", 1)[0] not in _FIRST_WORDS:
            at += 1
            continue
        for count in range(min(_MAX_WORDS, len(words) - at), 0, -1):
            code = COUNTRIES.get(" ".join(bare[at : at + count]).strip())
            if code and bare[at]:
                yield at, at + count, code
                at += count - 1
                break
        at += 1


def region_in(text: str) -> str | None:
    """The longest region or country that the text names, as it is written there."""
    words = text.replace(",", ", ").split()
    bare = [plain(w) for w in words]
    for count in range(min(_MAX_WORDS, len(words)), 0, -1):
        for at in range(len(words) - count + 1):
            if _is_name(bare[at : at + count]):
                return " ".join(words[at : at + count]).strip(" ,.;")
    return None
