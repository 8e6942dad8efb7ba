"""Pictures as documents: PNG, JPEG, TIFF with its pages, WebP, GIF. Every frame is a page that OCR reads."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from fieldproof.core.document import FailureCode, PageSource, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import scan
from fieldproof.parsing.assembly import DraftPage
from fieldproof.parsing.blocks import page_blocks
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.filetype import GIF, FileType, sniff
from fieldproof.parsing.parts import Reading, document_of, wanted_pages
from fieldproof.parsing.picture import webp

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "MPO")
_DEFAULT_DPI = 150.0
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, ArithmeticError)
_TINY_PX = 12  # a picture this low or narrow holds no writing


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """One page for each frame. Raises ParsingFailed, ``no_text`` where none of them holds writing."""
    with _opened(path, config) as picture:
        count = _count(picture, config, kind)
        numbers = wanted_pages(config, count)
        reading = Reading([], count, first=numbers.start)
        for frame, dpi in _frames(picture, config, numbers):
            reading.pages.append(_page(frame, dpi, config))
            reading.has_unreadable_pages |= config.ocr != "never" and min(frame.size) >= _TINY_PX
    reading.warnings = (config.warning,) if config.warning else ()
    return document_of(kind.media_type, reading, config)


def page_count(path: Path, config: ParseConfig, kind: FileType) -> int:
    """Raises ParsingFailed."""
    with _opened(path, config) as picture:
        return _count(picture, config, kind)


def render(path: Path, page_number: int, width_px: int, config: ParseConfig) -> bytes:
    """A WebP picture of one frame, no larger than it is stored."""
    with _opened(path, config) as picture:
        if not 1 <= page_number <= _count(picture, config, sniff(path)):
            raise ParsingFailed(FailureCode.CORRUPT, f"There is no page {page_number}.")
        frame, _ = next(_frames(picture, config, range(page_number, page_number + 1)))
        width = min(width_px, frame.width)
        size = (width, max(1, round(frame.height * width / frame.width)))
        return webp(frame if size == frame.size else frame.resize(size, Image.Resampling.BOX))


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


def _count(picture: Image.Image, config: ParseConfig, kind: FileType) -> int:
    """The pages of a picture. An animation is one page: its first."""
    if kind == GIF or picture.format == "WEBP":
        return 1
    count = sum(1 for _ in islice(ImageSequence.Iterator(picture), config.max_pages + 1))
    if count > config.max_pages:
        raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"The picture has more than {config.max_pages} pages.")
    return count


def _frames(picture: Image.Image, config: ParseConfig, numbers: range) -> Iterator[tuple[Image.Image, float]]:
    """These frames upright as their EXIF says, with their resolution."""
    for frame in islice(ImageSequence.Iterator(picture), numbers.start - 1, numbers.stop - 1):
        if frame.width * frame.height > config.max_page_pixels:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, "The picture has too many pixels.")
        dpi = _dpi(frame)
        frame.load()
        yield _opaque(ImageOps.exif_transpose(frame)), dpi


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
    if not config.reads_pictures or min(frame.size) < _TINY_PX:
        return DraftPage(width_pt, height_pt, source=PageSource.NONE, grade=0.0)
    read = scan.read(np.asarray(frame)[:, :, ::-1], width_pt, height_pt)
    blocks = page_blocks(read.layer)
    source = PageSource.OCR if blocks else PageSource.NONE
    return DraftPage(width_pt, height_pt, blocks, source=source, grade=read.confidence)
