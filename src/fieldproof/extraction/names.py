"""What tells that a text is a company's or a person's name."""

from __future__ import annotations

import re
from functools import lru_cache

from fieldproof.extraction.plain import plain, small

_LEGAL = re.compile(
    r"(?<![\w])(?:GmbH|AG|KG|OHG|UG|e\.?\s?K\.?|e\.?V\.?|GbR|mbH|SE|SAS|SARL|S\.?A\.?R\.?L\.?|S\.A\.S?\.?|SA|EURL|SNC|SCI|S\.?L\.?U?\.?|S\.?C\.?|S\.Com\.?"
    r"|S\.?r\.?l\.?s?|S\.?p\.?A\.?|S\.?n\.?c\.?|S\.?a\.?s\.?|B\.?V\.?|N\.?V\.?|V\.?O\.?F\.?|Lda\.?|Ltda\.?|Unipessoal|Inc\.?|Incorporated|Corp\.?|Corporation"
    r"|CO\.|LLC|L\.L\.C\.?|LLP|L\.?P\.?|Ltd\.?|Limited|PLC|Plc|Co\.|Company|Sdn\.?|Bhd\.?|SDN|BHD|S/B|Pty|Pte|PTY|PTE|Oy|AB|A/S|ApS|K\.?K\.?|Group|Holdings?|Enterprises?"
    r"|Trading|Partners|Associates|Foundation|Stiftung|University|Bank|Banque|Banco|Banca|Sparkasse|Volksbank|INC|CORP|LTD|ENTERPRISE|TRADING|HARDWARE|RESTAURANT|Restaurant|SHOP|STORE|MARKET)(?![\w])"
    r"|(?<=[A-Z] )SB(?=$|\s*\()"  # "MYNEWS RETAIL SB": Sdn. Bhd., cut short
)
_TRADE = re.compile(
    r"(?<!\w)(?:(?:mini|super|hyper)?mar(?:t|ket)|(?:super|hyper)m[ae]r[ck](?:ado|ato|hé|t)s?|bazaar|cash & carry|stationers?|stationery|supplies|suppliers?|book(?:shop|stores?)|bakery|bakehouse|caf[eé]"
    r"|kitchen|bistro|grill|pizza|noodles?|seafood|foods?|catering|pharmacy|clinic|hospital|motors?|garage|electrical|electronics|engineering|construction|contractors?|builders|systems|solutions|technolog(?:y|ies)"
    r"|consult(?:ing|ants)|logistics|transports?|travel|hotel|inn|resort|salon|boutique|fashion|jewell?ers|furniture|machinery|industries|manufacturing|media|broadcasting|television|studios?|print(?:ing|ers)|press"
    r"|laundry|florist|optical|dental|insurance|agency|realty|properties|institute|college|school|academy|society|station|retail|brothers|bros\.?|sons|kedai|restoran|perniagaan|pasar ?raya|syarikat|klinik|farmasi|warung"
    r"|b[aä]ckerei|metzgerei|apotheke|autohaus|werkstatt|gasth(?:aus|of)|kanzlei|versicherung(?:en|sverein)?|stadtwerke|verlag|druckerei|buchhandlung|schreinerei|spedition|großhandel|handel|verein|söhne|gebrüder"
    r"|boulangerie|pharmacie|librairie|[eé]picerie|soci[eé]t[eé]|[eé]tablissements|ets\.?|imprimerie|menuiserie|assurances|mutuelle|cabinet|h[oô]tel|brasserie|relais|et fils|fr[eè]res"
    r"|panader[ií]a|farm[aá]cia|talleres|librer[ií]a|ferreter[ií]a|construcciones|distribuciones|suministros|seguros|asociaci[oó]n|hermanos|e hijos"
    r"|panificio|officina|ferramenta|trattoria|ristorante|pizzeria|impresa|ditta|fratelli|f\.lli|edilizia|trasporti|assicurazioni"
    r"|bakkerij|apotheek|slagerij|boekhandel|bouwbedrijf|drukkerij|verzekeringen|groothandel|padaria|oficina|livraria|constru[cç][oõ]es|com[eé]rcio|distribuidora|irm[aã]os)(?!\w)"
)  # in small letters, what a company does, or who its owners are to each other: a name that has no legal form
_SAID = re.compile(
    r"thank|\btq\b|terima kasih|exchangeable|refund|welcome|please|goods sold|not returnable|visit us|have a nice|cash (?:sale|bill)|(?:tax|sales) invoice|receipt$|merci|vielen dank|gracias"
)  # in small letters
_BANK = re.compile(
    r"(?<!\w)(?:\w*bank|banque|banco|banca|caixa|\w*sparkasse|cr[eé]dit|caisse|caja|cassa|cr[eé]dito|building society|savings)(?!\w)"
)  # in small letters
_NUMBERED = re.compile(
    r"\W*(?:company|co\.?|business|firm) ?(?:reg(?:istration|\.)?)? ?n(?:o|r|umber)\b", re.IGNORECASE
)  # "(Company No. 113825-W)"
_GIVEN = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "herr",
        "frau",
        "monsieur",
        "madame",
        "mme",
        "sr",
        "sra",
        "senor",
        "senora",
        "sig",
        "signora",
        "dhr",
        "mevr",
    ]
)
_SMALL_PARTS = frozenset(
    [
        "de",
        "der",
        "den",
        "van",
        "von",
        "und",
        "and",
        "y",
        "e",
        "et",
        "la",
        "le",
        "les",
        "del",
        "di",
        "da",
        "do",
        "dos",
        "das",
        "the",
        "of",
        "for",
        "&",
        "du",
        "el",
        "zu",
        "am",
        "an",
    ]
)
_REGISTER = re.compile(r"\(\d{4,7} ?-? ?[A-Z]\)")  # of companies: "(306295-X)"
_BETWEEN_LEGAL_FORMS = re.compile(r"\([A-Z]\)|[^\w]")
_NAME_WORD = re.compile(r"^[A-ZÀ-ÖØ-Þ][\w'’.\-]*,?$")


@lru_cache(maxsize=8192)
def has_legal_form(text: str) -> bool:
    return bool(_LEGAL.search(text))


@lru_cache(maxsize=8192)
def names_a_trade(text: str) -> bool:
    """ "Kedai Ubat Chong Hwa", "Five Star Cash & Carry": two to seven words, capital letters, what the company does."""
    words = text.split()
    is_named = 1 < len(words) <= 7 and text[0].isalnum() and ":" not in text and title_case_share(text) >= 0.6
    return is_named and bool(_TRADE.search(small(text))) and not is_trade(text)


@lru_cache(maxsize=8192)
def is_bare_legal_form(text: str) -> bool:
    """ "Sdn Bhd", "Co. KG": the end of a name whose beginning stands elsewhere."""
    return has_legal_form(text) and not _BETWEEN_LEGAL_FORMS.sub("", _LEGAL.sub(" ", text))


def is_joined(upper: str, lower: str) -> bool:
    """Whether a name goes on in the line below: "The Coffee Bean" over "& Tea Leaf Sdn. Bhd."."""
    return ":" not in upper + lower and (upper.rstrip().endswith((" &", " +")) or lower.startswith(("& ", "+ ")))


@lru_cache(maxsize=8192)
def can_be_company(text: str) -> bool:
    """Whether a text can name a company: mostly letters, more than a legal form, nothing that is said to a customer."""
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    if letters < 2 or digits > letters or (digits and " " not in text and digits > 2):
        return False
    return not is_bare_legal_form(text) and not _SAID.search(small(text)) and not _NUMBERED.match(text)


@lru_cache(maxsize=8192)
def end_of_name(text: str) -> int:
    """Where a company's name ends before a register number or other tail; 0 where nothing follows it."""
    register = _REGISTER.search(text)
    if register and register.start() > 3:
        return len(text[: register.start()].rstrip())
    bracket = text.find("(", 4)
    legal = [m.end() for m in _LEGAL.finditer(text) if text[m.end() : m.end() + 1] != "-"]
    end = legal[-1] if legal else len(text[:bracket].rstrip()) if bracket > 0 else 0
    return end if end < len(text) - 1 else 0


@lru_cache(maxsize=8192)
def is_trade(text: str) -> bool:
    """ "Bistro & Cafe": what a company does, and no more."""
    return not re.search(r"\w", _TRADE.sub("", small(text)))


@lru_cache(maxsize=8192)
def is_bank(text: str) -> bool:
    """Whether a name says that it is a bank's: "Volksbank Hellweg eG", "Crédit du Midi"."""
    return title_case_share(text) >= 0.5 and bool(_BANK.search(small(text)))


def is_register_number(text: str) -> bool:
    return bool(_REGISTER.match(text.lstrip()))


@lru_cache(maxsize=8192)
def ends_with_legal_form(text: str) -> bool:
    return any(m.end() == len(text) for m in _LEGAL.finditer(text))


@lru_cache(maxsize=8192)
def person_likeness(text: str) -> float:
    """0 to 1: two to four capitalised words without digits, maybe a form of address."""
    words = text.replace(",", " , ").split()
    words = [w for w in words if w != ","]
    if not 1 < len(words) <= 6 or any(map(str.isdigit, text)) or has_legal_form(text):
        return 0.0
    large = [w for w in words if plain(w) not in _SMALL_PARTS]
    capital = sum(bool(_NAME_WORD.match(w)) for w in large)
    if capital < len(large) or not large:
        return 0.0
    titled = plain(words[0]) in _GIVEN
    return 1.0 if titled else {2: 0.8, 3: 0.7}.get(len(large), 0.4)


@lru_cache(maxsize=8192)
def title_case_share(text: str) -> float:
    words = [w for w in text.split() if w[:1].isalpha() and w.lower() not in _SMALL_PARTS]
    return sum(w[0].isupper() for w in words) / len(words) if words else 0.0
