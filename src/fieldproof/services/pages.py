"""Pictures and words of a document's pages: drawn when somebody looks, in the sandbox, and kept."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from fieldproof.core import codec
from fieldproof.core.document import ParsedDocument
from fieldproof.core.errors import NotFound
from fieldproof.core.ids import parse_uuid
from fieldproof.db.models import Document, Parsing, Result
from fieldproof.parsing.child import draw_to_bytes, render_to_bytes
from fieldproof.sandbox import Limits, Sandbox
from fieldproof.search import parse_query, places_in
from fieldproof.services import documents, processing
from fieldproof.services.work import Work
from fieldproof.storage import Store, StoreError, blob_key, page_key

PATH = f"{documents.FILE_PATH}pages/"
WIDTHS_PX = (240, 1000, 1800)
LINK_TTL_S = 900
LIMITS = Limits(memory_bytes=1_500_000_000, cpu_s=20, wall_s=40)
_HAVE_OWN_PAGES = ("pdf", "image")  # every other format is laid out by the parser, and drawn from what it gave


@dataclass(frozen=True)
class Size:
    """Points, after rotation."""

    number: int
    width_pt: float
    height_pt: float


@dataclass(frozen=True)
class Picture:
    """What is needed to draw one page, read in a short transaction; ``key`` is where its picture is kept."""

    key: str
    parsed: str
    blob: str
    filename: str
    config: dict[str, Any]
    page: int
    width_px: int
    has_own_pages: bool


def parsing_of(work: Work, document: Document, result: Result | None = None) -> Parsing | None:
    """The reading to show: the one that the result was made from, else the newest that is finished."""
    if result is None:
        return documents.ready_parsing(work, document)
    query = select(Parsing).where(
        Parsing.document_id == document.id, Parsing.config_hash == result.config_hash, Parsing.status == "ready"
    )
    return work.db.scalars(query).one_or_none()


def sizes(work: Work, parsing: Parsing) -> list[Size]:
    """Of every page, in order."""
    known = parsing.page_sizes
    if known is None:
        known = [[p.width_pt, p.height_pt] for p in load(work.store, parsing).pages]
        parsing.page_sizes = known
    return [Size(n, width, height) for n, (width, height) in enumerate(known, 1)]


def load(store: Store, parsing: Parsing) -> ParsedDocument:
    """Raises: NotFound when it is no longer stored."""
    try:
        return codec.load(store.read(parsing.key or ""))
    except StoreError as error:
        raise NotFound("The document is no longer stored as it was read.") from error


def words(store: Store, parsing: Parsing, number: int) -> list[tuple[str, list[float]]]:
    """Each visible word of a page with its box, in reading order. Raises: NotFound."""
    try:
        page = codec.load_page(store.read(parsing.key or ""), number)
    except StoreError as error:
        raise NotFound("The document is no longer stored as it was read.") from error
    if page is None:
        raise NotFound(f"The document has pages 1 to {parsing.page_count}.")
    return [(word.text, word.box.as_list()) for word in page.words]


def hits(parsed: ParsedDocument, search: str) -> list[tuple[int, list[float]]]:
    """Page and box of every word that a search hits."""
    terms = parse_query(search).terms
    return [
        (page.number, page.words[n].box.as_list())
        for page in parsed.pages
        for n in places_in([w.text for w in page.words], terms)
    ]


def link(work: Work, parsing: Parsing, page: int, width_px: int) -> tuple[str, datetime]:
    """Path of a picture that works without a token, and the moment it dies."""
    return work.signer.link("page", f"{PATH}{parsing.id}/{page}/{width_px}", LINK_TTL_S)


def find_linked(work: Work, parsing_id: str, page: str, width_px: str, expires: str, signature: str) -> Picture:
    """Raises: NotFound for a wrong or expired link."""
    key = parse_uuid(parsing_id)
    is_signed = work.signer.accepts("page", f"{PATH}{parsing_id}/{page}/{width_px}", expires, signature)
    query = select(Parsing, Document).join(Document, Document.id == Parsing.document_id).where(Parsing.id == key)
    found = work.db.execute(query).one_or_none() if is_signed and key is not None else None
    if found is None:
        raise NotFound("This link to a page is not valid or has expired. Ask for a new one.")
    return _picture(*found, page=int(page), width_px=int(width_px))


def is_drawn(picture: Picture, store: Store) -> bool:
    return store.size(picture.key) is not None


def draw(picture: Picture, *, store: Store, sandbox: Sandbox) -> bytes:
    """A WebP picture, from the store when somebody has looked before. Raises: NotFound, ParsingFailed, Transient."""
    try:
        if is_drawn(picture, store):
            return store.read(picture.key)
        content = _drawn(picture, store, sandbox)
        store.put(picture.key, content)
    except StoreError as error:
        raise NotFound("The document is no longer stored.") from error
    return content


def _picture(parsing: Parsing, document: Document, *, page: int, width_px: int) -> Picture:
    if parsing.key is None or not 1 <= page <= (parsing.page_count or 0):
        raise NotFound("The document has no such page.")
    return Picture(
        page_key(uuid.UUID(str(parsing.id)), parsing.attempt, page, width_px), parsing.key, blob_key(document.sha256),
        document.filename, parsing.config, page, width_px, document.category in _HAVE_OWN_PAGES,
    )  # fmt: skip


def _drawn(picture: Picture, store: Store, sandbox: Sandbox) -> bytes:
    if not picture.has_own_pages:
        parsed = store.read(picture.parsed)
        return sandbox.run(draw_to_bytes, parsed, picture.page, picture.width_px, limits=LIMITS)
    config = processing.parser_config(picture.config)
    with _on_disk(store, picture.blob) as path:
        return sandbox.run(
            render_to_bytes, str(path), picture.page, picture.width_px, config, picture.filename, limits=LIMITS
        )


@contextmanager
def _on_disk(store: Store, key: str) -> Iterator[Path]:
    size = store.size(key)
    if size is None:
        raise StoreError
    with tempfile.NamedTemporaryFile(prefix="fieldproof-page-") as file:
        for piece in store.stream(key, 0, size):
            file.write(piece)
        file.flush()
        yield Path(file.name)
