"""The state machine of documents and runs: who may go where, and who is told.

Parsings go queued → processing → ready | failed; results created | parsing_pending → processing
→ completed | failed. Every step is a compare-and-set on the status and the attempt, so that a
job may run twice, or wake up late, and only one outcome is ever seen.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from fieldproof import parsing as parsing_room
from fieldproof import search
from fieldproof.core.document import REMEDIES, ChunkBlock, FailureCode, ParsedDocument, WordSource
from fieldproof.core.document import Chunk as ParsedChunk
from fieldproof.core.errors import Invalid
from fieldproof.core.result import Extraction
from fieldproof.db.models import Chunk, Document, FieldValue, Parsing, ParsingPart, Result, Template
from fieldproof.parsing import ParseConfig
from fieldproof.services import audit_trail, locks, turns, webhooks
from fieldproof.services.work import Work
from fieldproof.settings import Settings
from fieldproof.storage import blob_key, parsed_key

_ROWS = 1_000  # of one INSERT
ACTIVE = ("created", "parsing_pending", "processing")  # of runs that have not ended


ORIGINAL_GONE = (
    "The original was deleted, as this workspace keeps originals for some days only; what was read from it is kept."
)

# Configuration


def parse_config(settings: Settings, template_settings: dict[str, Any]) -> dict[str, Any]:
    """The parsing configuration of a template: everything that changes the outcome, nothing else."""
    wanted = template_settings.get("parsing") or {}
    return {
        "ocr": wanted.get("ocr", settings.ocr),
        "languages": wanted.get("languages") or ["en"],
        "contextual_embedding": bool(wanted.get("contextual_embedding", False)),
        "max_pages": settings.max_pages,
    }


def parser_config(config: dict[str, Any]) -> ParseConfig:
    """What the parser itself takes of a configuration."""
    return ParseConfig(ocr=config["ocr"], languages=tuple(config["languages"]), max_pages=config["max_pages"])


def config_hash(config: dict[str, Any]) -> str:
    """64 hex digits: the SHA-256 of the canonical configuration and the parser's version."""
    canonical = orjson.dumps([config, parsing_room.PARSER_VERSION], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()


def template_config_hash(settings: Settings, template: Template) -> str:
    return config_hash(parse_config(settings, template.settings))


# Parsing


def request_parsing(work: Work, document: Document, config: dict[str, Any], *, force: bool = False) -> Parsing:
    """The one parsing for this document and configuration, enqueued unless it is done or under way.

    Document and parsing are locked until the transaction ends: a run that waits for it cannot miss its end.

    Raises: Invalid when there is something to be read and the original is gone.
    """
    return request_parsings(work, [document], config, force=force)[0]


def request_parsings(
    work: Work,
    documents: Sequence[Document],
    config: dict[str, Any],
    *,
    force: bool = False,
    keeps_failed: bool = False,
) -> list[Parsing]:
    """Of any number of documents of one workspace, in their order. ``keeps_failed``: what failed for good is left so."""
    wanted, ids = config_hash(config), sorted(document.id for document in documents)
    locks.lock_documents(work, ids)
    for document in documents:
        _require_original(work, document, wanted, is_new_wanted=force)
    turns.count_waiting(work, documents[0].workspace_id, is_batch=work.is_batch)
    new = _insert_parsings(work, ids, config, wanted)
    query = (
        select(Parsing).where(Parsing.document_id.in_(ids), Parsing.config_hash == wanted).order_by(Parsing.document_id)
    )
    rows = work.db.scalars(query.with_for_update().execution_options(populate_existing=True))
    found = {parsing.document_id: parsing for parsing in rows}
    due = [d for d in documents if d.id in new or _is_due(found[d.id], force=force, keeps_failed=keeps_failed)]
    for document in due:
        parsing = found[document.id]
        parsing.status, parsing.error_code, parsing.error, parsing.attempt_count = "queued", None, None, 0
        parsing.is_batch, parsing.updated_at = work.is_batch, work.now
        document.status, document.error_code, document.error = "queued", None, None
    work.db.flush()
    if due:
        places = [turns.next_turn(work, d.workspace_id, is_batch=work.is_batch) for d in due]
        jobs = [{"parsing_id": str(found[d.id].id)} for d in due]
        turns.defer_many(work, "parse_document", list(zip(places, jobs, strict=True)))
    return [found[document.id] for document in documents]


def _is_due(found: Parsing, *, force: bool, keeps_failed: bool) -> bool:
    match found.status:
        case "failed":
            return not keeps_failed or found.error_code == FailureCode.CANCELLED
        case "ready":
            return force
        case _:
            return False


def _insert_parsings(work: Work, ids: Sequence[uuid.UUID], config: dict[str, Any], wanted: str) -> set[uuid.UUID]:
    """The documents that had none."""
    new: set[uuid.UUID] = set()
    for start in range(0, len(ids), _ROWS):
        values = [
            {
                "id": uuid.uuid4(), "document_id": document_id, "config_hash": wanted, "config": config,
                "status": "queued", "parser_version": parsing_room.PARSER_VERSION, "created_at": work.now,
                "updated_at": work.now,
            }
            for document_id in ids[start : start + _ROWS]
        ]  # fmt: skip
        statement = insert(Parsing).values(values).on_conflict_do_nothing(index_elements=["document_id", "config_hash"])
        new.update(work.db.execute(statement.returning(Parsing.document_id)).scalars())
    return new


def _require_original(work: Work, document: Document, wanted: str, *, is_new_wanted: bool) -> None:
    if document.original_removed_at is None:
        return
    ready = select(Parsing.id).where(
        Parsing.document_id == document.id, Parsing.config_hash == wanted, Parsing.status == "ready"
    )
    if is_new_wanted or work.db.scalar(ready) is None:
        raise Invalid({"document": [f"{document.filename}: {ORIGINAL_GONE} Upload it again to read it anew."]})


@dataclass(frozen=True)
class ParseOrder:
    """What a worker needs to parse, read in one short transaction."""

    parsing_id: uuid.UUID
    attempt: int
    blob: str
    filename: str
    extension: str
    sha256: str
    config: dict[str, Any]
    is_last: bool  # should it break the reader or the worker once more, nobody tries again


def claim_parsing(work: Work, parsing_id: uuid.UUID) -> ParseOrder | None:
    """Counts the attempt before the work starts, so that one whose worker dies has counted.

    None when there is nothing (more) to do.
    """
    found = locked_parsing(work, parsing_id)
    if found is None or found.status not in ("queued", "processing"):
        return None
    if is_split(work, found):
        return None  # its parts have jobs of their own
    document = work.db.get_one(Document, found.document_id)
    found.attempt += 1
    found.attempt_count += 1
    if found.attempt_count > work.settings.max_attempts:
        _fail_parsing(work, found, document, FailureCode.CRASHED, None)
        return None
    found.status, found.started_at, found.updated_at = "processing", work.now, work.now
    document.status, document.updated_at = "parsing", work.now
    return parse_order(found, document, is_last=found.attempt_count >= work.settings.max_attempts)


def parse_order(found: Parsing, document: Document, *, is_last: bool) -> ParseOrder:
    return ParseOrder(
        found.id, found.attempt, blob_key(document.sha256), document.filename, document.extension, document.sha256,
        found.config, is_last,
    )  # fmt: skip


def finish_parsing(
    work: Work, order: ParseOrder, parsed: ParsedDocument, chunks: Sequence[ParsedChunk], key: str
) -> bool:
    """Stores what came out, all at once. False when another attempt has taken over."""
    found = current_parsing(work, order)
    if found is None:
        return False
    document = work.db.get_one(Document, found.document_id)
    work.db.execute(delete(Chunk).where(Chunk.parsing_id == found.id))
    if chunks:
        contexts = _contexts(document, chunks) if found.config["contextual_embedding"] else [None] * len(chunks)
        work.db.execute(insert(Chunk), [_chunk_row(found, *pair) for pair in zip(chunks, contexts, strict=True)])
    found.status, found.key, found.page_count = "ready", key, len(parsed.pages)
    found.page_sizes = [[p.width_pt, p.height_pt] for p in parsed.pages]
    found.languages, found.warnings = list(parsed.languages), list(parsed.warnings)
    found.hidden = [{**asdict(h), "box": h.box.as_list() if h.box else None} for h in parsed.hidden]
    found.ocr_confidence = ocr_confidence(parsed)
    found.finished_at = found.updated_at = work.now
    drop_parts(work, found)
    document.status, document.page_count = "processed", len(parsed.pages)
    document.processed_at = document.updated_at = work.now
    work.db.flush()
    webhooks.emit_document(work, document)
    search.index_content(work.db, document, [chunk.content for chunk in chunks])
    _wake_results(work, [document])
    return True


def release_parsing(work: Work, order: ParseOrder) -> None:
    """The attempt ended by a passing fault, or was overtaken, and its worker lives: it does not count."""
    found = locked_parsing(work, order.parsing_id)
    if found is not None and found.attempt_count > 0:
        found.attempt_count -= 1


def fail_parsing(work: Work, order: ParseOrder, code: FailureCode, detail: str | None) -> bool:
    found = current_parsing(work, order)
    if found is None:
        return False
    _fail_parsing(work, found, work.db.get_one(Document, found.document_id), code, detail)
    return True


def is_split(work: Work, found: Parsing) -> bool:
    """Whether this attempt is read in page ranges."""
    query = select(ParsingPart.number).where(ParsingPart.parsing_id == found.id, ParsingPart.split == found.attempt)
    return work.db.scalar(query.limit(1)) is not None


def drop_parts(work: Work, *parsings: Parsing) -> None:
    """The parts are needed no more, whatever became of them."""
    gone = delete(ParsingPart).where(ParsingPart.parsing_id.in_([found.id for found in parsings]))
    rows = work.db.execute(gone.returning(ParsingPart.parsing_id, ParsingPart.split)).all()
    for parsing_id, split in sorted({(row.parsing_id, row.split) for row in rows}):
        work.jobs.cancel(work.db, ["parse_part"], [str(parsing_id)], split=split)
        work.defer("remove_parts", parsing_id=str(parsing_id), split=split)


def give_up_parsing(work: Work, parsing_id: uuid.UUID, message: str) -> None:
    """Nothing will try again by itself: whoever waits is told."""
    found = locked_parsing(work, parsing_id)
    if found is not None and found.status in ("queued", "processing"):
        _fail_parsing(work, found, work.db.get_one(Document, found.document_id), FailureCode.CRASHED, message)


def ocr_confidence(parsed: ParsedDocument) -> float | None:
    """Mean confidence of the words that were read from images, in percent; None when none were."""
    read = [
        w.confidence for p in parsed.pages for w in p.words if w.source is WordSource.OCR and w.confidence is not None
    ]
    return round(100 * sum(read) / len(read), 1) if read else None


# Results


def start_or_wait(work: Work, result: Result) -> None:
    """Starts a run when all its documents are settled; fails it when none can be read; else it waits."""
    if _is_read_on(work, result):
        result.status = "parsing_pending"
        return
    states = _states(work, result)
    failed = [d for d, s in states.items() if s != "ready"]
    if len(failed) == len(result.document_ids):
        _fail_result(work, result, "no_document", "None of the documents could be read. See each document's error.")
        return
    if failed:
        names = {r["documentId"]: r["filename"] for r in result.document_refs}
        result.warnings = [f"{names.get(str(d), d)} could not be read and was left out." for d in failed]
    result.status = "created"
    work.db.flush()
    turn = turns.next_turn(work, result.workspace_id, is_batch=result.is_batch)
    turns.defer(work, "extract_result", turn, result_id=str(result.id))


@dataclass(frozen=True)
class ExtractOrder:
    """What a worker needs to extract. ``documents``: id, file name, key of the parsed document."""

    result_id: uuid.UUID
    attempt: int
    template_id: uuid.UUID
    schema_json: dict[str, Any]
    settings: dict[str, Any]
    documents: list[tuple[str, str, str]]
    examples: list[dict[str, Any]]
    is_last: bool  # as ParseOrder's


def claim_result(work: Work, result_id: uuid.UUID) -> ExtractOrder | None:
    result = work.db.scalars(select(Result).where(Result.id == result_id).with_for_update()).one_or_none()
    if result is None or result.status not in ("created", "processing"):
        return None
    result.attempt += 1
    result.attempt_count += 1
    if result.attempt_count > work.settings.max_attempts:
        _fail_result(work, result, "crashed", REMEDIES[FailureCode.CRASHED])
        return None
    result.status, result.started_at, result.updated_at = "processing", work.now, work.now
    query = select(Document.id, Document.filename, Parsing.key).join(Parsing, Parsing.document_id == Document.id)
    query = query.where(
        Document.id.in_(result.document_ids), Parsing.config_hash == result.config_hash, Parsing.status == "ready"
    )
    rows = {row.id: (str(row.id), row.filename, row.key) for row in work.db.execute(query)}
    documents = [rows[d] for d in result.document_ids if d in rows]
    if not documents:
        _fail_result(work, result, "no_document", "The documents of this run are gone.")
        return None
    return ExtractOrder(
        result.id, result.attempt, result.template_id, result.schema_json, result.settings, documents,
        audit_trail.active_examples(work, result.template_id), result.attempt_count >= work.settings.max_attempts,
    )  # fmt: skip


def finish_result(work: Work, order: ExtractOrder, extraction: Extraction) -> bool:
    """Stores the values with their proof. False when another attempt has taken over, or the run is gone."""
    result = _current_result(work, order)
    if result is None:
        return False
    proof = audit_trail.trail(work, result, extraction)
    result.status, result.title, result.engine = "completed", extraction.title, extraction.engine
    result.data, result.audit_data, result.reasoning = extraction.data, proof.audit_data, proof.reasoning
    result.ledgers, result.usage = proof.ledgers, asdict(extraction.usage)
    result.warnings = [*result.warnings, *extraction.warnings]
    result.completed_at = result.updated_at = work.now
    work.db.execute(delete(FieldValue).where(FieldValue.result_id == result.id))
    if proof.values:
        work.db.execute(insert(FieldValue), proof.values)
    webhooks.emit_result(work, result)
    search.index_result(work.db, result)
    return True


def release_result(work: Work, order: ExtractOrder) -> None:
    """As ``release_parsing``."""
    result = work.db.scalars(select(Result).where(Result.id == order.result_id).with_for_update()).one_or_none()
    if result is not None and result.attempt_count > 0:
        result.attempt_count -= 1


def fail_result(work: Work, order: ExtractOrder, code: str, message: str) -> bool:
    result = _current_result(work, order)
    if result is None:
        return False
    _fail_result(work, result, code, message)
    return True


def give_up_result(work: Work, result_id: uuid.UUID, message: str) -> None:
    result = work.db.scalars(select(Result).where(Result.id == result_id).with_for_update()).one_or_none()
    if result is not None and result.status in ACTIVE:
        _fail_result(work, result, "crashed", message)


def cancel_parsings(work: Work, parsings: Sequence[Parsing]) -> None:
    """Ends parsings that have not ended; they and their documents are locked."""
    if not parsings:
        return
    tasks = ["parse_document", "parse_part", "join_parts"]
    work.jobs.cancel(work.db, tasks, [str(found.id) for found in parsings])
    query = select(Document).where(Document.id.in_([found.document_id for found in parsings]))
    documents = {document.id: document for document in work.db.scalars(query)}
    pairs = [(found, documents[found.document_id]) for found in parsings]
    _fail_parsings(work, pairs, FailureCode.CANCELLED, REMEDIES[FailureCode.CANCELLED])


def cancel_result(work: Work, result: Result) -> bool:
    """Ends a locked run that has not ended. False when it has."""
    if result.status not in ACTIVE:
        return False
    work.jobs.cancel(work.db, ["extract_result"], [str(result.id)])
    _fail_result(work, result, FailureCode.CANCELLED, REMEDIES[FailureCode.CANCELLED])
    return True


def document_gone(work: Work, document: Document) -> None:
    """Runs that wait for a document which is being deleted must not wait for ever."""
    for result in _waiting_results(work, [document]):
        result.document_ids = [d for d in result.document_ids if d != document.id]
        if result.document_ids:
            start_or_wait(work, result)
        else:
            _fail_result(work, result, "no_document", "The documents of this run were deleted.")


# Steps


def current_parsing(work: Work, order: ParseOrder) -> Parsing | None:
    found = locked_parsing(work, order.parsing_id)
    is_current = found is not None and found.attempt == order.attempt and found.status == "processing"
    return found if is_current else None


def locked_parsing(work: Work, parsing_id: uuid.UUID) -> Parsing | None:
    """The document first, then the parsing: everybody locks in this order."""
    document_id = work.db.scalar(select(Parsing.document_id).where(Parsing.id == parsing_id))
    if document_id is None:
        return None
    locks.lock_documents(work, [document_id])
    query = select(Parsing).where(Parsing.id == parsing_id)
    return work.db.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _current_result(work: Work, order: ExtractOrder) -> Result | None:
    query = select(Result).where(
        Result.id == order.result_id, Result.attempt == order.attempt, Result.status == "processing"
    )
    return work.db.scalars(query.with_for_update()).one_or_none()


def _fail_parsing(work: Work, found: Parsing, document: Document, code: FailureCode, detail: str | None) -> None:
    _fail_parsings(work, [(found, document)], code, REMEDIES[code] if detail is None else detail)


def _fail_parsings(work: Work, pairs: Sequence[tuple[Parsing, Document]], code: FailureCode, message: str) -> None:
    """A few statements for any number."""
    for found, _ in pairs:
        found.status, found.error_code, found.error = "failed", code, message
        found.finished_at = found.updated_at = work.now
    work.db.flush()
    drop_parts(work, *(found for found, _ in pairs))
    # A document that was read before under another configuration stays readable.
    ready = select(Parsing.document_id).where(
        Parsing.document_id.in_([document.id for _, document in pairs]), Parsing.status == "ready"
    )
    readable = set(work.db.scalars(ready))
    for _, document in pairs:
        if document.id in readable:
            document.status = "processed"
        else:
            document.status, document.error_code, document.error = "failed", code, message
        document.updated_at = work.now
    work.db.flush()
    documents = [document for _, document in pairs]
    webhooks.emit_documents(work, [document for document in documents if document.status == "failed"])
    _wake_results(work, documents)


def _fail_result(work: Work, result: Result, code: str, message: str) -> None:
    result.status, result.error_code, result.error = "failed", code, message
    result.completed_at = result.updated_at = work.now
    webhooks.emit_result(work, result)


def _wake_results(work: Work, documents: Sequence[Document]) -> None:
    for result in _waiting_results(work, documents):
        start_or_wait(work, result)


def _waiting_results(work: Work, documents: Sequence[Document]) -> Sequence[Result]:
    query = select(Result).where(
        Result.status == "parsing_pending", Result.document_ids.overlap([document.id for document in documents])
    )
    return work.db.scalars(query.order_by(Result.id).with_for_update()).all()


def _is_read_on(work: Work, result: Result) -> bool:
    """Whether any of its documents is still to be read.

    Whoever ends a reading holds the run's lock until that is committed, so the last one sees all the others.
    """
    query = select(Parsing.id).where(
        Parsing.document_id.in_(result.document_ids), Parsing.config_hash == result.config_hash,
        Parsing.status.in_(("queued", "processing")),
    )  # fmt: skip
    return work.db.scalar(query.limit(1)) is not None


def _states(work: Work, result: Result) -> dict[uuid.UUID, str]:
    """The status of each document's parsing under the run's configuration; missing ones count as gone."""
    query = select(Parsing.document_id, Parsing.status).where(
        Parsing.document_id.in_(result.document_ids), Parsing.config_hash == result.config_hash
    )
    found = {row.document_id: row.status for row in work.db.execute(query)}
    return {d: found.get(d, "gone") for d in result.document_ids}


def _contexts(document: Document, chunks: Sequence[ParsedChunk]) -> list[str | None]:
    """Where each chunk stands: the file and the headings above it. Made from the document alone, without a model."""
    contexts: list[str | None] = []
    heading: str | None = None
    for chunk in chunks:
        contexts.append(f"{document.filename} > {heading}" if heading else document.filename)
        heading = next((b.content for b in reversed(chunk.blocks) if b.type == "heading"), heading)
    return contexts


def _chunk_row(found: Parsing, chunk: ParsedChunk, context: str | None) -> dict[str, Any]:
    # The id follows from the content's place: parsing the same bytes again gives the same chunk ids.
    return {
        "id": uuid.uuid5(found.id, f"chunk:{chunk.index}"), "parsing_id": found.id, "document_id": found.document_id,
        "index": chunk.index, "blocks": [_block(b) for b in chunk.blocks], "content": chunk.content,
        "first_page": chunk.first_page, "last_page": chunk.last_page, "start": chunk.start, "end": chunk.end,
        "token_count": chunk.token_count, "context": context,
    }  # fmt: skip


def _block(block: ChunkBlock) -> dict[str, Any]:
    return {
        "block_id": block.block_id, "type": block.type, "content": block.content,
        "page_ref": f"Page {block.page}", "meta": block.meta,
    }  # fmt: skip


def stored_key(order: ParseOrder) -> str:
    return parsed_key(order.parsing_id, order.attempt)
