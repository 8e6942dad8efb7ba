"""Documents a second through the services, with indexing and without, batch by batch in turns, into the big account."""

from __future__ import annotations

import hashlib
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from bench.search.place import Place
from bench.search.texts import Sample, samples

from fieldproof import parsing
from fieldproof.core.actor import Actor
from fieldproof.db.models import Document, Upload
from fieldproof.services import documents, processing

BATCHES, SIZE = 4, 60


def rates(place: Place) -> dict[str, float]:
    """Everything (file, reading in this process, rows), and the rows alone."""
    took = {"on": 0.0, "off": 0.0, "rows on": 0.0, "rows off": 0.0}
    made = iter(samples(90_000_000, BATCHES * SIZE * 2))
    _take(place, [next(made)])
    for _ in range(BATCHES):
        for state in ("on", "off"):
            with _indexing(is_on=state == "on"):
                whole, rows = _take(place, [next(made) for _ in range(SIZE - 1)])
            took[state] += whole
            took[f"rows {state}"] += rows
    count = BATCHES * (SIZE - 1)
    return {name: count / seconds for name, seconds in took.items()}


@contextmanager
def _indexing(*, is_on: bool) -> Iterator[None]:
    if is_on:
        yield
        return
    with mock.patch("fieldproof.search.add_entry"), mock.patch("fieldproof.search.index_content"):
        yield


def _take(place: Place, made: list[Sample]) -> tuple[float, float]:
    """Seconds for everything, and for the rows alone."""
    started, reading = time.perf_counter(), 0.0
    for sample in made:
        with tempfile.NamedTemporaryFile(suffix=".txt") as file:
            content = f"{uuid.uuid4()}\n\n" + "\n\n".join(sample.pages)
            Path(file.name).write_text(content)
            at = time.perf_counter()
            config = processing.parse_config(place.parts.settings, {})
            parsed = parsing.parse(Path(file.name), processing.parser_config(config))
            chunks = parsing.chunk(parsed)
            reading += time.perf_counter() - at
        with place.parts.work(Actor(user_id=place.user_id, name="Bench")) as work:
            document = _document(work, place, sample, content)
            order = processing.claim_parsing(work, processing.request_parsing(work, document, config).id)
        assert order is not None
        with place.parts.work() as work:
            assert processing.finish_parsing(work, order, parsed, chunks, "bench")
    whole = time.perf_counter() - started
    return whole, whole - reading


def _document(work, place: Place, sample: Sample, content: str) -> Document:
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    upload = Upload(
        id=uuid.uuid4(), user_id=place.user_id, content_type="text/plain", filename=sample.name, size_bytes=len(content),
        sha256=sha256, mime="text/plain", extension="txt", category="text",
    )  # fmt: skip
    return documents.add_document(work, place.workspace_id, upload, sample.name).document
