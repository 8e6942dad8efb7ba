"""Review: a person judges a result, value by value. Corrections are rows with the old value, never overwrites."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, select

from fieldproof import search
from fieldproof.core import codec
from fieldproof.core.errors import Conflict, Invalid, NotFound
from fieldproof.core.geometry import Box
from fieldproof.core.result import Citation, Match
from fieldproof.core.schema import Field, FieldType, Schema, parse_schema
from fieldproof.db.models import Chunk, Correction, FieldValue, Parsing, Result, Template, User, Workspace
from fieldproof.extraction import locate_box, locate_value
from fieldproof.extraction.dates import Order, parse_date
from fieldproof.extraction.title import retitled
from fieldproof.extraction.values import typed
from fieldproof.services import access, audit_trail, learning
from fieldproof.services.paging import Page, page_of
from fieldproof.services.work import Work
from fieldproof.storage import StoreError


class _FromBox:
    """The value is what the words under the box say."""


FROM_BOX = _FromBox()
DOUBTFUL = 0.6  # below it, a value is shown as one to look at


@dataclass(frozen=True)
class Change:
    """One line of a result's history."""

    correction: Correction
    by: str


@dataclass(frozen=True)
class Waiting:
    """A result of the queue: its least confidence, and how many values are doubtful."""

    result: Result
    lowest: float | None
    doubtful: int


def values(work: Work, result: Result) -> list[FieldValue]:
    """In schema order, lists row by row."""
    query = select(FieldValue).where(FieldValue.result_id == result.id)
    return list(work.db.scalars(query.order_by(FieldValue.position, FieldValue.id)))


def value_at(work: Work, result: Result, path: str) -> FieldValue:
    query = select(FieldValue).where(FieldValue.result_id == result.id, FieldValue.path == path)
    found = work.db.scalars(query.with_for_update()).one_or_none()
    if found is None:
        raise NotFound("This result has no such field.")
    return found


def correct(
    work: Work,
    result: Result,
    path: str,
    value: Any,
    *,
    document_id: str | None = None,
    page: int | None = None,
    box: Box | None = None,
) -> FieldValue:
    """Sets a value and, with a box, where it stands. Text is read as the field's type; None says there is none.

    Raises: NotFound, Conflict while the run is not completed, Invalid when the text is no value of the field's type.
    """
    _require_open(result)
    row = value_at(work, result, path)
    field = field_at(parse_schema(result.schema_json), path)
    drawn = _drawn(work, result, document_id, page, box) if box is not None else None
    if value is FROM_BOX:
        if drawn is None:
            raise Invalid({"box": ["There are no words in this box."]})
        value = drawn.text
    value = _typed(field, value, path)
    citations = [_shown(work, result, drawn)] if drawn is not None else _places(work, result, row, value)
    _change(work, result, row, value, citations)
    return row


def accept(work: Work, result: Result, path: str) -> FieldValue:
    """The value is right as it stands."""
    _require_open(result)
    row = value_at(work, result, path)
    row.is_accepted = True
    learning.learn_soon(work, result)
    return row


def undo(work: Work, result: Result, path: str) -> FieldValue:
    """Takes the last change of a value back; the history keeps both."""
    _require_open(result)
    row = value_at(work, result, path)
    query = select(Correction).where(Correction.result_id == result.id, Correction.path == path)
    changes = list(work.db.scalars(query.order_by(Correction.id)))
    undone = {c.undoes for c in changes if c.undoes is not None}
    last = next((c for c in reversed(changes) if c.undoes is None and c.id not in undone), None)
    if last is None:
        raise Conflict("There is nothing to undo: this value was not changed.")
    is_first = not any(c.id < last.id and c.undoes is None and c.id not in undone for c in changes)
    _change(work, result, row, last.old_value, last.old_citations, undoes=last.id, is_corrected=not is_first)
    return row


def history(work: Work, result: Result) -> list[Change]:
    """Every change, newest first."""
    query = select(Correction, User.name).outerjoin(User, User.id == Correction.user_id)
    rows = work.db.execute(query.where(Correction.result_id == result.id).order_by(Correction.id.desc()))
    return [Change(correction, name or "somebody who has left") for correction, name in rows]


def add_item(work: Work, result: Result, path: str) -> None:
    """An empty row at the end of a list of objects."""
    _require_open(result)
    field = field_at(parse_schema(result.schema_json), path, is_list=True)
    items = _list_at(result, path)
    columns = [p.name for p in field.items.properties] if field.items else []
    if not columns:
        raise Invalid({"path": ["Rows can be added to lists of objects only."]})
    after = work.db.scalar(_under(result, path, func.max(FieldValue.position)))
    position = (
        after if after is not None else work.db.scalar(_of(result, func.coalesce(func.max(FieldValue.position), 0)))
    )
    for column in columns:
        work.db.add(_empty(result, f"{path}.{len(items)}.{column}", position or 0))
    _put(result, path, [*items, dict.fromkeys(columns)])
    _record(work, result, f"{path}.{len(items)}", None, dict.fromkeys(columns))


def remove_item(work: Work, result: Result, path: str, index: int) -> None:
    """One row of a list; those below move up."""
    _require_open(result)
    items = _list_at(result, path)
    if not 0 <= index < len(items):
        raise NotFound("This list has no such row.")
    prefix = f"{path}.{index}."
    own = FieldValue.path.startswith(prefix, autoescape=True)
    work.db.execute(delete(FieldValue).where(FieldValue.result_id == result.id, own))
    for row in work.db.scalars(_under(result, path, FieldValue).order_by(FieldValue.id)):
        number, _, rest = row.path[len(path) + 1 :].partition(".")
        if int(number) > index:
            row.path = f"{path}.{int(number) - 1}.{rest}"
            work.db.flush()
    _put(result, path, items[:index] + items[index + 1 :])
    _put_audit(work, result)
    _record(work, result, f"{path}.{index}", items[index], None)


def approve(work: Work, result: Result, note: str | None = None) -> Result:
    """The result is right as it stands now: every value of it teaches."""
    _require_open(result)
    _judge(work, result, "approved", note)
    learning.learn_soon(work, result)
    return result


def reject(work: Work, result: Result, note: str | None) -> Result:
    _require_open(result)
    _judge(work, result, "rejected", note)
    return result


def reopen(work: Work, result: Result) -> Result:
    _judge(work, result, "open", None)
    return result


def next_result(
    work: Work, result: Result | None = None, *, template: Template | None = None, workspace: Workspace | None = None
) -> Result | None:
    """The next completed result that nobody has judged: the least certain first. Not the one given."""
    query = _open_results(work, template, workspace)
    if result is not None:
        query = query.where(Result.id != result.id)
    return work.db.scalars(query.limit(1)).first()


def list_open(
    work: Work, workspace: Workspace, *, template: Template | None = None, page: int = 1, size: int = 25
) -> Page[Waiting]:
    """The queue, in the order in which it is served."""
    found = page_of(work, _open_results(work, template, workspace), page, size)
    query = _DOUBTS.where(FieldValue.result_id.in_([r.id for r in found.items]))
    doubts = {row.result_id: row for row in work.db.execute(query)}
    waiting = [
        Waiting(r, doubts[r.id].lowest if r.id in doubts else None, doubts[r.id].doubtful if r.id in doubts else 0)
        for r in found.items
    ]
    return Page(waiting, found.number, found.size, found.total)


def count_open(work: Work, *, template: Template | None = None, workspace: Workspace | None = None) -> int:
    query = _open_results(work, template, workspace).order_by(None).with_only_columns(func.count(Result.id))
    return work.db.scalar(query) or 0


def field_at(schema: Schema, path: str, *, is_list: bool = False) -> Field:
    """The field that a value's path belongs to; numbers are rows. Raises: NotFound."""
    names = [part for part in path.split(".") if not part.isdigit()]
    group = schema.group(names[0]) if names else None
    field = group.field(names[1]) if group is not None and len(names) > 1 else None
    for name in names[2:]:
        inner = field.items if field is not None and field.items is not None else field
        field = inner.child(name) if inner is not None else None
    if field is None or (is_list and not field.is_list):
        raise NotFound("The template has no such field.")
    is_member = field.is_list and not is_list and path.split(".")[-1].isdigit()
    return field.items if is_member and field.items is not None else field


_RATED = (FieldValue.value.is_not(None), FieldValue.confidence.is_not(None))
_DOUBTS = (
    select(
        FieldValue.result_id,
        func.min(FieldValue.confidence).label("lowest"),
        func.count().filter(FieldValue.confidence < DOUBTFUL).label("doubtful"),
    )
    .where(*_RATED)
    .group_by(FieldValue.result_id)
)
# Of each result by itself: only those that wait in the queue are looked at.
_LOWEST = select(func.min(FieldValue.confidence)).where(FieldValue.result_id == Result.id, *_RATED).scalar_subquery()


def _open_results(work: Work, template: Template | None, workspace: Workspace | None) -> Select[Any]:
    query = access.visible(work, select(Result), Result.workspace_id)
    query = query.where(Result.status == "completed", Result.review_status == "open")
    if template is not None:
        query = query.where(Result.template_id == template.id)
    if workspace is not None:
        query = query.where(Result.workspace_id == workspace.id)
    return query.order_by(_LOWEST.nulls_last(), Result.created_at, Result.id)


def _require_open(result: Result) -> None:
    if result.status != "completed":
        raise Conflict("Only completed results can be reviewed.")


def _typed(field: Field, value: Any, path: str) -> Any:
    if value is None or value == "":
        return None
    read = _read(field, value.strip()) if isinstance(value, str) else _checked(field, value)
    if read is None:
        raise Invalid({"value": [f"“{str(value)[:80]}” is no {_kind(field)}."]})
    return read


def _read(field: Field, text: str) -> Any:
    """What a person typed, as the field's type; None when it cannot be."""
    if field.type is FieldType.STRING and field.format == "date":
        found = parse_date(text, Order.DMY)
        return found.isoformat() if found else None
    return typed(text, field, Order.DMY)


def _checked(field: Field, value: Any) -> Any:
    """A JSON value that is of the field's type already, else None."""
    match field.type:
        case FieldType.NUMBER | FieldType.CURRENCY:
            fits = isinstance(value, (int, float)) and not isinstance(value, bool)
        case FieldType.INTEGER:
            fits = isinstance(value, int) and not isinstance(value, bool)
        case FieldType.BOOLEAN:
            fits = isinstance(value, bool)
        case FieldType.ENUM:
            fits = value in field.enum
        case _:
            fits = False
    return value if fits else None


def _kind(field: Field) -> str:
    if field.enum:
        return "value of this field: it takes " + ", ".join(str(v) for v in field.enum[:20])
    return {"string": "text"}.get(field.type, field.type) if field.format is None else field.format


def _drawn(work: Work, result: Result, document_id: str | None, page: int | None, box: Box) -> Citation | None:
    document_id = document_id or (str(result.document_ids[0]) if len(result.document_ids) == 1 else None)
    if document_id is None or page is None:
        raise Invalid({"page": ["Say which page of which document the box is on."]})
    found = codec.load_page(_as_read(work, result, document_id), page)
    if found is None:
        raise Invalid({"page": ["The document has no such page."]})
    return locate_box(found, document_id, box)


def _places(work: Work, result: Result, row: FieldValue, value: Any) -> list[Any]:
    """Where a typed value stands: near the old place if it is there, else anywhere, else nowhere."""
    if value is None:
        return []
    known = {str(c["document_id"]): c["page"] for c in reversed(row.citations)}
    for document_id in dict.fromkeys([*known, *(str(d) for d in result.document_ids)]):
        try:
            content = _as_read(work, result, document_id)
        except NotFound:
            continue
        found = _on_page(content, document_id, known.get(document_id), value)
        found = found or locate_value(codec.load(content).pages, document_id, value)
        if found:
            return [_shown(work, result, found[0])]
    return []


def _on_page(content: bytes, document_id: str, number: int | None, value: Any) -> Sequence[Citation]:
    """Where the value stands on the page on which it was found before: one page of many is read far sooner."""
    page = codec.load_page(content, number) if number is not None else None
    found = locate_value([page], document_id, value) if page is not None else ()
    return [c for c in found if c.match is not Match.FUZZY]


def _as_read(work: Work, result: Result, document_id: str) -> bytes:
    """The document as it was read for this result. Raises: NotFound."""
    if document_id not in {str(d) for d in result.document_ids}:
        raise NotFound("This result does not use that document.")
    query = select(Parsing.key).where(
        Parsing.document_id == document_id, Parsing.config_hash == result.config_hash, Parsing.status == "ready"
    )
    try:
        return work.store.read(work.db.scalar(query) or "")
    except StoreError as error:
        raise NotFound("The document is no longer stored as it was read.") from error


def _shown(work: Work, result: Result, citation: Citation) -> dict[str, Any]:
    query = select(Chunk.id).join(Parsing, Parsing.id == Chunk.parsing_id)
    query = query.where(
        Chunk.document_id == citation.document_id,
        Parsing.config_hash == result.config_hash,
        Chunk.start <= citation.start,
    )
    chunk_id = work.db.scalar(query.order_by(Chunk.index.desc()).limit(1))
    return {
        "chunk_id": str(chunk_id) if chunk_id else "", "text": citation.text, "page": citation.page,
        "bbox": citation.box.as_list(), "document_id": citation.document_id, "match": citation.match,
        "start": citation.start, "end": citation.end,
    }  # fmt: skip


def _change(
    work: Work,
    result: Result,
    row: FieldValue,
    value: Any,
    citations: Sequence[Any],
    *,
    undoes: int | None = None,
    is_corrected: bool = True,
) -> None:
    _record(work, result, row.path, row.value, value, old_citations=row.citations, citations=citations, undoes=undoes)
    if not row.is_corrected:
        row.machine_value = row.value
    result.title = retitled(result.title, row.value, value)
    row.value, row.citations = value, list(citations)
    row.raw = citations[0]["text"] if citations else None
    row.is_corrected, row.is_accepted, row.is_supported = is_corrected, is_corrected, True
    if is_corrected:
        row.confidence, row.reasoning = 1.0, f"Entered by {work.actor.name or 'a person'} in review."
    _put(result, row.path, value)
    work.db.flush()
    _put_audit(work, result)
    learning.learn_soon(work, result)


def _record(
    work: Work,
    result: Result,
    path: str,
    old: Any,
    new: Any,
    *,
    old_citations: Sequence[Any] = (),
    citations: Sequence[Any] = (),
    undoes: int | None = None,
) -> None:
    work.db.add(
        Correction(
            result_id=result.id, path=path, old_value=old, new_value=new, old_citations=list(old_citations),
            citations=list(citations), undoes=undoes, user_id=work.actor.user_id, created_at=work.now,
        )
    )  # fmt: skip
    work.record("result.corrected", result, path=path)


def _judge(work: Work, result: Result, status: str, note: str | None) -> None:
    result.review_status, result.review_note = status, note
    result.reviewed_by, result.reviewed_at = work.actor.user_id, work.now
    result.updated_at = work.now
    work.record(f"result.{status}", result)


def _put(result: Result, path: str, value: Any) -> None:
    """Sets one value inside ``data``; a new object, so that the change is seen."""
    data = copy.deepcopy(result.data)
    *parents, last = path.split(".")
    place: Any = data
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place[part]
    place[int(last) if isinstance(place, list) else last] = value
    result.data = data


def _put_audit(work: Work, result: Result) -> None:
    """The audit data and the search anew from the values: they say what those say."""
    search.index_result(work.db, result)
    rows = [audit_trail.row_of(v) for v in values(work, result)]
    result.audit_data = audit_trail.audit_data(result.data, rows)
    result.updated_at = work.now


def _list_at(result: Result, path: str) -> list[Any]:
    place: Any = result.data
    for part in path.split("."):
        place = place[int(part)] if isinstance(place, list) else (place or {}).get(part)
    return list(place or [])


def _empty(result: Result, path: str, position: int) -> FieldValue:
    return FieldValue(
        result_id=result.id, position=position, path=path, value=None, citations=[], reasoning="Added in review.",
        rivals=[], is_supported=True,
    )  # fmt: skip


def _of(result: Result, what: Any) -> Any:
    return select(what).where(FieldValue.result_id == result.id)


def _under(result: Result, path: str, what: Any) -> Any:
    return _of(result, what).where(FieldValue.path.startswith(f"{path}.", autoescape=True))
