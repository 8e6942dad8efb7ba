"""What the readers of flowing formats share: cleaning text, keeping what is hidden, and the last step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fieldproof.core.document import Attachment, FailureCode, HiddenText, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing.assembly import assemble
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.typeset import FlowItem, lay_out
from fieldproof.parsing.visibility import smuggled, visible


class Eye:
    """Lets through what a reader sees and keeps the rest, with its reason and place."""

    def __init__(self) -> None:
        self._hidden: dict[tuple[str, str | None], list[str]] = {}

    def see(self, text: str, anchor: str | None) -> str:
        """The text without characters that have no picture."""
        if text.isascii() and text.isprintable():
            return text
        if secret := smuggled(text):
            self.hide(secret, "invisible_characters", anchor)
        return visible(text)

    def hide(self, text: str, reason: str, anchor: str | None) -> None:
        """Keeps hidden text; the pieces of one place and reason are told as one."""
        self._hidden.setdefault((reason, anchor), []).append(text)

    def found(self) -> list[HiddenText]:
        pieces = ((" ".join(visible("".join(texts)).split()), *key) for key, texts in self._hidden.items())
        return [HiddenText(text, reason, anchor=anchor) for text, reason, anchor in pieces if text]


def document(
    media_type: str,
    flow: Iterable[FlowItem],
    config: ParseConfig,
    eye: Eye,
    *,
    attachments: Sequence[Attachment] = (),
    properties: Mapping[str, Any] | None = None,
    warnings: Sequence[str] = (),
    has_pictures: bool = False,
) -> ParsedDocument:
    """The flow set on pages and frozen. Raises ParsingFailed where there is nothing to read."""
    pages = lay_out(flow, config)
    hidden = eye.found()
    if not any(block.lines or block.table for page in pages for block in page.blocks) and not attachments:
        raise ParsingFailed(FailureCode.NO_TEXT if has_pictures or hidden else FailureCode.EMPTY)
    return assemble(
        media_type,
        pages,
        hidden=hidden,
        attachments=attachments,
        properties=properties,
        warnings=warnings,
    )
