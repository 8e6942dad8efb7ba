"""Text in the form in which labels and names are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_ALNUM = re.compile(r"[^a-z0-9#%\u0080-\uffff]+")
_NOT_WORD = re.compile(r"[\W_]+")
# The same of ASCII, in a quarter of the time: most texts are.
_BLANKED = {c: " " for c in range(128) if not chr(c).isalnum() and chr(c) not in "#%"}
_DROPPED = {c: None for c in range(128) if not chr(c).isalnum()}
BULLETS = "|·•●▪■"  # marks between the parts of a line; they belong to none of them
_NUMBER_SIGN = re.compile(r"[nN][°º]")


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """Small letters and digits without accents, words parted by one blank."""
    if text.isascii():
        return " ".join(text.lower().translate(_BLANKED).split())
    decomposed = unicodedata.normalize("NFKD", _NUMBER_SIGN.sub("no ", text)).casefold()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _NOT_ALNUM.sub(" ", bare).strip()


def words_of_name(name: str) -> str:
    """ "invoiceNumber", "invoice_number" -> "invoice number"."""
    return plain(_CAMEL.sub(" ", name).replace("_", " ").replace("-", " "))


@lru_cache(maxsize=50_000)
def key(text: str) -> str:
    """Letters and digits only: what two writings of one value share."""
    if text.isascii():
        return text.lower().translate(_DROPPED)
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


def small(text: str) -> str:
    """In small letters, each where it stood: patterns of many words take a third of the time without IGNORECASE."""
    return text.replace("İ", "i").lower()
