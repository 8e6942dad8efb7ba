"""Colours of a presentation: theme names to colours, fills and grounds."""

from __future__ import annotations

import colorsys
from typing import Any

from fieldproof.parsing.visibility import BLACK, WHITE, Colour, colour

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"

_USUAL_MAP = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}
_PICTURED = ("gradFill", "blipFill", "pattFill", "grpFill")


class Theme:
    """Scheme colours, as a master maps them."""

    def __init__(self, theme: Any, master: Any) -> None:
        self._colours: dict[str, Colour] = {}
        scheme = theme.find(f".//{A}clrScheme") if theme is not None else None
        for element in scheme if scheme is not None else ():
            value = element[0].get("lastClr") or element[0].get("val") if len(element) else None
            default = WHITE if element.tag.startswith(f"{A}lt") else BLACK
            self._colours[element.tag.removeprefix(A)] = colour(value) or default
        mapping = master.find(f"{P}clrMap") if master is not None else None
        self._map = dict(mapping.attrib) if mapping is not None else _USUAL_MAP

    def colour(self, holder: Any) -> Colour | None:
        """The colour named inside an element; None where it is not known."""
        for element in holder if holder is not None else ():
            found = self._named(element)
            if found is not None:
                return _shaded(found, element)
        return None

    def fill(self, properties: Any) -> tuple[Colour | None] | None:
        """What shape properties fill with: a colour, (None,) for a picture, nothing for no fill."""
        if properties is None:
            return None
        solid = properties.find(f"{A}solidFill")
        if solid is not None:
            return None if is_clear(solid) else (self.colour(solid),)
        if any(properties.find(f"{A}{name}") is not None for name in _PICTURED):
            return (None,)
        return None

    def _named(self, element: Any) -> Colour | None:
        value = element.get("val") or ""
        match element.tag.removeprefix(A):
            case "srgbClr":
                return colour(value)
            case "sysClr":
                return colour(element.get("lastClr")) or (WHITE if value == "window" else BLACK)
            case "prstClr":
                return colour(value)
            case "schemeClr":
                return self._colours.get(self._map.get(value, value))
            case _:
                return None


def is_clear(fill: Any) -> bool:
    """Whether a fill is all but transparent."""
    return any(_percent(alpha) < 0.05 for alpha in fill.iter(f"{A}alpha"))


def _shaded(base: Colour, element: Any) -> Colour:
    """The colour made lighter or darker as its element says."""
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in base))
    for change in element:
        amount = _percent(change)
        match change.tag.removeprefix(A):
            case "lumMod" | "shade":
                light *= amount
            case "lumOff":
                light += amount
            case "tint":
                light = light * amount + 1 - amount
            case _:
                continue
    red, green, blue = colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def _percent(element: Any) -> float:
    text = (element.get("val") or "100000").rstrip("%")
    try:
        return float(text) / (100 if (element.get("val") or "").endswith("%") else 100_000)
    except ValueError:
        return 1.0
