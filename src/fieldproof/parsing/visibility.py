"""What a reader's eye can see: sizes, colours, and characters without a picture."""

from __future__ import annotations

import re

SMALLEST_PT = 2.0
LEAST_CONTRAST = 1.12  # luminance ratio below which text melts into its ground

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)

NAMED: dict[str, Colour] = {
    "black": BLACK, "white": WHITE, "red": (255, 0, 0), "lime": (0, 255, 0), "green": (0, 128, 0),
    "blue": (0, 0, 255), "yellow": (255, 255, 0), "cyan": (0, 255, 255), "aqua": (0, 255, 255),
    "magenta": (255, 0, 255), "fuchsia": (255, 0, 255), "gray": (128, 128, 128), "grey": (128, 128, 128),
    "silver": (192, 192, 192), "navy": (0, 0, 128), "maroon": (128, 0, 0), "olive": (128, 128, 0),
    "purple": (128, 0, 128), "teal": (0, 128, 128), "orange": (255, 165, 0), "snow": (255, 250, 250),
    "ivory": (255, 255, 240), "whitesmoke": (245, 245, 245), "ghostwhite": (248, 248, 255),
    "darkblue": (0, 0, 139), "darkcyan": (0, 139, 139), "darkgreen": (0, 100, 0), "darkred": (139, 0, 0),
    "darkmagenta": (139, 0, 139), "darkyellow": (128, 128, 0), "darkgray": (169, 169, 169),
    "lightgray": (211, 211, 211), "lightgrey": (211, 211, 211), "floralwhite": (255, 250, 240),
}  # fmt: skip

_HEX = re.compile(r"#?([0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?$")
_SHORT_HEX = re.compile(r"#([0-9a-fA-F])([0-9a-fA-F])([0-9a-fA-F])$")
_FUNCTION = re.compile(
    r"(rgb|hsl)a?\(\s*([\d.]+)(%|deg)?[\s,]+([\d.]+)(%?)[\s,]+([\d.]+)(%?)(?:[\s,/]+([\d.]+)(%?))?\s*\)"
)

# Tag characters spell text that no font shows; the others only steer layout.
_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")


def colour(text: str | None) -> Colour | None:
    """A colour written in hexadecimal digits, as a CSS function or by name; None when it is none of these."""
    if not text:
        return None
    text = text.strip().lower()
    if text in NAMED:
        return NAMED[text]
    if match := _HEX.match(text):
        digits = match.group(1)
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if match := _SHORT_HEX.match(text):
        red, green, blue = (int(digit * 2, 16) for digit in match.groups())
        return red, green, blue
    if match := _FUNCTION.match(text):
        return _from_function(match)
    return None


def is_transparent(text: str | None) -> bool:
    if not text:
        return False
    text = text.strip().lower()
    if text == "transparent":
        return True
    match = _FUNCTION.match(text)
    if match and match.group(8) is not None:
        return float(match.group(8)) / (100 if match.group(9) else 1) < 0.05
    return len(text) == 9 and text.startswith("#") and text[7:] < "10"


def melts(ink: Colour, ground: Colour) -> bool:
    """Whether text in ``ink`` cannot be told from ``ground``."""
    if max(abs(a - b) for a, b in zip(ink, ground, strict=True)) > 60:
        return False
    light, dark = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05) < LEAST_CONTRAST


def visible(text: str) -> str:
    """The text without characters that have no picture."""
    if text.isascii() and text.isprintable():
        return text
    if _TAGS.search(text):
        flags = _FLAG.findall(text)
        if flags:  # an emoji flag of a region is spelled with tags
            text = _FLAG.sub("\U0001f3f4", text)
    return _INVISIBLE.sub("", text)


def smuggled(text: str) -> str:
    """What tag characters spell, or an empty text."""
    if text.isascii() or not _TAGS.search(text):
        return ""
    found = _TAGS.findall(_FLAG.sub("", text))
    return " ".join("".join(chr(ord(c) - 0xE0000) for c in tags if ord(c) > 0xE001F) for tags in found).strip("\x7f ")


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4) for c in (v / 255 for v in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _from_function(match: re.Match[str]) -> Colour:
    import colorsys  # only for hsl(), which hardly anyone writes

    first, second, third = (float(match.group(n)) for n in (2, 4, 6))
    if match.group(1) == "hsl":
        red, green, blue = colorsys.hls_to_rgb(first % 360 / 360, min(third, 100) / 100, min(second, 100) / 100)
        return round(red * 255), round(green * 255), round(blue * 255)
    scale = 2.55 if match.group(3) == "%" else 1.0
    red, green, blue = (min(255, round(value * scale)) for value in (first, second, third))
    return red, green, blue
