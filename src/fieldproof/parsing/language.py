"""Which languages a text is in: by script, and for the Latin script by its commonest small words."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

_SAMPLE = 40_000  # characters
_SCRIPTS = {
    "ja": (0x3040, 0x30FF),
    "ko": (0xAC00, 0xD7AF),
    "zh": (0x4E00, 0x9FFF),
    "ru": (0x0400, 0x04FF),
    "el": (0x0370, 0x03FF),
    "he": (0x0590, 0x05FF),
    "ar": (0x0600, 0x06FF),
    "th": (0x0E00, 0x0E7F),
    "hi": (0x0900, 0x097F),
}
# Words common in one language and rare in the others, bills and letters in mind.
_WORDS = {
    "en": "the and of to for is with by this that from your you our please invoice date amount due total shall are be",
    "de": "der die und das den von mit für ist auf dem ein eine zu nicht wir ihre rechnung datum betrag gesamt bitte bei",
    "fr": "le les des et du une est pour avec dans sur vous votre nous facture montant au aux par ce cette merci à",
    "es": "el los las del y una para con por su es fecha factura importe cliente usted nuestro como al más sus",
    "it": "il gli della di che per una con sono del dei fattura data importo nel alla questo si le imponibile",
    "nl": "het een en van de voor met op uw wij niet factuur datum bedrag aan dit zijn bij totaal btw",
    "pt": "os uma para com do da dos das não fatura data valor por seu ao mais são você é",
    "pl": "i w na z do nie się jest dla faktura data kwota oraz numer od po za razem",
    "sv": "och att det som på för är av med en till faktura datum belopp inte den summa",
}
_LATIN = {
    word: [code for code, words in _WORDS.items() if word in words.split()]
    for word in set(" ".join(_WORDS.values()).split())
}
_WORD = re.compile(r"[^\W\d_]+")
_IS_LETTER = np.array(
    [chr(code).isalnum() and not chr(code).isdecimal() for code in range(0x2200)]
)  # as _WORD has them
_FIRST_SCRIPT = min(low for low, _ in _SCRIPTS.values())
_ASCII_WORDS = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalpha()})
_ENOUGH = 4  # telling words before a language is named
_SHARE = 0.25  # of the leader's words another language needs to be named beside it


def languages_of(text: str) -> tuple[str, ...]:
    """ISO 639-1 codes, the most used first; empty where the text is too short to tell."""
    sample = text[:_SAMPLE]
    if not sample:
        return ()
    found = Counter({} if sample.isascii() else _scripts(sample))
    if found["ja"]:
        found["ja"] += found.pop("zh", 0)  # kanji
    for word, count in Counter(filter(_LATIN.__contains__, _words(sample.casefold()))).items():
        for code in _LATIN[word]:
            found[code] += count
    ranked = sorted(((count, code) for code, count in found.items() if count >= _ENOUGH), key=lambda e: (-e[0], e[1]))
    return tuple(code for count, code in ranked if count >= _SHARE * ranked[0][0] or _is_script(code))[:3]


def _scripts(text: str) -> dict[str, int]:
    """How many letters of each script, three of them taken for a word."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = codes[codes >= _FIRST_SCRIPT]
    return {
        code: int(np.count_nonzero((codes >= low) & (codes <= high))) // 3 for code, (low, high) in _SCRIPTS.items()
    }


def _words(text: str) -> list[str]:
    if text.isascii():
        return text.translate(_ASCII_WORDS).split()
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if (codes >= len(_IS_LETTER)).any():
        return _WORD.findall(text)
    return np.where(_IS_LETTER[codes], codes, 0x20).tobytes().decode("utf-32-le", "surrogatepass").split()


def _is_script(code: str) -> bool:
    return code not in _WORDS
