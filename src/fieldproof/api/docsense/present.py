"""Rows as the contract shows them. Pure: rows in, JSON values out."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.responses import Response

from fieldproof.services.deposits import DepositJob, DepositRow, Refusal
from fieldproof.services.paging import Page


def answer(message: str, result: Any, status: int = 200) -> Response:
    body = orjson.dumps({"status": status, "message": message, "result": result})
    return Response(body, status, media_type="application/json")


def page(found: Page[DepositRow]) -> dict[str, Any]:
    return {
        "total": found.total, "page": found.number, "limit": found.size,
        "has_more": found.number * found.size < found.total, "documents": [document(row) for row in found.items],
    }  # fmt: skip


def uploaded(rows: Iterable[DepositRow], refused: Iterable[Refusal]) -> dict[str, Any]:
    rejected = [{"original_filename": r.filename, "code": r.code, "message": r.message} for r in refused]
    return {"documents": [document(row) for row in rows], "rejected": rejected}


def document(row: DepositRow) -> dict[str, Any]:
    return {
        "id": row.id, "user_id": row.user_id, "original_filename": row.filename, "file_type": row.file_type,
        "file_size": row.size_bytes, "status": row.status, "industry": row.industry,
        "created_at": _moment(row.created_at), "updated_at": _moment(row.updated_at),
        "processed_at": _moment(row.processed_at), "s3_url": row.url,
    }  # fmt: skip


def job(found: DepositJob) -> dict[str, Any]:
    """The latest reading of a document, with the document beside it."""
    row = found.row
    return {
        "id": row.id, "document_id": row.id, "job_type": "full_processing", "status": row.status,
        "result_data": _result_data(found) if row.status == "completed" else None,
        "error_message": found.error if row.status == "failed" else None,
        "created_at": _moment(row.created_at), "started_at": _moment(found.started_at),
        "completed_at": _moment(found.ended_at), "document": document(row),
    }  # fmt: skip


def _result_data(found: DepositJob) -> dict[str, Any]:
    blocks = list(_markup(found))
    raw_data = {"text": "\n".join(blocks), "blocks": blocks}
    return {"ocr_confidence": found.ocr_confidence, "total_pages": found.page_count, "raw_data": raw_data}


def _markup(found: DepositJob) -> Iterator[str]:
    """Markdown, page by page: headings in bold, tables as HTML, a figure's caption inside ``<img>``."""
    for number in range(1, found.page_count + 1):
        yield f"## Page {number}"
        rows: list[dict[str, Any]] = []
        for block in found.blocks.get(number, ()):
            if rows and block["type"] != "table_row":
                yield _table(rows)
                rows = []
            if block["type"] == "table_row":
                rows.append(block["meta"]["table_row"])
            elif block["content"].strip():
                yield _plain(block["type"], block["content"])
        if rows:
            yield _table(rows)


def _plain(kind: str, content: str) -> str:
    text = html.escape(content, quote=False)
    if kind == "heading":
        return f"**{' '.join(text.split())}**"
    return f"<img>{text}</img>" if kind == "figure" else text


def _table(rows: Sequence[dict[str, Any]]) -> str:
    """Rows of one run; the header rows at its top become the ``thead``."""
    headers = next((n for n, row in enumerate(rows) if not row["is_header_row"]), len(rows))
    head = "".join(_row(row, "th") for row in rows[:headers])
    body = "".join(_row(row, "td") for row in rows[headers:])
    return f"<table>{f'<thead>{head}</thead>' if head else ''}<tbody>{body}</tbody></table>"


def _row(row: dict[str, Any], tag: str) -> str:
    cells = "".join(f"<{tag}>{html.escape(cell['text'], quote=False)}</{tag}>" for cell in row["cells"])
    return f"<tr>{cells}</tr>"


def _moment(moment: datetime | None) -> str | None:
    """``2031-02-01T06:00:00.000001+00:00``: six digits and the offset, whatever the server's own zone."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None
