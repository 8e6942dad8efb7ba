"""Pictures of virtual pages: the words in their boxes, the cells ruled."""

from __future__ import annotations

import io
import re

from PIL import Image, ImageDraw, ImageFont

from fieldproof.core.document import Page, Word
from fieldproof.core.geometry import Box
from fieldproof.parsing.typeface import ASCENT_EM, HEIGHT_EM, Face, font, ruler

INK = (26, 26, 30)
RULE = (176, 178, 186)
HEADER_FILL = (241, 242, 245)
PAPER = (255, 255, 255)
MAX_PIXELS = 60_000_000

# Hebrew, Arabic and their kin, the scripts of India and Southeast Asia.
_SHAPED = re.compile("[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ufb1d-\ufdff\ufe70-\ufefc]")


def draw_page(page: Page, width_px: int) -> bytes:
    """The page as WebP, without loss."""
    buffer = io.BytesIO()
    picture(page, width_px).save(buffer, "WEBP", lossless=True, quality=20, method=1)
    return buffer.getvalue()


def picture(page: Page, width_px: int) -> Image.Image:
    width_px = max(1, min(width_px, int((MAX_PIXELS * page.width_pt / page.height_pt) ** 0.5), 16_000))
    image = Image.new("RGB", (width_px, max(1, round(width_px * page.height_pt / page.width_pt))), PAPER)
    canvas = ImageDraw.Draw(image)
    for block in page.blocks:
        for cell in block.table.cells if block.table else ():
            if cell.box is not None:
                fill = HEADER_FILL if cell.is_header else None
                canvas.rectangle(_pixels(cell.box, image), fill=fill, outline=RULE)
    brush = _Brush(image, canvas)
    for word in page.words:
        brush.write(word)
    return image


def _pixels(box: Box, image: Image.Image) -> tuple[float, float, float, float]:
    width, height = image.size
    return box.left * width, box.top * height, box.right * width, box.bottom * height


class _Brush:
    """Writes words. Fonts are kept by face and size."""

    def __init__(self, image: Image.Image, canvas: ImageDraw.ImageDraw) -> None:
        self._image = image
        self._canvas = canvas
        self._fonts: dict[tuple[Face, float], ImageFont.FreeTypeFont] = {}

    def write(self, word: Word) -> None:
        left, top, right, bottom = _pixels(word.box, self._image)
        size = (bottom - top) / HEIGHT_EM
        if size < 1 or right <= left:
            return
        face = self._face(word, (right - left) / size)
        if _SHAPED.search(word.text):
            self._write_shaped(word.text, face, size, (left, top, right, bottom))
            return
        measure = ruler(face).character_em
        natural = sum(map(measure, word.text)) * size
        stretch = (right - left) / natural if natural > 0 else 1.0
        baseline = top + ASCENT_EM * size
        used = self._font(face, size)
        x = left
        for character in word.text:
            self._canvas.text((x, baseline), character, fill=INK, font=used, anchor="ls")
            x += measure(character) * size * stretch

    def _write_shaped(self, text: str, face: Face, size: float, box: tuple[float, float, float, float]) -> None:
        """Scripts whose letters join, turn or run from right to left are shaped as a whole and fitted to the box."""
        left, top, right, bottom = box
        used = font(face, round(size, 2), is_shaped=True)
        height = max(1, round(bottom - top))
        ink = Image.new("L", (max(1, round(used.getlength(text))), height), 0)
        ImageDraw.Draw(ink).text((0, ASCENT_EM * size), text, fill=255, font=used, anchor="ls")
        fitted = ink.resize((max(1, round(right - left)), height), Image.Resampling.BILINEAR)
        self._image.paste(INK, (round(left), round(top)), fitted)

    def _face(self, word: Word, width_em: float) -> Face:
        """The face this word was set in: a word does not say, its width does."""
        usual = Face.BOLD if word.is_bold else Face.REGULAR
        difference = abs(ruler(usual).width_em(word.text) - width_em)
        return Face.MONO if abs(ruler(Face.MONO).width_em(word.text) - width_em) < difference else usual

    def _font(self, face: Face, size: float) -> ImageFont.FreeTypeFont:
        key = face, round(size, 2)
        if key not in self._fonts:
            self._fonts[key] = font(*key)
        return self._fonts[key]
