"""What goes to a model and what comes back, in no provider's words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

import orjson


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. ``fence`` is the random delimiter in ``user``; two asks that differ only there are the same."""

    system: str
    user: str
    schema: dict[str, Any]
    fence: str

    def key(self, model: str) -> str:
        """Names the question in a recording, whatever delimiter it was asked with."""
        parts = [model, self.system.replace(self.fence, ""), self.user.replace(self.fence, ""), self.schema]
        return hashlib.sha256(orjson.dumps(parts)).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """``text`` is what the model said, unread. ``is_cut``: it stopped at the limit of output tokens."""

    text: str
    input_tokens: int
    output_tokens: int
    is_cut: bool = False
    refusal: str | None = None
    lost: int = 0  # tries before this one whose answer never came, but may be charged


class Model(Protocol):
    """Answers questions: the client does, a recorder around it, and the replay of a recording."""

    @property
    def name(self) -> str: ...

    def complete(self, ask: Ask, deadline: float) -> Reply: ...  # deadline on the monotonic clock


def tokens_of(text: str) -> int:
    """An estimate on the safe side: a token for three letters of plain text, or for one of any other script."""
    plain = sum(1 for c in text if c < "\u0080")
    return plain // 3 + (len(text) - plain) + 1
