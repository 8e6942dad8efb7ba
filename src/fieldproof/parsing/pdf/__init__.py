"""PDF: words from PDFium, layout from geometry, OCR where the text layer cannot be trusted."""

from fieldproof.parsing.pdf.picture import render
from fieldproof.parsing.pdf.reader import page_count, parse

__all__ = ["page_count", "parse", "render"]
