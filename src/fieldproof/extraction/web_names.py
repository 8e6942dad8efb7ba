"""Whose paper it is by the web address on it: "azure-interior.com" is Azure Interior's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fieldproof.extraction.candidates import Candidate, Kind
from fieldproof.extraction.party_lines import SELLER
from fieldproof.extraction.plain import key
from fieldproof.extraction.view import View

_HOST = re.compile(r"(?:@|//|www\.|^)\s?([\w.-]+\.[A-Za-z]{2,})")
_SECOND_LEVEL = frozenset(["co", "com", "org", "net", "ac", "gov", "edu"])  # "acme.co.uk"
_OF_ALL = frozenset(["gmail", "googlemail", "yahoo", "hotmail", "outlook", "live", "gmx", "aol", "icloud", "tonline", "freenet", "orange", "wanadoo", "mailru", "proton", "example", "localhost"])  # fmt: skip
_SHORTEST = 5  # letters that tell a name


def web_names(view: View, candidates: Sequence[Candidate], whose: Mapping[int, int]) -> frozenset[str]:
    """What the web and mail addresses are called that are in no other party's lines, as ``key`` has it."""
    found = (
        _name(
            view.joined(*c.pieces[0])
        )  # whole words: "interior.com" of "office@azure-interior.com" is a candidate too
        for c in candidates
        if c.kinds & (Kind.EMAIL | Kind.URL) and whose.get(c.segment, SELLER) == SELLER
    )
    return frozenset(name for name in found if len(name) >= _SHORTEST and name not in _OF_ALL)


def is_called(company: str, names: frozenset[str]) -> bool:
    """Whether a company's name begins as one of them, or one of them as it."""
    own = key(company)
    return len(own) >= _SHORTEST and any(own.startswith(name) or name.startswith(own) for name in names)


def _name(address: str) -> str:
    host = _HOST.search(address)
    parts = host[1].lower().split(".")[:-1] if host else []
    if len(parts) > 1 and parts[-1] in _SECOND_LEVEL:
        parts.pop()
    return key(parts[-1]) if parts else ""
