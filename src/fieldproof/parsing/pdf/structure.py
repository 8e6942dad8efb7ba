"""What qpdf knows better than PDFium: form fields, attached files, and repair. Opened only when there is need."""

from __future__ import annotations

import io
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from fieldproof.core.document import Attachment
from fieldproof.parsing.config import ParseConfig

_READ_ONLY_PASSWORD_FIELD = 1 << 13
_RADIO, _PUSH_BUTTON = 1 << 15, 1 << 16
_MULTILINE = 1 << 12
_HIDDEN_WIDGET = 0b100010
_MAX_DEPTH = 32
_MAX_FIELDS = 20_000
_MAX_ATTACHMENT_BYTES = 100_000_000

_DAMAGE = (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, IndexError, OverflowError)


@dataclass(frozen=True, slots=True)
class FormField:
    """One filled place of a form. ``rectangle``: left, bottom, right, top in the page's own space."""

    page: int  # from 0
    key: str
    value: str
    mark: str | None  # of a checkbox or radio button: what is to be seen
    rectangle: tuple[float, float, float, float]
    is_multiline: bool = False


def repaired(path: Path) -> bytes | None:
    """The file written anew by qpdf, or None where it finds nothing to save."""
    try:
        with pikepdf.open(path) as pdf:
            if len(pdf.pages) == 0:
                return None
            stream = io.BytesIO()
            pdf.save(stream, deterministic_id=True)
            return stream.getvalue()
    except (*_DAMAGE, MemoryError):
        return None


def form_fields(pdf: pikepdf.Pdf) -> list[FormField]:
    """Every visible field with its value, page by page; checkboxes also when they are not ticked."""
    found: list[FormField] = []
    for number, page in enumerate(pdf.pages):
        for widget in _widgets(page):
            if len(found) >= _MAX_FIELDS:
                return found
            try:
                field = _field(widget, number)
            except _DAMAGE:
                continue
            if field is not None:
                found.append(field)
    return found


def attachments(pdf: pikepdf.Pdf, config: ParseConfig) -> tuple[list[Attachment], list[str]]:
    """The attached files in order of their names, and what was left out."""
    found: list[Attachment] = []
    warnings: list[str] = []
    names: list[str] = []
    try:
        names = sorted(pdf.attachments)
    except _DAMAGE:
        warnings.append("The list of attached files is damaged.")
    for name in names:
        if len(found) >= config.max_attachments:
            warnings.append(f"Only the first {config.max_attachments} attached files were kept.")
            break
        try:
            content = pdf.attachments[name].get_file().read_bytes()
        except (*_DAMAGE, StopIteration):
            warnings.append(f"The attached file “{name}” is damaged.")
            continue
        if len(content) > _MAX_ATTACHMENT_BYTES:
            warnings.append(f"The attached file “{name}” is too large.")
            continue
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        found.append(Attachment(name.replace("\\", "/").rsplit("/", 1)[-1], media_type, content))
    return found, warnings


def _widgets(page: pikepdf.Page) -> Iterator[Any]:
    annotations = page.obj.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return
    for annotation in annotations:  # pyright: ignore[reportGeneralTypeIssues]
        if isinstance(annotation, pikepdf.Dictionary) and annotation.get("/Subtype") == "/Widget":
            yield annotation


def _field(widget: Any, page: int) -> FormField | None:
    if int(widget.get("/F", 0)) & _HIDDEN_WIDGET:
        return None
    kind, flags = str(_inherited(widget, "/FT") or ""), int(_inherited(widget, "/Ff") or 0)
    left, bottom, right, top = (float(number) for number in widget["/Rect"])
    rectangle = (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
    key = _label(widget)
    if kind == "/Btn":
        if flags & _PUSH_BUTTON:
            return None
        return _button(widget, page, key, rectangle, is_radio=bool(flags & _RADIO))
    value = "" if flags & _READ_ONLY_PASSWORD_FIELD and kind == "/Tx" else _text(_inherited(widget, "/V"))
    if kind not in ("/Tx", "/Ch") or not value.strip():
        return None
    return FormField(page, key, value.strip(), None, rectangle, bool(flags & _MULTILINE) and kind == "/Tx")


def _button(
    widget: Any, page: int, key: str, rectangle: tuple[float, float, float, float], *, is_radio: bool
) -> FormField | None:
    state = str(widget.get("/AS", "/Off")).lstrip("/")
    is_on = state != "Off"
    if not is_radio:
        return FormField(page, key, "yes" if is_on else "no", "☒" if is_on else "☐", rectangle)
    if not is_on:
        return None  # the group is told by the button that is chosen
    return FormField(page, key, _option(widget, state), "☒", rectangle)


def _option(widget: Any, state: str) -> str:
    """The chosen button's meaning: the option's text where the field lists them, else the state's name."""
    options = _inherited(widget, "/Opt")
    if isinstance(options, pikepdf.Array) and state.isdigit() and int(state) < len(options):
        return _text(options[int(state)])
    return state


def _label(widget: Any) -> str:
    """What the form calls the field: its description for people, else the last part of its name."""
    description = _text(_inherited(widget, "/TU")).strip()
    return description or _text(_inherited(widget, "/T")).strip()


def _inherited(node: Any, name: str) -> Any:
    for _ in range(_MAX_DEPTH):
        if name in node:
            return node[name]
        node = node.get("/Parent")
        if not isinstance(node, pikepdf.Dictionary):
            return None
    return None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, pikepdf.Array):
        return ", ".join(_text(item) for item in value)  # pyright: ignore[reportGeneralTypeIssues]
    if isinstance(value, pikepdf.Stream):
        return value.read_bytes().decode("utf-8", "replace")
    return str(value).lstrip("/") if isinstance(value, pikepdf.Name) else str(value)
