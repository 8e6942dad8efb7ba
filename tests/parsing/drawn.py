"""PDFs drawn for tests, each with the truth about every word."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from fieldproof.core.geometry import Box

A4 = (595.0, 842.0)


@dataclass(frozen=True)
class TrueWord:
    text: str
    page: int
    box: Box  # of the upright page


@dataclass
class Drawing:
    """Draws words from the top left, as a reader sees the page, and remembers them in drawing order."""

    path: Path
    size: tuple[float, float] = A4
    rotate: int = 0
    compress: bool = True
    words: list[TrueWord] = field(default_factory=list)
    page: int = 1

    def __post_init__(self) -> None:
        self.canvas = Canvas(str(self.path), pagesize=self.size, pageCompression=int(self.compress), invariant=1)
        self._begin()

    def _begin(self) -> None:
        if self.rotate:
            self.canvas.setPageRotation(self.rotate)

    @property
    def seen(self) -> tuple[float, float]:
        return self.size

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 10,
        font: str = "Helvetica",
        colour: float | None = None,
        true: bool = True,
    ) -> float:
        """Writes with its top left corner at x, y of the seen page; returns where it ends."""
        canvas = self.canvas
        canvas.saveState()
        self._turn()
        canvas.setFont(font, size)
        if colour is not None:
            canvas.setFillGray(colour)
        ascent, descent = pdfmetrics.getAscentDescent(font, size)
        baseline = y + ascent
        width, height = self.seen
        canvas.drawString(x, height - baseline, text)
        space = pdfmetrics.stringWidth(" ", font, size)
        at = x
        for word in text.split(" "):
            end = at + pdfmetrics.stringWidth(word, font, size)
            if word and true:
                box = Box(at / width, y / height, end / width, (baseline - descent) / height)
                self.words.append(TrueWord(word, self.page, box))
            at = end + space
        canvas.restoreState()
        return at - space

    def lines(self, x: float, y: float, lines: Sequence[str], *, pitch: float = 13, **more: object) -> float:
        for line in lines:
            self.text(x, y, line, **more)  # type: ignore[arg-type]
            y += pitch
        return y

    def rule(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.7) -> None:
        canvas = self.canvas
        canvas.saveState()
        self._turn()
        canvas.setLineWidth(width)
        canvas.line(x0, self.seen[1] - y0, x1, self.seen[1] - y1)
        canvas.restoreState()

    def fill(self, x0: float, y0: float, x1: float, y1: float, grey: float) -> None:
        canvas = self.canvas
        canvas.saveState()
        self._turn()
        canvas.setFillGray(grey)
        canvas.rect(x0, self.seen[1] - y1, x1 - x0, y1 - y0, stroke=0, fill=1)
        canvas.restoreState()

    def next_page(self) -> None:
        self.canvas.showPage()
        self.page += 1
        self._begin()

    def save(self) -> Path:
        self.canvas.save()
        return self.path

    def _turn(self) -> None:
        """From the seen page's frame to the stored one."""
        width, height = reversed(self.size) if self.rotate in (90, 270) else self.size  # as reportlab stores it
        if self.rotate == 90:
            self.canvas.transform(0, 1, -1, 0, width, 0)
        elif self.rotate == 180:
            self.canvas.transform(-1, 0, 0, -1, width, height)
        elif self.rotate == 270:
            self.canvas.transform(0, -1, 1, 0, 0, height)


def picture_of(path: Path, page: int = 1, dpi: int = 150) -> bytes:
    """A page as PNG: what a scanner would make of it."""
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        stream = io.BytesIO()
        document[page - 1].render(scale=dpi / 72).to_pil().convert("L").save(stream, "PNG")
        return stream.getvalue()
