"""Values that stand in sentences: who agrees with whom, under which law, for how long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fieldproof.extraction.places import region_in
from fieldproof.extraction.plain import plain, small

_SENTENCE = 3  # words that a line has at least which a sentence runs through
_LABEL_LENGTH = 40  # characters within which a colon makes the beginning of a line a label
# No sentence ends with these.
_GOES_ON = frozenset([
    "a", "an", "the", "of", "and", "or", "for", "to", "in", "on", "with", "by", "from", "at", "as", "der", "die", "das", "und", "oder", "von",
    "mit", "für", "zu", "im", "auf", "le", "la", "les", "de", "du", "des", "et", "ou", "pour", "el", "los", "las", "y", "o", "para", "con",
    "il", "lo", "gli", "e", "di", "per", "che", "met", "van", "het", "een", "en", "voor", "do", "da", "dos", "com",
])  # fmt: skip
_NUMBER_WORD = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|twelve|eighteen|twenty|twenty[- ]four|thirty|thirty[- ]six|sixty|ninety"
    r"|ein(?:e[nms]?)?|zwei|drei|vier|fünf|sechs|zwölf|un[eo]?|deux|trois|quatre|cinq|six|douze|dos|tres|cuatro|cinco|doce|due|tre|quattro|cinque|dodici"
    r"|een|twee|drie|vijf|twaalf|um|uma|dois|duas|três|doze"
)
_UNIT = (
    r"days?|weeks?|months?|years?|tage?n?|wochen?|monate?n?|jahre?n?|jours?|semaines?|mois|ans?|années?|días?|semanas?|meses|mes|años?|giorni|settimane|mesi|mese"
    r"|ann[oi]|dagen|weken|maanden|maand|jaren|jaar|dias?|mês|anos?"
)
_DURATION = re.compile(
    rf"(?<!\w)(?P<value>(?:(?:{_NUMBER_WORD}|\d{{1,3}})[\s-]*(?:\(\s?(?:\d{{1,3}}|{_NUMBER_WORD})\s?\)\s*)?)[\s-]*(?:(?:calendar|full|consecutive|business)\s+)?(?:{_UNIT}))(?!\w)"
)  # of small letters
_PLACE = r"(?P<value>(?:New |NEW |NORTH |SOUTH |WEST |RHODE |North |South |West |Rhode |District of |British |United |Hong |Cayman |Saudi |Great )?[A-Z][A-Za-zà-ÿ]+(?:(?: and | of | )(?:[A-Z][A-Za-zà-ÿ]+))?)"
_LAW = re.compile(
    r"(?i:laws?|legislation|jurisdiction|courts?)\s+(?:and\s+\w+\s+)?(?i:of|in|for)\s+(?i:the\s+)?(?i:(?:State|Commonwealth|Province|Republic|Kingdom|Federal Republic|Canton|District)\s+of\s+)?(?i:the\s+)?" + _PLACE
    + r"|(?i:State|Commonwealth|Province)\s+(?i:of)\s+" + _PLACE.replace("value", "value2")
    + r"|(?:Recht|Gesetze?n?)\s+(?:der|des|von)\s+" + _PLACE.replace("value", "value3")
    + r"|(?:droit|lois)\s+(?:de la |de l'|du |des |de )?" + _PLACE.replace("value", "value4")
    + r"|(?:ley(?:es)?|leggi?|leis?)\s+(?:de la |de |della |del |dello |do |da |di )?" + _PLACE.replace("value", "value5")
    + r"|" + _PLACE.replace("value", "value6") + r"\s+law(?!\w)",
)  # fmt: skip
# One of them stands in whatever _LAW finds.
_LAW_WORDS = [
    "law", "legislation", "jurisdiction", "court", "state", "commonwealth", "province", "recht", "gesetz", "droit", "lois", "ley", "legg", "lei",
]  # fmt: skip
_NAME = r"[A-Z0-9][\w&.'’\-]*(?:,? (?:[A-Z&0-9][\w&.'’\-]*|of|and|the|de|der|van|von|for|e\.V\.))*"
_NAME_STOP = re.compile(
    r"\s*(?:\(|[“\"”;]|,\s+(?:an?|the|with|having|whose|located|organi[sz]ed|incorporated|of|mit|ein|une?|soci[ée]t[ée]|una|een|and|on|for|its|acting|by|as|whose|registered|domiciliad|represented|herein|hereinafter|\d)\b"
    r"|\s(?:to|may|shall|will|can|must|agrees?|relating|regarding|entered|enters|has|have|hereby|concerning|pursuant|under|an?|with|having|whose|located|organi[sz]ed|residing|hereinafter|herein|collectively|on|dated|is|are|as|for itself|mit|\d{2,})\b|,?\s+and\s+|\s+und\s+|\s+et\s+|\s+y\s+|\s+e\s+|\s+en\s+|\.\s|:\s|$)",
)
_BETWEEN = re.compile(
    r"(?<!\w)(?:by\s+and\s+between|by\s+and\s+among|between|among|BETWEEN|zwischen|entre|tra|tussen)\s*:?\s+(?:the\s+(?=[A-Z]))?(?:\(?[1iaA]\)?[.)]\s+)?(?=[A-Z0-9])"
)
_AND = re.compile(
    r"(?:,|\)|”|\"|;|\s)\s*(?:and|AND|und|et|y|e|en)\s+(?:the\s+(?=[A-Z]))?(?:\(?[2iibB]{1,2}\)?[.)]\s+)?(?=[A-Z0-9])"
)
_TRAILING = re.compile(r"[\s,.;:]+$")


_CONTRACT_WORDS = frozenset(
    [
        "agreement",
        "agreements",
        "amendment",
        "article",
        "board",
        "business",
        "client",
        "committee",
        "company",
        "companies",
        "confidential",
        "confidentiality",
        "consultant",
        "contract",
        "contractor",
        "corporation",
        "counterparty",
        "customer",
        "director",
        "directors",
        "discloser",
        "disclosing",
        "disclosure",
        "documents",
        "effective",
        "employee",
        "employees",
        "employer",
        "employment",
        "evaluation",
        "executive",
        "exhibit",
        "herein",
        "information",
        "invention",
        "management",
        "mutual",
        "material",
        "materials",
        "non",
        "noncompetition",
        "nondisclosure",
        "competition",
        "optionholder",
        "other",
        "owner",
        "parent",
        "participant",
        "parties",
        "party",
        "person",
        "persons",
        "plaintiff",
        "product",
        "products",
        "project",
        "proprietary",
        "provider",
        "purchaser",
        "receiver",
        "receiving",
        "recipient",
        "recipients",
        "recital",
        "recitals",
        "representatives",
        "schedule",
        "section",
        "seller",
        "services",
        "shareholder",
        "stockholder",
        "supplier",
        "termination",
        "transaction",
        "undersigned",
        "vendor",
        "whereas",
        "witnesseth",
        "and",
        "or",
        "of",
        "the",
        "a",
        "any",
        "each",
        "its",
        "their",
        "either",
        "both",
    ]
)


def is_contract_word(text: str) -> bool:
    """Whether a text is made of what contracts call things and people: "the Receiving Party" is nobody's name."""
    return all(w in _CONTRACT_WORDS for w in plain(text).split())


_LASTS = re.compile(
    r"\bterm\b|remain(?:s)? in (?:full )?(?:force|effect)|continue in (?:full )?(?:force|effect)|expire|in effect|effective for|terminat\w* (?:on|upon|after)"
    r"|laufzeit|vertragsdauer|in kraft|gilt für|durée|en vigueur|vigencia|durata|looptijd",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(
    r"notice|solicit|hire|employ|within|prior (?:to|written)|business days|compete|thereafter|after (?:the )?(?:termination|disclosure|expiration|return)"
    r"|following (?:the )?(?:termination|disclosure|expiration)|kündigung|préavis|preaviso|preavviso|opzegging",
    re.IGNORECASE,
)


_ITS_END = re.compile(
    r"\b(?:agreement|nda|obligations?|contract|provisions?|vertrag|vereinbarung|accord|contrat|convention|contrato|acuerdo|contratto|accordo|overeenkomst)\b.{0,160}"
    r"(?:terminat|expir|remain|continue|lapse|in (?:full )?(?:force|effect)|be effective|term\b|period\b|end(?:et|s)?\b|gilt|läuft|vigueur|vigor|vigencia|durata|looptijd).{0,80}$"
    r"|\bterm of (?:this|the) (?:agreement|nda|contract)\b.{0,80}$",
    re.IGNORECASE | re.DOTALL,
)
_SENTENCE_END = re.compile(r"[.;]\s+(?=[A-Z(\"“])")
_OF_SOMETHING_ELSE = re.compile(
    r"^\W*(?:(?:after|following|from|of|prior to|before)\s+(?:the\s+|such\s+|its\s+|any\s+|each\s+)?(?:termination|expir\w+|disclosure|receipt|return|delivery|completion|closing)"
    r"|thereafter|(?:prior\s+)?(?:written\s+)?notice)",
    re.IGNORECASE,
)
_NOT_ITSELF = re.compile(
    r"solicit|hire|employ|compete|standstill|notice|within|surviv|during the term|revo[ck]|consent|consider",
    re.IGNORECASE,
)


_ENDS = re.compile(
    r"\b(?:agreement|nda|contract)\b[^.;]{0,160}?\b(?:(?:remain|continue|be) in (?:full )?(?:force|effect)[^.;]{0,40}? for|(?:expire|terminate)s?(?: and[^.;]{0,50})?|(?:continue|survive) for)"
    r"\W*(?:on the date (?:that|which) is\W*)?(?:a (?:period|term) of\W*)?$",
    re.IGNORECASE,
)
_FROM_ITS_BEGIN = re.compile(
    r"^\W*(?:from|after|following|of) the (?:effective date|date (?:hereof|of this|first|set forth)|execution of this)",
    re.IGNORECASE,
)


def is_its_end(before: str, after: str) -> bool:
    """Whether an agreement ends this long after its own date: "shall remain in effect for … from the Effective Date".

    Said right before and after the duration: unlike of ``says_how_long`` no other word of the sentence takes it back.
    """
    return bool(_ENDS.search(before) and _FROM_ITS_BEGIN.match(after))


def says_how_long(before: str, after: str) -> bool:
    """Whether a sentence says of an agreement itself that it lasts as long as the duration between these words."""
    sentence = _SENTENCE_END.split(before)[-1]
    if _NOT_ITSELF.search(sentence) or _OF_SOMETHING_ELSE.match(after):
        return False
    return bool(_ITS_END.search(sentence))


def lasts(context: str) -> bool | None:
    """Whether the words around a duration say that something lasts as long; None where they say neither this nor that."""
    if _OTHERWISE.search(context):
        return False
    return True if _LASTS.search(context) else None


@dataclass(frozen=True, slots=True)
class FoundProse:
    start: int
    end: int
    kind: str  # DURATION | PLACE | PARTY


def find_prose(text: str) -> Iterator[FoundProse]:
    lowered = small(text)
    for m in _DURATION.finditer(lowered):
        yield FoundProse(*m.span("value"), "DURATION")
    for m in _LAW.finditer(text) if any(word in lowered for word in _LAW_WORDS) else ():
        name = next(n for n, value in m.groupdict().items() if value)
        start, end = m.span(name)
        known = region_in(m[name])
        if known:  # "DELAWARE APPLICABLE" is the state and the word behind it
            start += m[name].find(known)
            end = start + len(known)
        yield FoundProse(start, end, "PLACE")
    yield from _parties(text)


def _parties(text: str) -> Iterator[FoundProse]:
    for between in _BETWEEN.finditer(text):
        first = _name_at(text, between.end())
        if first is None:
            continue
        yield FoundProse(*first, "PARTY")
        for joint in list(_AND.finditer(text, first[1], min(len(text), first[1] + 700)))[:6]:
            second = _name_at(text, joint.end())
            if second:
                yield FoundProse(*second, "PARTY")


def _name_at(text: str, start: int) -> tuple[int, int] | None:
    """The name that begins here: up to a bracket, a descriptive clause or the next "and"."""
    stop = _NAME_STOP.search(text, start, min(len(text), start + 90))
    end = stop.start() if stop else start
    piece = _TRAILING.sub("", text[start:end])
    legal = re.match(
        r",?\s+(?:Inc|LLC|L\.L\.C|Ltd|Corp|Co|LP|L\.P|N\.A|S\.A|GmbH|PLC|Limited)\b\.?", text[end : end + 12]
    )
    if legal:
        piece = text[start : end + legal.end()]
    if not 2 < len(piece) <= 80 or not re.match(_NAME, piece) or is_contract_word(piece):
        return None
    return start, start + len(piece)


def runs_on(upper: str, lower: str) -> bool:
    """Whether a sentence goes on in the line below: it begins with a small letter there, or cannot end where it does."""
    words = upper.split()
    if len(words) < _SENTENCE or ":" in lower[:_LABEL_LENGTH]:
        return False
    return lower[0].islower() or words[-1].lower() in _GOES_ON or words[-1][-1] in ",-–&"
