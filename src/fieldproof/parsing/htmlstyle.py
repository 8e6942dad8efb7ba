"""As much of CSS as decides what a reader sees: colours, sizes, weights, and what is not shown at all."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from fieldproof.parsing.visibility import BLACK, SMALLEST_PT, WHITE, Colour, colour, is_transparent, melts

MAX_CSS_CHARACTERS = 1_000_000
MAX_RULES = 5_000
PT_PER_PX = 0.75
FAR_OFF_PX = 500.0

Declarations = dict[str, str]

_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_MEDIA = re.compile(r"@media([^{]*)\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}", re.IGNORECASE)
_SIMPLE = re.compile(r"(?P<tag>\*|[a-z][\w-]*)|\#(?P<id>[\w-]+)|\.(?P<cls>[\w-]+)|\[(?P<attribute>[^\]]*)\]|(?P<pseudo>::?[\w-]+(?:\([^)]*\))?)", re.IGNORECASE)  # fmt: skip
_LENGTH = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|%|cm|mm|in|vw|vh|ex|ch)?$")
_PX = {"px": 1.0, "": 1.0, "pt": 1 / PT_PER_PX, "cm": 37.8, "mm": 3.78, "in": 96.0, "em": 16.0, "rem": 16.0, "vw": 8.0, "vh": 8.0, "ex": 8.0, "ch": 8.0}  # fmt: skip
_NAMED_SIZES = {"xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0}  # fmt: skip
_FONT_TAG_SIZES = {"1": 10.0, "2": 13.0, "3": 16.0, "4": 18.0, "5": 24.0, "6": 32.0, "7": 48.0}


@dataclass(frozen=True, slots=True)
class Look:
    """How an element's text looks, inherited parts included."""

    ink: Colour | None = BLACK  # None: transparent
    ground: Colour | None = WHITE  # None: a picture, not judged
    size_px: float = 16.0
    is_bold: bool = False
    is_preformatted: bool = False
    is_invisible: bool = False  # visibility: a child may be visible again
    removed: str | None = None  # why the element and all in it is not shown

    def hidden_because(self) -> str | None:
        if self.removed:
            return self.removed
        if self.is_invisible:
            return "visibility"
        if self.size_px * PT_PER_PX < SMALLEST_PT:
            return "size"
        if self.ink is None or (self.ground is not None and melts(self.ink, self.ground)):
            return "colour"
        return None


@dataclass(frozen=True, slots=True)
class _Compound:
    """One step of a selector: what an element must have, and where it must stand among its siblings."""

    tag: str | None
    element_id: str | None
    classes: frozenset[str]
    attributes: tuple[tuple[str, str, str], ...] = ()  # name, operator, value
    places: tuple[tuple[int, int, bool], ...] = ()  # the n-th, counted in steps (0: only that one), from the end
    excluded: tuple[_Compound, ...] = ()

    @property
    def key(self) -> str:
        """What an element must have, the rarest first: an id, a class, a tag."""
        if self.element_id is not None:
            return f"#{self.element_id}"
        return f".{min(self.classes)}" if self.classes else self.tag or "*"

    def matches(self, element: Any) -> bool:
        return (
            (self.tag is None or element.tag == self.tag)
            and (self.element_id is None or element.get("id") == self.element_id)
            and (not self.classes or self.classes <= set((element.get("class") or "").split()))
            and all(_has_attribute(element, *attribute) for attribute in self.attributes)
            and all(_stands_at(element, *place) for place in self.places)
            and not any(compound.matches(element) for compound in self.excluded)
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    steps: tuple[_Compound, ...]
    declarations: Declarations
    weight: tuple[int, int, int]

    def matches(self, element: Any) -> bool:
        if not self.steps[-1].matches(element):
            return False
        ancestor = element.getparent()
        for step in reversed(self.steps[:-1]):
            while ancestor is not None and not (isinstance(ancestor.tag, str) and step.matches(ancestor)):
                ancestor = ancestor.getparent()
            if ancestor is None:
                return False
            ancestor = ancestor.getparent()
        return True


class Stylesheet:
    """The rules of a page's own style elements. Linked sheets are never fetched."""

    def __init__(self, texts: list[str]) -> None:
        rules = sorted(itertools.islice(_rules("\n".join(texts)[:MAX_CSS_CHARACTERS]), MAX_RULES), key=_by_weight)
        self._rules: dict[str, list[tuple[int, _Rule]]] = {}  # by what an element must have to match
        for rank, rule in enumerate(rules):
            self._rules.setdefault(rule.steps[-1].key, []).append((rank, rule))

    def look(self, element: Any, parent: Look) -> Look:
        """The element's look from its parent's."""
        return _applied(self._declarations(element), parent)

    def _declarations(self, element: Any) -> Declarations:
        found = _from_attributes(element)
        important: Declarations = {}
        for _, rule in self._candidates(element):
            if rule.matches(element):
                _merge(rule.declarations, found, important)
        style = element.get("style")
        if style:
            _merge(_parsed(style), found, important)
        return found | important

    def _candidates(self, element: Any) -> list[tuple[int, _Rule]]:
        if not self._rules:
            return []
        keys = [
            element.tag,
            "*",
            f"#{element.get('id')}",
            *(f".{name}" for name in (element.get("class") or "").split()),
        ]
        found = [entry for key in dict.fromkeys(keys) for entry in self._rules.get(key, ())]
        return sorted(found, key=lambda entry: entry[0])


def _by_weight(rule: _Rule) -> tuple[int, int, int]:
    return rule.weight


def _merge(declarations: Declarations, found: Declarations, important: Declarations) -> None:
    for name, value in declarations.items():
        if value.endswith("!important"):
            important[name] = value.removesuffix("!important").strip()
        else:
            found[name] = value


def _rules(css: str) -> Iterator[_Rule]:
    css = _COMMENT.sub("", css)
    css = _MEDIA.sub(lambda match: match.group(2) if _is_for_screens(match.group(1)) else "", css)
    for number, match in enumerate(_RULE.finditer(css)):
        declarations = _parsed(match.group(2))
        if not declarations:
            continue
        for selector in match.group(1).split(","):
            if steps := _steps(selector):
                yield _Rule(steps, declarations, _weight(steps, number))


_FEATURE = re.compile(r"\(\s*(min|max)-width\s*:\s*(\d+)px\s*\)|\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)")
_SCREEN_PX = 1200


def _is_for_screens(query: str) -> bool:
    """Whether a usual screen is meant."""
    return any(_is_for_screen(part) for part in query.lower().split(","))


def _is_for_screen(query: str) -> bool:
    bare = _FEATURE.sub("", query).replace("only", "").replace("and", "").strip()
    if bare not in ("", "all", "screen"):
        return False
    for bound, px, scheme in _FEATURE.findall(query):
        if scheme == "dark" or (bound == "min" and int(px) > _SCREEN_PX) or (bound == "max" and int(px) < _SCREEN_PX):
            return False
    return True


def _steps(selector: str) -> tuple[_Compound, ...]:
    """The selector's steps; nothing when it holds something that is not understood."""
    steps: list[_Compound] = []
    for part in selector.replace(">", " ").strip().split():
        compound = _compound(part)
        if compound is None:
            return ()
        steps.append(compound)
    return tuple(steps)


def _compound(part: str) -> _Compound | None:
    """None for what is not understood."""
    tag = element_id = None
    classes: set[str] = set()
    attributes: list[tuple[str, str, str]] = []
    places: list[tuple[int, int, bool]] = []
    excluded: list[_Compound] = []
    position = 0
    for match in _SIMPLE.finditer(part):
        if match.start() != position:
            return None
        position = match.end()
        if match.group("tag"):
            tag = None if match.group("tag") == "*" else match.group("tag").lower()
        element_id = match.group("id") or element_id
        if match.group("cls"):
            classes.add(match.group("cls"))
        if match.group("attribute") is not None:
            if not (found := _ATTRIBUTE.match(match.group("attribute"))):
                return None
            attributes.append((found.group(1).lower(), found.group(2) or "", found.group(3) or ""))
        if pseudo := match.group("pseudo"):
            if other := _NOT.match(pseudo):
                inner = _compound(other.group(1).strip())
                if inner is None:
                    return None
                excluded.append(inner)
            elif place := _place(pseudo.lower()):
                places.append(place)
            else:
                return None
    if position != len(part):
        return None
    return _Compound(tag, element_id, frozenset(classes), tuple(attributes), tuple(places), tuple(excluded))


_ATTRIBUTE = re.compile(r"""\s*([\w-]+)\s*(?:([~|^$*]?=)\s*["']?([^"']*)["']?\s*)?$""")
_NOT = re.compile(r":not\(([^()]*)\)$", re.IGNORECASE)
_NTH = re.compile(r":nth-(last-)?child\(\s*(?:(odd|even)|(?:([+-]?\d*)n\s*)?([+-]?\s*\d+)?)\s*\)$")
_MAX_SIBLINGS = 1_000  # looked at: a long list under such a rule must not take for ever


def _place(pseudo: str) -> tuple[int, int, bool] | None:
    """(first, step, counted from the end) of ``:first-child``, ``:nth-child(2n+1)`` and their like."""
    if pseudo in (":first-child", ":last-child"):
        return 1, 0, pseudo == ":last-child"
    match = _NTH.match(pseudo)
    if not match:
        return None
    from_end, word, step, first = match.groups()
    if word:
        return (1 if word == "odd" else 2), 2, bool(from_end)
    number = int((first or "0").replace(" ", ""))
    every = 0 if step is None else int(step) if step.strip("+-") else int(f"{step}1")
    return (number, every, bool(from_end)) if every >= 0 else None


def _stands_at(element: Any, first: int, step: int, is_from_end: bool) -> bool:
    siblings = itertools.islice(element.itersiblings(preceding=not is_from_end), _MAX_SIBLINGS + 1)
    number = 1 + sum(isinstance(sibling.tag, str) for sibling in siblings)
    if number > _MAX_SIBLINGS:
        return False
    return number == first if step == 0 else number >= first and (number - first) % step == 0


def _has_attribute(element: Any, name: str, operator: str, wanted: str) -> bool:
    value = element.get(name)
    if value is None:
        return False
    match operator:
        case "":
            return True
        case "=":
            return value == wanted
        case "~=":
            return wanted in value.split()
        case "^=":
            return bool(wanted) and value.startswith(wanted)
        case "$=":
            return bool(wanted) and value.endswith(wanted)
        case "*=":
            return bool(wanted) and wanted in value
        case _:
            return value == wanted or value.startswith(f"{wanted}-")


def _weight(steps: tuple[_Compound, ...], number: int) -> tuple[int, int, int]:
    """Ids count most, then classes, then tags; among equals the later rule wins."""
    ids = sum(step.element_id is not None for step in steps)
    classes = sum(len(step.classes) + len(step.attributes) + len(step.places) for step in steps)
    return ids * 1000 + classes * 10, sum(step.tag is not None for step in steps), number


def _parsed(text: str) -> Declarations:
    found: Declarations = {}
    for part in text.split(";"):
        name, colon, value = part.partition(":")
        name = name.strip().lower()
        if colon and name in _INTERESTING:
            found[name] = value.strip().lower()
    return found


_INTERESTING = frozenset(
    [
        "display",
        "visibility",
        "opacity",
        "color",
        "background",
        "background-color",
        "background-image",
        "font",
        "font-size",
        "font-weight",
        "position",
        "left",
        "top",
        "right",
        "text-indent",
        "width",
        "height",
        "max-height",
        "max-width",
        "overflow",
        "clip",
        "clip-path",
        "white-space",
        "transform",
        "content-visibility",
        "mso-hide",
        "filter",
        "letter-spacing",
        "line-height",
        "zoom",
        "rotate",
        "translate",
        "scale",
        "-webkit-text-fill-color",
        "margin-left",
    ]
)


def _from_attributes(element: Any) -> Declarations:
    """What the old attributes say, below all rules."""
    found: Declarations = {}
    if element.get("hidden") is not None or (element.tag == "dialog" and element.get("open") is None):
        found["display"] = "none"
    if value := element.get("bgcolor"):
        found["background-color"] = value if value.startswith("#") or value.isalpha() else f"#{value}"
    if element.get("background"):
        found["background-image"] = "url"
    if element.tag in ("b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"):
        found["font-weight"] = "bold"
    if element.tag == "font":
        if value := element.get("color"):
            found["color"] = value
        if (value := element.get("size")) in _FONT_TAG_SIZES:
            found["font-size"] = f"{_FONT_TAG_SIZES[value]}px"
    if element.tag in ("pre", "textarea", "xmp", "listing"):
        found["white-space"] = "pre"
    return found


def _applied(declared: Declarations, parent: Look) -> Look:
    if not declared:
        return parent
    look = parent
    for name in ("color", "-webkit-text-fill-color"):
        if name in declared:
            look = replace(look, ink=_ink(declared[name], parent))
    if ground := _ground(declared):
        look = replace(look, ground=ground[0])
    if (size := _size(declared, parent.size_px)) is not None:
        look = replace(look, size_px=size)
    if "font-weight" in declared:
        look = replace(look, is_bold=declared["font-weight"] in ("bold", "bolder", "600", "700", "800", "900"))
    if "white-space" in declared:
        look = replace(look, is_preformatted=declared["white-space"] in ("pre", "pre-wrap", "pre-line"))
    if "visibility" in declared:
        look = replace(look, is_invisible=declared["visibility"] in ("hidden", "collapse"))
    if reason := _removed(declared):
        look = replace(look, removed=parent.removed or reason)
    return look


def _ink(value: str, parent: Look) -> Colour | None:
    if is_transparent(value):
        return None
    return colour(value) or (parent.ink if value in ("inherit", "currentcolor") else BLACK)


def _ground(declared: Declarations) -> tuple[Colour | None] | None:
    """The new ground in a tuple, or nothing where the parent's shows through."""
    if "url" in declared.get("background-image", "") or "gradient" in declared.get("background-image", ""):
        return (None,)
    value = declared.get("background-color") or declared.get("background")
    if value is None or is_transparent(value) or value in ("none", "inherit", "initial"):
        return None
    if "url" in value or "gradient" in value:
        return (None,)
    found = next((c for part in _parts(value) if (c := colour(part))), None)
    return (found,) if found else None


def _parts(value: str) -> list[str]:
    return re.findall(r"[\w-]+\([^)]*\)|\S+", value)


def _size(declared: Declarations, parent_px: float) -> float | None:
    text = declared.get("font-size")
    if text is None and "font" in declared:
        text = next((part.split("/")[0] for part in _parts(declared["font"]) if _LENGTH.match(part.split("/")[0]) and not part.isdigit()), None)  # fmt: skip
    if text is None:
        return None
    if text in _NAMED_SIZES:
        return _NAMED_SIZES[text]
    match = _LENGTH.match(text)
    if not match:
        return None
    number, unit = float(match.group(1)), match.group(2) or ""
    if unit in ("em", "%"):
        return parent_px * number / (100 if unit == "%" else 1)
    return number * _PX[unit]


def _removed(declared: Declarations) -> str | None:
    if declared.get("display") == "none" or declared.get("mso-hide") == "all":
        return "display"
    if declared.get("content-visibility") == "hidden":
        return "visibility"
    if (opacity := _number(declared.get("opacity"))) is not None and opacity < 0.05:
        return "opacity"
    if (seen := _FILTERED.search(declared.get("filter", ""))) and (_number(seen.group(1)) or 0.0) < 0.05:
        return "opacity"
    if _is_squeezed(declared):
        return "size"
    if _is_clipped(declared):
        return "clipped"
    return "off_page" if _is_far_off(declared) else None


_FILTERED = re.compile(r"opacity\(\s*([\d.]+%?)\s*\)")
_SCALED = re.compile(r"scale[xy]?\(\s*(-?[\d.]+)")
_TURNED = re.compile(r"rotate[xy]\(\s*-?(?:90|270)deg|^\s*[xy]\s+-?(?:90|270)deg")
_MOVED = re.compile(r"translate[xy]?\(\s*(-?[\d.]+(?:px|em|rem|vw|vh)?)\s*(?:,\s*(-?[\d.]+(?:px|em|rem|vw|vh)?))?")
_SMALLEST_SCALE = 0.1
_TIGHTEST_EM = 0.45


def _is_squeezed(declared: Declarations) -> bool:
    """Scaled, turned or set so tightly that nothing can be read."""
    scales = [match.group(1) for match in _SCALED.finditer(declared.get("transform", ""))]
    scales += [declared[name].split()[0] for name in ("scale", "zoom") if declared.get(name)]
    if any((number := _number(scale)) is not None and abs(number) < _SMALLEST_SCALE for scale in scales):
        return True
    if _TURNED.search(declared.get("transform", "")) or _TURNED.search(declared.get("rotate", "")):
        return True
    spacing = _px(declared.get("letter-spacing"))
    if spacing is not None and spacing < -_TIGHTEST_EM * (_size(declared, 16.0) or 16.0):
        return True
    height = declared.get("line-height")
    is_flat = (
        height is not None and (_px(height) or _number(height) or 0.0) == 0.0 and _LENGTH.match(height) is not None
    )
    return is_flat and declared.get("overflow", "").startswith("hidden")


def _is_clipped(declared: Declarations) -> bool:
    if re.match(
        r"inset\(\s*(50|100)%|circle\(\s*0|polygon\(\s*(0\w*\s+0\w*\s*,?\s*)+\)", declared.get("clip-path", "")
    ):
        return True
    if re.match(
        r"rect\(\s*(0|1px|0px)[\s,]+(0|1px|0px)[\s,]+(0|1px|0px)[\s,]+(0|1px|0px)\s*\)", declared.get("clip", "")
    ):
        return True
    if not declared.get("overflow", "").startswith("hidden"):
        return False
    sides = (_px(declared.get(name)) for name in ("height", "width", "max-height", "max-width"))
    return any(side is not None and side <= 1 for side in sides)


def _is_far_off(declared: Declarations) -> bool:
    if (indent := _px(declared.get("text-indent"))) is not None and indent < -FAR_OFF_PX:
        return True
    if (margin := _px(declared.get("margin-left"))) is not None and margin < -FAR_OFF_PX:
        return True
    moves = [*_MOVED.findall(declared.get("transform", "")), tuple(declared.get("translate", "").split()[:2])]
    if any((shift := _px(side)) is not None and abs(shift) > 2 * FAR_OFF_PX for move in moves for side in move if side):
        return True
    if declared.get("position") not in ("absolute", "fixed", "relative"):
        return False
    places = [_px(declared.get(name)) for name in ("left", "top", "right")]
    return any(place is not None and (place < -FAR_OFF_PX or place > 20 * FAR_OFF_PX) for place in places)


def _px(text: str | None) -> float | None:
    match = _LENGTH.match(text) if text else None
    if not match or match.group(2) == "%":
        return None
    return float(match.group(1)) * _PX[match.group(2) or ""]


def _number(text: str | None) -> float | None:
    match = _LENGTH.match(text) if text else None
    return float(match.group(1)) / (100 if match.group(2) == "%" else 1) if match else None
