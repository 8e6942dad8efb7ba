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
        self.hidden: list[HiddenText] = []

    def see(self, text: str, anchor: str | None) -> str:
        """The text without characters that have no picture."""
        if text.isascii() and text.isprintable():
            return text
        if secret := smuggled(text):
            self.hide(secret, "invisible_characters", anchor)
        return visible(text)

    def hide(self, text: str, reason: str, anchor: str | None) -> None:
        """Neighbouring hidden pieces of one place and reason become one."""
        text = visible(text)
        if not text.strip():
            return
        last = self.hidden[-1] if self.hidden else None
        if last is not None and last.reason == reason and last.anchor == anchor:
            self.hidden[-1] = HiddenText(f"{last.text}{text}", reason, anchor=anchor)
        else:
            self.hidden.append(HiddenText(text, reason, anchor=anchor))

    def found(self) -> list[HiddenText]:
        return [
            HiddenText(" ".join(one.text.split()), one.reason, one.page, one.box, one.anchor) for one in self.hidden
        ]


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
    if not any(block.lines or block.table for page in pages for block in page.blocks) and not attachments:
        raise ParsingFailed(FailureCode.NO_TEXT if has_pictures or eye.hidden else FailureCode.EMPTY)
    return assemble(
        media_type,
        pages,
        hidden=eye.found(),
        attachments=attachments,
        properties=properties,
        warnings=warnings,
    )
