"""What each task does. A task may run twice, or stop anywhere: every effect is fenced by its attempt."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from fieldproof import metrics, parsing
from fieldproof.core import codec
from fieldproof.core.document import FailureCode
from fieldproof.core.errors import FieldproofError, ParsingFailed, Transient
from fieldproof.core.result import Extraction
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import Options, SourceDocument, llm
from fieldproof.extraction.child import example_from_json, extract_to_bytes, learn_to_json
from fieldproof.fetching import FetchFailed, FetchRefused, fetch
from fieldproof.parsing.child import parse_to_bytes
from fieldproof.sandbox import Limits
from fieldproof.services import (
    budgets,
    children,
    documents,
    guessing,
    idempotency,
    learning,
    processing,
    uploads,
    webhooks,
)
from fieldproof.services.processing import ExtractOrder, ParseOrder
from fieldproof.storage import StoreError
from fieldproof.wiring import App

Handler = Callable[..., None]
_DAMAGED = "The stored original is missing or altered. Upload the file again."


def parse_document(parts: App, *, parsing_id: str) -> None:
    with parts.work() as work:
        order = processing.claim_parsing(work, uuid.UUID(parsing_id))
    if order is None:
        return
    try:
        _parse(parts, order)
    except ParsingFailed as error:
        _fail_parsing(parts, order, error.code, error.message)
    except StoreError:
        _fail_parsing(parts, order, FailureCode.CORRUPT, _DAMAGED)
    except Transient:
        with parts.work() as work:
            processing.release_parsing(work, order)
        raise


def extract_result(parts: App, *, result_id: str) -> None:
    with parts.work() as work:
        order = processing.claim_result(work, uuid.UUID(result_id))
    if order is None:
        return
    try:
        extraction = _ask_model(parts, order) if llm.is_asked_for(order.settings) else _extract(parts, order)
    except Transient:
        raise
    except FieldproofError as error:
        code = error.code if isinstance(error, (ParsingFailed, llm.ModelError)) else "failed"
        with parts.work() as work:
            processing.fail_result(work, order, code, error.message)
        return
    with parts.work() as work:
        processing.finish_result(work, order, extraction)


def learn_from(parts: App, *, result_id: str) -> None:
    """Turns what was judged in one result into examples; those that make other reviewed results worse are refused."""
    with parts.work() as work:
        found = learning.lessons_of(work, uuid.UUID(result_id))
    if found is None:
        return
    try:
        learnt = [_learn(parts, found, lesson) for lesson in found.lessons]
    except StoreError:
        return  # a document is gone: there is nothing to learn from
    with parts.work() as work:
        learning.keep(work, found.template_id, learnt)


def deliver_webhook(parts: App, *, delivery_id: str, attempt: int) -> None:
    with parts.work() as work:
        order = webhooks.claim_delivery(work, uuid.UUID(delivery_id), attempt)
        egress = webhooks.egress_of(work)
    if order is None:
        return
    answer, problem = None, None
    try:
        answer = fetch("POST", order.url, egress, body=order.body, headers=order.headers)
    except (FetchRefused, FetchFailed) as error:
        problem = error.message
    with parts.work() as work:
        webhooks.finish_delivery(work, order, answer, problem)


def guess_template(parts: App, *, document_id: str) -> None:
    """Raises: Transient while the document is being read."""
    with parts.work() as work:
        guessing.run_best_template(work, uuid.UUID(document_id))


def remove_files(parts: App, *, sha256: Sequence[str], parsing_ids: Sequence[str]) -> None:
    with parts.work() as work:
        documents.remove_files(work, sha256, parsing_ids)


def sweep_uploads(parts: App, *, timestamp: int) -> None:
    """Uploads that nobody attached, and bytes that only they held."""
    with parts.work() as work:
        hashes = uploads.remove_expired(work)
        idempotency.forget_old(work)
    with parts.work() as work:
        documents.remove_files(work, hashes, ())


HANDLERS: dict[str, Handler] = {
    "parse_document": parse_document,
    "extract_result": extract_result,
    "learn_from": learn_from,
    "guess_template": guess_template,
    "deliver_webhook": deliver_webhook,
    "remove_files": remove_files,
    "sweep_uploads": sweep_uploads,
}


def give_up(parts: App, task: str, arguments: dict[str, Any]) -> None:
    """After the last retry of a passing fault: whoever waits is told, instead of waiting for ever."""
    message = Transient.__doc__ or ""
    if task == "parse_document":
        with parts.work() as work:
            processing.give_up_parsing(work, uuid.UUID(arguments["parsing_id"]), message)
    elif task == "extract_result":
        with parts.work() as work:
            processing.give_up_result(work, uuid.UUID(arguments["result_id"]), message)


def _parse(parts: App, order: ParseOrder) -> None:
    config = processing.parser_config(order.config)
    with _original(parts, order) as path, metrics.parse_seconds.labels(order.extension).time():
        encoded = parts.sandbox.run(parse_to_bytes, str(path), config, order.filename, limits=_parse_limits(parts))
    parsed = codec.load(encoded)
    key = processing.stored_key(order)
    parts.store.put(key, encoded)
    with parts.work() as work:
        is_current = processing.finish_parsing(work, order, parsed, parsing.chunk(parsed), key)
        if is_current and parsed.attachments:
            children.add_children(work, order, parsed.attachments)
    if not is_current:
        parts.store.delete(key)


@contextmanager
def _original(parts: App, order: ParseOrder) -> Iterator[Path]:
    """The bytes in a file of this machine, checked against their hash. Raises: StoreError."""
    size = parts.store.size(order.blob)
    if size is None:
        raise StoreError
    with tempfile.NamedTemporaryFile(prefix="fieldproof-original-") as file:
        hasher = hashlib.sha256()
        for piece in parts.store.stream(order.blob, 0, size):
            hasher.update(piece)
            file.write(piece)
        file.flush()
        if hasher.hexdigest() != order.sha256:
            raise StoreError
        yield Path(file.name)


def _parse_limits(parts: App) -> Limits:
    settings = parts.settings
    return Limits(memory_bytes=settings.parse_memory_bytes, cpu_s=settings.parse_cpu_s, wall_s=settings.parse_wall_s)


def _fail_parsing(parts: App, order: ParseOrder, code: FailureCode, message: str) -> None:
    metrics.failures.labels(code).inc()
    with parts.work() as work:
        processing.fail_parsing(work, order, code, message)


def _extract(parts: App, order: ExtractOrder) -> Extraction:
    """By the local engine, in a child."""
    options = {"examples": order.examples, "settings": order.settings}
    sources = _sources(parts, order)
    done = parts.sandbox.run(extract_to_bytes, sources, order.schema_json, options, limits=_parse_limits(parts))
    return codec.extraction_from_json(done)


def _ask_model(parts: App, order: ExtractOrder) -> Extraction:
    """By a language model: in this process, since children have no network. The local engine is the second opinion."""
    sources = [SourceDocument(id_, name, codec.load(data)) for id_, name, data in _sources(parts, order)]
    options = Options(tuple(example_from_json(e) for e in order.examples), order.settings)
    purse = budgets.purse(parts.work, order.result_id)
    config = budgets.llm_config(parts.settings)
    with llm.engine_for(order.settings, config, purse=purse, second=lambda: _extract(parts, order)) as engine:
        try:
            return engine.extract(sources, parse_schema(order.schema_json), options)
        finally:
            with parts.work() as work:
                budgets.keep_recording(work, order.result_id, engine.recording())


def _learn(parts: App, found: learning.Class, lesson: learning.Lesson) -> learning.Learnt:
    reviewed = [
        (str(r.document_id), r.filename, parts.store.read(r.key), r.example_id, r.taught) for r in found.reviewed
    ]
    document = (str(lesson.document_id), lesson.filename, parts.store.read(lesson.key))
    done = parts.sandbox.run(
        learn_to_json, found.schema_json, document, lesson.example_id, lesson.taught, reviewed, found.kept,
        limits=_parse_limits(parts),
    )  # fmt: skip
    made = orjson.loads(done)
    refusal = None if made["losses"] is None else "It made other reviewed results worse: " + ", ".join(made["losses"])
    return learning.Learnt(lesson, made["fingerprint"], made["fields"], refusal)


def _sources(parts: App, order: ExtractOrder) -> list[tuple[str, str, bytes]]:
    try:
        return [(id_, name, parts.store.read(key)) for id_, name, key in order.documents]
    except StoreError as error:
        raise FieldproofError("A parsed document is missing from the store. Reparse the document.") from error
