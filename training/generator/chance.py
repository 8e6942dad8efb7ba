"""Two kinds of chance: what a layout always does, and what one document happens to hold."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
_TOP = float(1 << 64)


@dataclass(frozen=True)
class Style:
    """The choices of one layout. A choice depends on its name alone, not on when it is asked."""

    seed: str

    def number(self, name: str) -> float:
        digest = hashlib.blake2b(f"{self.seed}\0{name}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / _TOP

    def chance(self, name: str, share: float) -> bool:
        return self.number(name) < share

    def choice(self, name: str, options: Sequence[T]) -> T:
        return options[int(self.number(name) * len(options))]

    def between(self, name: str, low: float, high: float) -> float:
        return low + (high - low) * self.number(name)

    def some(self, name: str, options: Sequence[T], low: int, high: int) -> list[T]:
        """Between ``low`` and ``high`` of the options, in an order of its own."""
        order = self.shuffled(name, options)
        return order[: int(self.between(name + "#", low, high + 0.999))]

    def shuffled(self, name: str, options: Sequence[T]) -> list[T]:
        return [options[i] for i in sorted(range(len(options)), key=lambda i: self.number(f"{name}/{i}"))]
