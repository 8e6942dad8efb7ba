"""What each task does. A task may run twice, or stop anywhere: every effect is fenced by its attempt."""

from __future__ import annotations

import hashlib
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any

import orjson
import structlog

from fieldproof import metrics, parsing, tracing
from fieldproof.core import codec
from fieldproof.core.document import REMEDIES, FailureCode
from fieldproof.core.errors import Cancelled, FieldproofError, ParsingFailed, Transient
from fieldproof.core.result import Extraction, Usage
from fieldproof.core.schema import parse_schema
from fieldproof.db.faults import PASSING
from fieldproof.extraction import Options, SourceDocument, llm
from fieldproof.extraction.child import example_from_json, extract_to_bytes, learn_to_json
from fieldproof.fetching import FetchFailed, FetchRefused, fetch
from fieldproof.parsing import ParseConfig
from fieldproof.parsing.child import count_pages_to_bytes, join_to_bytes, parse_to_bytes
from fieldproof.sandbox import Limits
from fieldproof.services import (
    budgets,
    children,
    documents,
    guessing,
    idempotency,
    learning,
    processing,
    retention,
    uploads,
    webhooks,
)
from fieldproof.services import parts as page_parts
from fieldproof.services.processing import ExtractOrder, ParseOrder
from fieldproof.services.work import Work
from fieldproof.storage import StoreError, parts_key
from fieldproof.wiring import App

log = structlog.get_logger()
Handler = Callable[..., None]
IsCancelled = Callable[[], bool]
_IN_PARTS = ("pdf", "tif", "tiff")
_DOCUMENTS_A_CHILD, _MOST_CHILDREN = 500, 8  # what the limits of one child are meant for; how often they are given
_PICTURE_PAGE_BYTES = 40_000  # from which pages are taken for scans,
_PICTURE_COST = 10  # each of which takes as long as so many others, and more
_LEAST_PAGE_BYTES = 100  # a smaller file is not opened to count its pages
_LOOK_S = 0.2  # how often a call of a model is looked after
_TELL_S = 60  # for a database to come back
_BREAKDOWNS = (FailureCode.CRASHED, FailureCode.OUT_OF_MEMORY)  # which may be the machine's doing: tried once more
_EXTENSIONS = frozenset((
    "pdf", "png", "jpg", "jpeg", "tif", "tiff", "webp", "docx", "doc", "odt", "rtf", "xlsx", "xls", "ods", "csv", "pptx", "ppt",
    "odp", "html", "txt", "md", "eml", "msg", "several",
))  # fmt: skip
_DAMAGED = "The stored original is missing or altered. Upload the file again."


def parse_document(parts: App, *, parsing_id: str, is_cancelled: IsCancelled) -> None:
    with parts.work() as work:
        order = processing.claim_parsing(work, uuid.UUID(parsing_id))
    if order is None:
        return
    with _reading(parts, order, lambda work: processing.release_parsing(work, order)):
        _parse(parts, order, is_cancelled)


def parse_part(parts: App, *, parsing_id: str, split: int, number: int, is_cancelled: IsCancelled) -> None:
    """One page range of a long document."""
    with parts.work() as work:
        order = page_parts.claim(work, uuid.UUID(parsing_id), split, number)
    if order is None:
        return
    with _reading(parts, order.reading, lambda work: page_parts.release(work, order)):
        config = replace(processing.parser_config(order.reading.config), pages=order.pages)
        with _original(parts, order.reading) as path, tracing.span("parse", part=number):
            encoded = _in_child(parts, is_cancelled, parse_to_bytes, str(path), config, order.reading.filename)
        parts.store.put(order.key, encoded)
        with parts.work() as work:
            is_wanted = page_parts.finish(work, order)
        if not is_wanted:
            parts.store.delete(order.key)


def join_parts(parts: App, *, parsing_id: str, split: int, is_cancelled: IsCancelled) -> None:
    with parts.work() as work:
        order = page_parts.claim(work, uuid.UUID(parsing_id), split, page_parts.JOINING)
    if order is None:
        return
    with _reading(parts, order.reading, lambda work: page_parts.release(work, order)):
        read = [parts.store.read(key) for key in order.keys]
        _keep(parts, order.reading, _in_child(parts, is_cancelled, join_to_bytes, read))


def extract_result(parts: App, *, result_id: str, is_cancelled: IsCancelled) -> None:
    with parts.work() as work:
        order = processing.claim_result(work, uuid.UUID(result_id))
    if order is None:
        return
    with _surviving(parts, lambda work: processing.release_result(work, order)):
        try:
            extraction = _extraction(parts, order, is_cancelled)
        except Transient:
            raise
        except FieldproofError as error:
            code = error.code if isinstance(error, (ParsingFailed, llm.ModelError)) else "failed"
            if code in _BREAKDOWNS and not order.is_last:
                raise _OnceMore from error
            code = FailureCode.CANCELLED if isinstance(error, Cancelled) else code
            metrics.extract_failures.labels(code).inc()
            with parts.work() as work:
                processing.fail_result(work, order, code, error.message)
            return
        with tracing.span("publish"), parts.work() as work:
            if not processing.finish_result(work, order, extraction):
                processing.release_result(work, order)
                return
        _count_model(extraction.usage)


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


def remove_files(
    parts: App, *, sha256: Sequence[str], parsing_ids: Sequence[str], pictures: Sequence[str] = ()
) -> None:
    with parts.work() as work:
        documents.remove_files(work, sha256, parsing_ids, pictures)


def remove_originals(parts: App, *, timestamp: int) -> None:
    """Those that their workspaces keep no longer, some at a time."""
    while True:
        with parts.work() as work:
            if retention.remove_due(work) == 0:
                return


def remove_parts(parts: App, *, parsing_id: str, split: int) -> None:
    parts.store.delete_under(parts_key(uuid.UUID(parsing_id), split))


def sweep_uploads(parts: App, *, timestamp: int) -> None:
    """Uploads that nobody attached, and bytes that only they held."""
    with parts.work() as work:
        hashes = uploads.remove_expired(work)
        uploads.remove_leftovers(work)
        idempotency.forget_old(work)
    with parts.work() as work:
        documents.remove_files(work, hashes, ())


HANDLERS: dict[str, Handler] = {
    "parse_document": parse_document,
    "parse_part": parse_part,
    "join_parts": join_parts,
    "extract_result": extract_result,
    "learn_from": learn_from,
    "guess_template": guess_template,
    "deliver_webhook": deliver_webhook,
    "remove_files": remove_files,
    "remove_parts": remove_parts,
    "sweep_uploads": sweep_uploads,
    "remove_originals": remove_originals,
}


def give_up(parts: App, task: str, arguments: dict[str, Any]) -> None:
    """After the last retry of a passing fault: whoever waits is told, instead of waiting for ever."""
    message = Transient.__doc__ or ""
    if task in ("parse_document", "parse_part", "join_parts"):
        with parts.work() as work:
            processing.give_up_parsing(work, uuid.UUID(arguments["parsing_id"]), message)
    elif task == "extract_result":
        with parts.work() as work:
            processing.give_up_result(work, uuid.UUID(arguments["result_id"]), message)


def _parse(parts: App, order: ParseOrder, is_cancelled: IsCancelled) -> None:
    config = processing.parser_config(order.config)
    with _original(parts, order) as path:
        if _is_long(parts, order, path, config, is_cancelled):
            return
        with tracing.span("parse"), metrics.parse_seconds.labels(order.extension).time():
            encoded = _in_child(parts, is_cancelled, parse_to_bytes, str(path), config, order.filename)
    _keep(parts, order, encoded)


def _is_long(parts: App, order: ParseOrder, path: Path, config: ParseConfig, is_cancelled: IsCancelled) -> bool:
    """Whether the document is read in parts, which then have jobs of their own."""
    part_pages = parts.settings.part_pages
    if not part_pages or order.extension not in _IN_PARTS or path.stat().st_size < part_pages * _LEAST_PAGE_BYTES:
        return False
    count = int(_in_child(parts, is_cancelled, count_pages_to_bytes, str(path), config, order.filename) or b"0")
    if count and path.stat().st_size > count * _PICTURE_PAGE_BYTES:
        part_pages = max(1, part_pages // _PICTURE_COST)
    if not part_pages < count <= config.max_pages:
        return False
    with parts.work() as work:
        page_parts.split(work, order, page_parts.page_ranges(count, part_pages))
    return True


def _in_child(parts: App, is_cancelled: IsCancelled, function: Callable[..., bytes], *args: object) -> bytes:
    return parts.sandbox.run(function, *args, limits=_parse_limits(parts), is_cancelled=is_cancelled)


def _keep(parts: App, order: ParseOrder, encoded: bytes) -> None:
    parsed = codec.load(encoded)
    key = processing.stored_key(order)
    with tracing.span("store"):
        parts.store.put(key, encoded)
    if parsed.attachments:
        with parts.work() as work:
            children.add_children(work, order, parsed.attachments)
    with tracing.span("publish", pages=len(parsed.pages)), parts.work() as work:
        is_current = processing.finish_parsing(work, order, parsed, parsing.chunk(parsed), key)
        if not is_current:
            processing.release_parsing(work, order)
    if not is_current:
        parts.store.delete(key)


class _OnceMore(Transient):
    """The reader broke down. It is tried once more."""


@contextmanager
def _reading(parts: App, order: ParseOrder, release: Callable[[Work], None]) -> Iterator[None]:
    """What can go wrong with a document, or a part of it, and what the document's status then is."""
    with _surviving(parts, release):
        try:
            yield
        except ParsingFailed as error:
            if error.code in _BREAKDOWNS and not order.is_last:
                raise _OnceMore from error
            _fail_parsing(parts, order, error.code, error.message)
        except Cancelled:
            _fail_parsing(parts, order, FailureCode.CANCELLED, REMEDIES[FailureCode.CANCELLED])
        except StoreError as error:
            log.error("the stored original is missing or altered", key=order.blob, cause=str(error.__cause__)[:500])
            _fail_parsing(parts, order, FailureCode.CORRUPT, _DAMAGED)


@contextmanager
def _surviving(parts: App, release: Callable[[Work], None]) -> Iterator[None]:
    """An attempt that ends by a passing fault does not count, for its worker lives to say so.

    When the database itself is away, that is said as soon as it is back.
    """
    try:
        yield
    except _OnceMore:
        raise
    except PASSING:
        _tell(parts, release)
        raise
    except OSError as error:  # this machine's disk
        _tell(parts, release)
        raise Transient from error


def _tell(parts: App, release: Callable[[Work], None]) -> None:
    deadline = time.monotonic() + _TELL_S
    while True:
        try:
            with parts.work() as work:
                release(work)
            return
        except PASSING:
            if parts.sandbox.is_closed or time.monotonic() > deadline:
                return
            time.sleep(1)


@contextmanager
def _original(parts: App, order: ParseOrder) -> Iterator[Path]:
    """The bytes in a file of this machine, checked against their hash.

    Raises: StoreError when they are missing or altered, Transient when they were altered on their way.
    """
    size = parts.store.size(order.blob)
    if size is None:
        raise StoreError
    with tempfile.NamedTemporaryFile(prefix="fieldproof-original-") as file:
        found = _fetched(parts, order, size, file)
        if found != order.sha256:
            again = _fetched(parts, order, size, file)
            if again == found:
                raise StoreError
            if again != order.sha256:
                raise Transient("The stored original does not arrive whole.")
        yield Path(file.name)


def _fetched(parts: App, order: ParseOrder, size: int, file: IO[bytes]) -> str:
    """The SHA-256 of what was written to the file."""
    file.seek(0)
    file.truncate()
    hasher = hashlib.sha256()
    for piece in parts.store.stream(order.blob, 0, size):
        hasher.update(piece)
        file.write(piece)
    file.flush()
    return hasher.hexdigest()


def _parse_limits(parts: App) -> Limits:
    settings = parts.settings
    return Limits(memory_bytes=settings.parse_memory_bytes, cpu_s=settings.parse_cpu_s, wall_s=settings.parse_wall_s)


def _extract_limits(parts: App, document_count: int) -> Limits:
    """Values are decided over all documents of a run together, so a large one gets as much as its documents would in many."""
    limits, times = _parse_limits(parts), min(_MOST_CHILDREN, -(-document_count // _DOCUMENTS_A_CHILD))
    return replace(
        limits, memory_bytes=limits.memory_bytes * times, cpu_s=limits.cpu_s * times, wall_s=limits.wall_s * times
    )


def _fail_parsing(parts: App, order: ParseOrder, code: FailureCode, message: str) -> None:
    metrics.failures.labels(code).inc()
    with parts.work() as work:
        processing.fail_parsing(work, order, code, message)


def _extraction(parts: App, order: ExtractOrder, is_cancelled: IsCancelled) -> Extraction:
    is_model = llm.is_asked_for(order.settings)
    kinds = {Path(name).suffix.lstrip(".").lower() for _, name, _ in order.documents}
    extension = kinds.pop() if len(kinds) == 1 else "several"
    known = extension if extension in _EXTENSIONS else "other"
    engine = "llm" if is_model else "local"
    with tracing.span("extract", engine=engine), metrics.extract_seconds.labels(known, engine).time():
        return (_ask_model if is_model else _extract)(parts, order, is_cancelled)


def _count_model(usage: Usage) -> None:
    if usage.model is not None:
        metrics.model_tokens.labels(usage.model, "input").inc(usage.input_tokens)
        metrics.model_tokens.labels(usage.model, "output").inc(usage.output_tokens)
        metrics.model_cost.labels(usage.model).inc(float(usage.cost or 0))


def _extract(parts: App, order: ExtractOrder, is_cancelled: IsCancelled) -> Extraction:
    """By the local engine, in a child."""
    options = {"examples": order.examples, "settings": order.settings}
    sources = _sources(parts, order)
    done = parts.sandbox.run(
        extract_to_bytes,
        sources,
        order.schema_json,
        options,
        limits=_extract_limits(parts, len(sources)),
        is_cancelled=is_cancelled,
    )
    return codec.extraction_from_json(done)


def _ask_model(parts: App, order: ExtractOrder, is_cancelled: IsCancelled) -> Extraction:
    """By a language model: in this process, since children have no network. The local engine is the second opinion."""
    sources = [SourceDocument(id_, name, codec.load(data)) for id_, name, data in _sources(parts, order)]
    options = Options(tuple(example_from_json(e) for e in order.examples), order.settings)
    purse = budgets.purse(parts.work, order.result_id)
    config = budgets.llm_config(parts.settings)
    second = partial(_extract, parts, order, is_cancelled)
    with llm.engine_for(order.settings, config, purse=purse, second=second) as engine:
        try:
            with _watched(is_cancelled, engine.cancel):
                return engine.extract(sources, parse_schema(order.schema_json), options)
        finally:
            with parts.work() as work:
                budgets.keep_recording(work, order.result_id, engine.recording())


@contextmanager
def _watched(is_cancelled: IsCancelled, cancel: Callable[[], None]) -> Iterator[None]:
    """Calls ``cancel`` from a thread of its own as soon as the job is called off."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_LOOK_S):
            if is_cancelled():
                cancel()
                return

    watcher = threading.Thread(target=watch, name="cancelling", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()


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
        keys = [key for _, _, key in order.documents]
        log.error("a parsed document is missing from the store", keys=keys, cause=str(error.__cause__)[:500])
        raise FieldproofError("A parsed document is missing from the store. Reparse the document.") from error
