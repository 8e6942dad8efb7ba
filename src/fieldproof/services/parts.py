"""Page ranges of one document, read apart by any workers and joined to exactly the document they are together.

The parsing stays under its own attempt; each part, and the joining as part 0, counts its own, so that what a dying
worker held is done again alone. Locks: document, parsing, part.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from fieldproof.core.document import REMEDIES, FailureCode
from fieldproof.db.models import Document, Parsing, ParsingPart
from fieldproof.services import processing, turns
from fieldproof.services.processing import ParseOrder
from fieldproof.services.work import Work
from fieldproof.storage import parts_key

JOINING = 0


@dataclass(frozen=True)
class PartOrder:
    """``reading`` is the parsing's own, with ``is_last`` of this part. ``keys``: of all parts, for the joining only."""

    reading: ParseOrder
    number: int
    attempt: int
    pages: tuple[int, int]
    keys: list[str]

    @property
    def key(self) -> str:
        """The attempt is part of the key: a late twin cannot overwrite what its successor wrote."""
        return f"{parts_key(self.reading.parsing_id, self.reading.attempt)}/{self.number}-{self.attempt}"


def split(work: Work, order: ParseOrder, ranges: Sequence[tuple[int, int]]) -> bool:
    """A job for each range of pages. False when another attempt has taken over."""
    found = processing.current_parsing(work, order)
    if found is None:
        return False
    document = work.db.get_one(Document, found.document_id)
    rows = [
        {"parsing_id": found.id, "number": n, "split": found.attempt, "first_page": first, "last_page": last}
        for n, (first, last) in enumerate([(0, 0), *ranges])
    ]
    processing.drop_parts(work, found)  # of an attempt before
    work.db.execute(insert(ParsingPart), rows)
    turn = turns.next_turn(work, document.workspace_id, is_batch=found.is_batch)
    for n in range(1, len(rows)):
        turns.defer(work, "parse_part", turn.after(n), parsing_id=str(found.id), split=found.attempt, number=n)
    return True


def page_ranges(page_count: int, part_pages: int) -> list[tuple[int, int]]:
    """As many ranges as needed, as even as can be; from 1, both ends included."""
    count = -(-page_count // part_pages)
    ends = [page_count * n // count for n in range(count + 1)]
    return [(first + 1, last) for first, last in pairwise(ends)]


def claim(work: Work, parsing_id: uuid.UUID, split: int, number: int) -> PartOrder | None:
    """Counts the attempt before the work starts. None when there is nothing (more) to do."""
    found, part = _locked(work, parsing_id, split, number)
    if found is None or part is None or part.key is not None:
        return None
    document = work.db.get_one(Document, found.document_id)
    part.attempt += 1
    part.attempt_count += 1
    order = processing.parse_order(found, document, is_last=part.attempt_count >= work.settings.max_attempts)
    if part.attempt_count > work.settings.max_attempts:
        processing.fail_parsing(work, order, FailureCode.CRASHED, REMEDIES[FailureCode.CRASHED])
        return None
    keys = _keys(work, found) if number == JOINING else []
    return PartOrder(order, number, part.attempt, (part.first_page, part.last_page), keys)


def release(work: Work, order: PartOrder) -> None:
    """The attempt ended by a passing fault, and its worker lives: it does not count."""
    _, part = _locked(work, order.reading.parsing_id, order.reading.attempt, order.number)
    if part is not None and part.attempt_count > 0:
        part.attempt_count -= 1


def finish(work: Work, order: PartOrder) -> bool:
    """The last of all has the parts joined. False when the part is not wanted any more, or a twin was first."""
    found, part = _locked(work, order.reading.parsing_id, order.reading.attempt, order.number)
    if found is None or part is None or part.key is not None:
        return False
    part.key = order.key
    work.db.flush()
    left = select(func.count()).where(
        ParsingPart.parsing_id == found.id, ParsingPart.number != JOINING, ParsingPart.key.is_(None)
    )
    if work.db.scalar(left) == 0:
        document = work.db.get_one(Document, found.document_id)
        turn = turns.next_turn(work, document.workspace_id, is_batch=found.is_batch)
        turns.defer(work, "join_parts", turn, parsing_id=str(found.id), split=found.attempt)
    return True


def _locked(work: Work, parsing_id: uuid.UUID, split: int, number: int) -> tuple[Parsing | None, ParsingPart | None]:
    found = processing.locked_parsing(work, parsing_id)
    if found is None or found.attempt != split or found.status != "processing":
        return None, None
    query = select(ParsingPart).where(
        ParsingPart.parsing_id == parsing_id, ParsingPart.number == number, ParsingPart.split == split
    )
    part = work.db.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    return found, part


def _keys(work: Work, found: Parsing) -> list[str]:
    query = select(ParsingPart.key).where(ParsingPart.parsing_id == found.id, ParsingPart.number != JOINING)
    return [key for key in work.db.scalars(query.order_by(ParsingPart.number)) if key is not None]
