"""Pictures as documents: PNG, JPEG, TIFF with its pages, WebP, GIF. Every frame is a page that OCR reads."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from fieldproof.core.document import FailureCode, PageSource, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import scan
from fieldproof.parsing.assembly import DraftPage, assemble
from fieldproof.parsing.blocks import mark_document, page_blocks
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.filetype import GIF, FileType, sniff
from fieldproof.parsing.picture import webp

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "MPO")
_DEFAULT_DPI = 150.0
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, ArithmeticError)
_TINY_PX = 12  # a picture this low or narrow holds no writing


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """One page for each frame. Raises ParsingFailed, ``no_text`` where none of them holds writing."""
    pages: list[DraftPage] = []
    is_legible_size = False
    with _opened(path, config) as picture:
        for frame, dpi in _frames(picture, config, kind):
            pages.append(_page(frame, dpi, config))
            is_legible_size |= min(frame.size) >= _TINY_PX
    if config.ocr != "never" and is_legible_size and not any(page.blocks for page in pages):
        raise ParsingFailed(FailureCode.NO_TEXT)
    mark_document(pages)
    return assemble(kind.media_type, pages)


def render(path: Path, page_number: int, width_px: int, config: ParseConfig) -> bytes:
    """A WebP picture of one frame, no larger than it is stored."""
    with _opened(path, config) as picture:
        for number, (frame, _) in enumerate(_frames(picture, config, sniff(path)), start=1):
            if number == page_number:
                width = min(width_px, frame.width)
                size = (width, max(1, round(frame.height * width / frame.width)))
                return webp(frame if size == frame.size else frame.resize(size, Image.Resampling.BOX))
    raise ParsingFailed(FailureCode.CORRUPT, f"There is no page {page_number}.")


@contextlib.contextmanager
def _opened(path: Path, config: ParseConfig) -> Iterator[Image.Image]:
    """The picture, its size checked before anything is decoded; damage of any kind becomes ``corrupt``."""
    Image.MAX_IMAGE_PIXELS = config.max_page_pixels
    try:
        with warnings.catch_warnings(), Image.open(path, formats=_FORMATS) as picture:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, "The picture has too many pixels.") from error
    except UnidentifiedImageError as error:
        raise ParsingFailed(FailureCode.CORRUPT) from error
    except _DAMAGE as error:
        if "too large" in str(error).lower() or "decompressed data" in str(error).lower():
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED) from error
        raise ParsingFailed(FailureCode.CORRUPT) from error


def _frames(picture: Image.Image, config: ParseConfig, kind: FileType) -> Iterator[tuple[Image.Image, float]]:
    """Each frame upright as its EXIF says, with its resolution. An animation is one page: its first."""
    for number, frame in enumerate(ImageSequence.Iterator(picture), start=1):
        if number > config.max_pages:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"The picture has more than {config.max_pages} pages.")
        if frame.width * frame.height > config.max_page_pixels:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, "The picture has too many pixels.")
        dpi = _dpi(frame)
        frame.load()
        yield _opaque(ImageOps.exif_transpose(frame)), dpi
        if kind == GIF or picture.format == "WEBP":
            return


def _dpi(frame: Image.Image) -> float:
    value = frame.info.get("dpi", (0, 0))
    try:
        dpi = float(value[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return _DEFAULT_DPI
    return dpi if 50 <= dpi <= 2400 else _DEFAULT_DPI


def _opaque(frame: Image.Image) -> Image.Image:
    """RGB, transparent parts white as a viewer shows them; 16-bit grey brought to 8."""
    if frame.mode.startswith("I;16") or frame.mode in ("I", "F"):
        values = np.asarray(frame, dtype=np.float64)
        top = max(1.0, float(values.max(initial=1.0)))
        return Image.fromarray((values.clip(0) * (255.0 / top)).astype(np.uint8)).convert("RGB")
    if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        rgba = frame.convert("RGBA")
        white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, rgba).convert("RGB")
    return frame.convert("RGB")


def _page(frame: Image.Image, dpi: float, config: ParseConfig) -> DraftPage:
    width_pt, height_pt = frame.width * 72 / dpi, frame.height * 72 / dpi
    if config.ocr == "never" or min(frame.size) < _TINY_PX:
        return DraftPage(width_pt, height_pt, source=PageSource.NONE, grade=0.0)
    read = scan.read(np.asarray(frame)[:, :, ::-1], width_pt, height_pt)
    blocks = page_blocks(read.layer)
    source = PageSource.OCR if blocks else PageSource.NONE
    return DraftPage(width_pt, height_pt, blocks, source=source, grade=read.confidence)
