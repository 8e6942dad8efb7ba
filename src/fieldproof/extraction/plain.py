"""Text in the form in which labels and names are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_ALNUM = re.compile(r"[^a-z0-9#%\u0080-\uffff]+")
_NOT_WORD = re.compile(r"[\W_]+")
BULLETS = "|·•●▪■"  # marks between the parts of a line; they belong to none of them
_NUMBER_SIGN = re.compile(r"[nN][°º]")


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """Small letters and digits without accents, words parted by one blank."""
    if text.isascii():
        return _NOT_ALNUM.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", _NUMBER_SIGN.sub("no ", text)).casefold()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _NOT_ALNUM.sub(" ", bare).strip()


def words_of_name(name: str) -> str:
    """ "invoiceNumber", "invoice_number" -> "invoice number"."""
    return plain(_CAMEL.sub(" ", name).replace("_", " ").replace("-", " "))


@lru_cache(maxsize=50_000)
def key(text: str) -> str:
    """Letters and digits only: what two writings of one value share."""
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return _NOT_WORD.sub("", folded)
