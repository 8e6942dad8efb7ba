"""The coarse class of a file: what lists group and filter by."""

from __future__ import annotations

from fieldproof.parsing import Category, FileType

CLASSES = ("pdf", "image", "word", "excel", "powerpoint", "text", "email", "other")

_BY_EXTENSION = {
    ".csv": "excel", ".tsv": "excel", ".doc": "word", ".rtf": "word", ".odt": "word", ".ppt": "powerpoint",
    ".odp": "powerpoint",
}  # fmt: skip
_BY_CATEGORY = {
    Category.PDF: "pdf", Category.IMAGE: "image", Category.WORD: "word", Category.SLIDES: "powerpoint",
    Category.SHEET: "excel", Category.MAIL: "email", Category.HTML: "text", Category.TEXT: "text",
}  # fmt: skip


def class_of(kind: FileType) -> str:
    """``other`` for what is not read here."""
    return _BY_EXTENSION.get(kind.extension) or _BY_CATEGORY.get(kind.category, "other")
