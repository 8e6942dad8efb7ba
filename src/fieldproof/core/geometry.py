"""Boxes on a page: fractions in [0, 1], origin top left, after the page's rotation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle as fractions of the page, y growing downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return max(0.0, self.right - self.left)

    @property
    def height(self) -> float:
        return max(0.0, self.bottom - self.top)

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def as_list(self) -> list[float]:
        """[left, top, right, bottom], five decimals: the wire form everywhere."""
        return [round(v, 5) for v in (self.left, self.top, self.right, self.bottom)]

    def intersection(self, other: Box) -> float:
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def iou(self, other: Box) -> float:
        shared = self.intersection(other)
        joined = self.area + other.area - shared
        return shared / joined if joined > 0 else 0.0

    def contains(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom


def union(boxes: Iterable[Box]) -> Box | None:
    """The smallest box around all, or None when there is none."""
    found = list(boxes)
    if not found:
        return None
    return Box(
        min([b.left for b in found]),
        min([b.top for b in found]),
        max([b.right for b in found]),
        max([b.bottom for b in found]),
    )


def clamped(left: float, top: float, right: float, bottom: float) -> Box:
    """A box cut to the page, its sides put in order."""
    left, right = sorted((min(max(left, 0.0), 1.0), min(max(right, 0.0), 1.0)))
    top, bottom = sorted((min(max(top, 0.0), 1.0), min(max(bottom, 0.0), 1.0)))
    return Box(left, top, right, bottom)
