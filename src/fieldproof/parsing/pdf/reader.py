"""A PDF's pages: the text layer where it can be trusted, OCR where it cannot."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pikepdf

from fieldproof.core.document import Attachment, FailureCode, HiddenText, PageSource, ParsedDocument, WordSource
from fieldproof.core.errors import ParsingFailed
from fieldproof.core.words import WordColumns, picked
from fieldproof.parsing import layout, scan, trust
from fieldproof.parsing.assembly import DraftPage, DraftWords, tidy
from fieldproof.parsing.blocks import page_blocks
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.filetype import FileType
from fieldproof.parsing.parts import Reading, document_of, wanted_pages
from fieldproof.parsing.pdf import layercheck, pdfium, structure, visibility
from fieldproof.parsing.pdf.annotations import comments
from fieldproof.parsing.pdf.bitmap import page_pixels
from fieldproof.parsing.pdf.fields import with_fields, with_figures, with_typed_text
from fieldproof.parsing.pdf.objects import PageObjects, read_objects
from fieldproof.parsing.pdf.structure import FormField
from fieldproof.parsing.pdf.words import FontBook, Frame, PageText, read_words

TRUSTED = 0.7  # the grade from which a text layer is used
_SPARSE_WORDS = 30  # fewer than this beside a large picture: the picture may hold the rest
_SPARSE_SHARE = 0.25
_INK_DPI = 75
_FOREIGN = 0.5  # a scan's layer less like the picture than this was not read from it

_LOCKED = (pdfium.ERROR_PASSWORD, pdfium.ERROR_SECURITY)
RECOVERED = "The file is damaged; it was recovered, and parts may be missing."


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """The document; raises ParsingFailed."""
    with opened(path) as document:
        count = pdfium.page_count(document.address)
        if count > config.max_pages:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"The document has {count} pages.")
        numbers = wanted_pages(config, count)
        reader = _Reader(document.address, config, warnings=list(document.warnings))
        attached = reader.read_structure(path, document.content)
        reading = Reading(
            pages=reader.pages(numbers),
            page_count=count,
            first=numbers.start,
            hidden=reader.hidden,
            attachments=attached if numbers.start == 1 else (),
            warnings=reader.warnings,
            properties=_properties(document.address) | ({"comments": reader.comments} if reader.comments else {}),
            damaged_pages=reader.damaged_pages,
            has_unreadable_pages=reader.has_unreadable_pages,
        )
    return document_of(kind.media_type, reading, config)


def page_count(path: Path, config: ParseConfig, kind: FileType) -> int:
    """Raises ParsingFailed."""
    with opened(path) as document:
        return pdfium.page_count(document.address)


@dataclass(frozen=True, slots=True)
class OpenDocument:
    address: int
    content: bytes | None = None  # of a repaired file, which PDFium reads as long as the document is open
    warnings: tuple[str, ...] = ()


@contextmanager
def opened(path: Path) -> Iterator[OpenDocument]:
    """The document, opened as it is or else after repair. Raises ParsingFailed."""
    document = _open(path)
    try:
        yield document
    finally:
        pdfium.close_document(document.address)


def _open(path: Path) -> OpenDocument:
    address = pdfium.load_document(str(path).encode(), None)
    if address and pdfium.page_count(address) > 0:
        return OpenDocument(address)
    error = pdfium.last_error()
    if address:
        pdfium.close_document(address)
    elif error in _LOCKED:
        raise ParsingFailed(FailureCode.ENCRYPTED)
    content = structure.repaired(path)
    if content is not None:
        address = pdfium.load_memory(content, len(content), None)
        if address and pdfium.page_count(address) > 0:
            return OpenDocument(address, content, (RECOVERED,))
    raise ParsingFailed(FailureCode.CORRUPT)


_PROPERTIES = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate")


def _properties(document: int) -> dict[str, str]:
    found = {}
    for name in _PROPERTIES:
        size = pdfium.meta_text(document, name.encode(), None, 0)
        if size <= 2 or size > 20_000:
            continue
        buffer = ctypes.create_string_buffer(size)
        pdfium.meta_text(document, name.encode(), ctypes.addressof(buffer), size)
        value = buffer.raw[: size - 2].decode("utf-16-le", "replace").strip()
        if value:
            found[name.lower()] = value
    return found


@dataclass(slots=True)
class _Glance:
    """What a page told without being drawn."""

    number: int
    frame: Frame
    text: PageText
    objects: PageObjects
    sight: visibility.Sight

    def come_back_to(self, page: int) -> None:
        """The page was closed and is open again: the same objects have new addresses."""
        again = {order: address for address, order in read_objects(page, self.frame).order_of_text.items()}
        orders = self.objects.order_of_text
        self.text.page = page
        self.text.styles.addresses = [again.get(orders.get(a, 0), 0) for a in self.text.styles.addresses]


_T = TypeVar("_T")


@dataclass(slots=True)
class _Reader:
    document: int
    config: ParseConfig
    fonts: FontBook = field(default_factory=FontBook)
    hidden: list[HiddenText] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    fields: dict[int, list[FormField]] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    damaged_pages: int = 0
    has_unreadable_pages: bool = False

    def read_structure(self, path: Path, content: bytes | None) -> list[Attachment]:
        """Notes the form fields; the attached files are the answer."""
        has_form, has_files = pdfium.form_type(self.document) > 0, pdfium.attachment_count(self.document) > 0
        if not has_form and not has_files:
            return []
        attached: list[Attachment] = []
        try:
            with pikepdf.open(path if content is None else io.BytesIO(content)) as pdf:
                for found in structure.form_fields(pdf) if has_form else ():
                    self.fields.setdefault(found.page, []).append(found)
                if has_files:
                    attached, warnings = structure.attachments(pdf, self.config)
                    self.warnings += warnings
        except (pikepdf.PdfError, RuntimeError, ValueError):
            self.warnings.append("The form fields or attached files could not be read.")
        return attached

    def pages(self, numbers: range) -> list[DraftPage]:
        """The text of all pages is read before the first is drawn.

        Drawing changes how PDFium measures fonts that the file does not bring along: words would depend on which
        pages were read before.
        """
        looked_at = [self._on_page(number, self._look) for number in numbers]
        drafts = [
            found if isinstance(found, DraftPage) else self._on_page(found.number, partial(self._draw, found))
            for found in looked_at
        ]
        self.hidden.sort(key=lambda item: item.page or 0)
        self.comments.sort(key=itemgetter("page"))
        return drafts

    def _on_page(self, number: int, read: Callable[[int, int], _T]) -> _T | DraftPage:
        page = pdfium.load_page(self.document, number - 1)
        if not page:
            self.damaged_pages += 1
            self.warnings.append(f"Page {number} is damaged and was left out.")
            return DraftPage(612, 792, source=PageSource.NONE, grade=0.0)
        try:
            return read(page, number)
        finally:
            pdfium.close_page(page)

    def _look(self, page: int, number: int) -> DraftPage | _Glance:
        """The page, when it can be read without drawing it."""
        frame = Frame(page)
        text = read_words(self.document, page, frame, self.fonts, self.config.max_words)
        objects = read_objects(page, frame)
        seen = _Glance(number, frame, text, objects, visibility.look(text, objects, frame))
        if seen.sight.needs_drawing:
            return seen
        layer, grade = _visible(seen)
        if self._needs_ocr(layer, grade, text, objects):
            return seen
        return self._finished(page, seen, layer, grade, _source_of(layer))

    def _draw(self, seen: _Glance, page: int, number: int) -> DraftPage:
        seen.come_back_to(page)
        visibility.settle(seen.sight, seen.text)
        scan_grade = self._check_scan_layer(seen) if seen.sight.of_scan.any() else 1.0
        layer, grade = _visible(seen)
        grade = min(grade, scan_grade)
        source = _source_of(layer)
        if self._needs_ocr(layer, grade, seen.text, seen.objects):
            layer, grade, source = self._with_ocr(page, seen.frame, layer, grade)
        return self._finished(page, seen, layer, grade, source)

    def _finished(
        self, page: int, seen: _Glance, layer: layout.PageLayer, grade: float, source: PageSource
    ) -> DraftPage:
        frame, number = seen.frame, seen.number
        self.hidden += visibility.hidden_texts(seen.text, seen.sight.reasons, number)
        self.comments += comments(page, frame, number)
        blocks = with_fields(page_blocks(layer), self.fields.get(number - 1, ()), frame)
        blocks = with_typed_text(blocks, page, frame)
        if source is not PageSource.OCR:
            blocks = with_figures(blocks, seen.objects, frame)
        if any(block.lines for block in blocks) and not layer.words:
            grade, source = 1.0, PageSource.TEXT
        return DraftPage(frame.width, frame.height, blocks, source=source, rotation=frame.rotation, grade=grade)

    def _check_scan_layer(self, seen: _Glance) -> float:
        """How far the layer can be trusted. One that the picture knows nothing of is marked hidden."""
        text, reasons = seen.text, seen.sight.reasons
        self._warn_of_languages()
        dpi = self.config.ocr_dpi if self.config.reads_pictures else _INK_DPI
        pixels = page_pixels(text.page, seen.frame, dpi)
        indexes = np.flatnonzero(seen.sight.of_scan).tolist()
        shares = text.boxes[indexes] / [text.width, text.height, text.width, text.height]
        alike = None
        is_foreign = not layercheck.stands_on_ink(pixels, shares)
        if not is_foreign and self.config.reads_pictures:
            alike = layercheck.similarity(pixels, _lines(text, indexes))
            is_foreign = alike is not None and alike < _FOREIGN
        if is_foreign:
            for index in indexes:
                reasons[index] = reasons[index] or "render_mode"
        return 1.0 if alike is None else alike

    def _warn_of_languages(self) -> None:
        if self.config.warning and self.config.warning not in self.warnings:
            self.warnings.append(self.config.warning)

    def _needs_ocr(self, layer: layout.PageLayer, grade: float, text: PageText, objects: PageObjects) -> bool:
        if self.config.ocr != "auto":
            return self.config.ocr == "always"
        if not layer.words:
            return objects.count > 0
        if grade < TRUSTED:
            return True
        is_sparse = len(layer.words) < _SPARSE_WORDS
        return is_sparse and visibility.picture_share(text, objects) > _SPARSE_SHARE

    def _with_ocr(
        self, page: int, frame: Frame, layer: layout.PageLayer, grade: float
    ) -> tuple[layout.PageLayer, float, PageSource]:
        """The page's picture read; a trusted but sparse text layer keeps its words, OCR adds what it lacks."""
        self._warn_of_languages()
        if not self.config.reads_pictures:
            self.has_unreadable_pages |= not layer.words
            return layer, grade, _source_of(layer)
        seen = scan.read(page_pixels(page, frame, self.config.ocr_dpi), frame.width, frame.height)
        read, confidence = seen.layer, seen.confidence
        if not read.words:
            self.has_unreadable_pages |= seen.is_unreadable and not layer.words
            return layer, grade, _source_of(layer)
        if not layer.words or grade < TRUSTED or self.config.ocr == "always":
            read.rules = layer.rules
            return read, confidence, PageSource.OCR
        added = _beside(read, layer)
        if not added:
            return layer, grade, PageSource.TEXT
        return _joined(layer, read, added), min(grade, confidence), PageSource.MIXED


def _source_of(layer: layout.PageLayer) -> PageSource:
    """Of a page whose picture was not read."""
    return PageSource.TEXT if layer.words else PageSource.NONE


def _visible(seen: _Glance) -> tuple[layout.PageLayer, float]:
    """The words that can be seen, and how far they can be trusted."""
    layer = _layer(seen.text, [index for index, reason in enumerate(seen.sight.reasons) if reason is None])
    layer.rules = seen.objects.rules
    return layer, trust.grade(layer.texts, seen.text.unmapped, seen.text.characters)


def _layer(text: PageText, indexes: list[int]) -> layout.PageLayer:
    count, styles = len(indexes), text.styles
    is_whole = count == len(text.texts)
    chosen = slice(None) if is_whole else indexes
    boxes, style_of = text.boxes[chosen], text.style_of[chosen]
    scale = np.array([text.width, text.height, text.width, text.height])
    columns = WordColumns(
        texts=text.texts if is_whole else picked(text.texts, indexes),
        sides=tidy(boxes / scale),
        confidences=[None] * count,
        sources=[WordSource.TEXT] * count,
        font_sizes=np.round(styles.sizes_pt, 2)[style_of].tolist(),
        is_bold=np.array(styles.is_bold, dtype=bool)[style_of].tolist(),
        anchors=[None] * count,
    )
    words = DraftWords(columns, text.glued[chosen])
    return layout.PageLayer(words, boxes, text.breaks[chosen], styles.angles[style_of], text.width, text.height)


def _lines(text: PageText, indexes: list[int]) -> list[tuple[str, np.ndarray]]:
    """Level lines of the given words, as text and box in shares of the page."""
    layer = _layer(text, [index for index in indexes if text.styles.angles[text.style_of[index]] == 0])
    scale = np.array([text.width, text.height, text.width, text.height])
    return [
        (
            " ".join([layer.texts[word] for word in segment.words]),
            np.array([segment.left, segment.top, segment.right, segment.bottom]) / scale,
        )
        for segment in layout.segments_of(layer)
    ]


def _beside(read: layout.PageLayer, layer: layout.PageLayer) -> list[int]:
    """The OCR's words that no word of the text layer accounts for."""
    left, top, right, bottom = layer.boxes.T
    added = []
    for index, (x0, y0, x1, y1) in enumerate(read.boxes.tolist()):
        width = (np.minimum(right, x1) - np.maximum(left, x0)).clip(min=0)
        height = (np.minimum(bottom, y1) - np.maximum(top, y0)).clip(min=0)
        if float((width * height).sum()) < 0.2 * (x1 - x0) * (y1 - y0):
            added.append(index)
    return added


def _joined(layer: layout.PageLayer, read: layout.PageLayer, added: list[int]) -> layout.PageLayer:
    return layout.PageLayer(
        DraftWords.joined([layer.words, read.words.take(added)]),
        np.concatenate((layer.boxes, read.boxes[added])),
        np.concatenate((layer.breaks, read.breaks[added])),
        np.concatenate((layer.angles, read.angles[added])),
        layer.width,
        layer.height,
        has_stream_order=False,
        rules=layer.rules,
    )
