"""Results as files: XLSX, CSV, JSON rows. What a spreadsheet would run as a formula is written as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import xlsxwriter

from fieldproof.core.clock import iso
from fieldproof.db.models import Result, Session
from fieldproof.services import results
from fieldproof.services.work import Work

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CELL_LIMIT = 32_767  # characters that Excel takes in one cell


def export_rows(work: Work, sessions: Sequence[Session]) -> list[dict[str, Any]]:
    """One row per session in the order asked for; ``data`` is empty where no run is completed."""
    newest = results.newest_completed(work, sessions)
    return [
        {"session_id": str(s.id), "session_name": s.name, "data": newest[s.id].data if s.id in newest else {}}
        for s in sessions
    ]


def sessions_csv(work: Work, sessions: Sequence[Session]) -> bytes:
    """session_id, session_name, then ``group.field`` columns; lists as JSON text. UTF-8 with a BOM, for Excel."""
    rows = export_rows(work, sessions)
    flat = [dict(_flat(row["data"])) for row in rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["session_id", "session_name", *map(harmless, columns)])
    for row, values in zip(rows, flat, strict=True):
        cells = [harmless(_text(values.get(c))) for c in columns]
        writer.writerow([row["session_id"], harmless(row["session_name"] or ""), *cells])
    return out.getvalue().encode("utf-8-sig")


def result_xlsx(result: Result) -> bytes:
    return _workbook([("", result)])


def sessions_xlsx(work: Work, sessions: Sequence[Session]) -> bytes:
    """The sheets of a single result's export, with the session's name in front of each row."""
    newest = results.newest_completed(work, sessions)
    return _workbook([(s.name or "", newest.get(s.id)) for s in sessions], is_batch=True)


def harmless(text: str) -> str:
    """Text that a spreadsheet shows instead of running it. Numbers keep their sign."""
    if text.startswith(_FORMULA_STARTS) and not _is_number(text):
        return "'" + text
    return text


def _workbook(runs: Sequence[tuple[str, Result | None]], *, is_batch: bool = False) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True})
        lead = ["session"] if is_batch else []
        data, audit, meta = (book.add_worksheet(name) for name in ("Data", "Audit", "Metadata"))
        _write(data, bold, [*lead, "group", "field", "value"], _data_rows(runs, is_batch))
        head = [*lead, "group", "field", "value", "reasoning", "page", "source text", "chunk id"]
        _write(audit, bold, head, _audit_rows(runs, is_batch))
        _write(meta, bold, [*lead, "key", "value"], _meta_rows(runs, is_batch))
    return out.getvalue()


def _write(sheet: Any, bold: Any, head: list[str], rows: Iterable[list[Any]]) -> None:
    sheet.write_row(0, 0, head, bold)
    sheet.freeze_panes(1, 0)
    for n, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, bool):
                sheet.write_boolean(n, column, value)
            elif isinstance(value, (int, float)):
                sheet.write_number(n, column, value)
            elif value is not None:
                sheet.write_string(n, column, harmless(_text(value))[:_CELL_LIMIT])
    sheet.autofit(max_width=600)


def _data_rows(runs: Sequence[tuple[str, Result | None]], is_batch: bool) -> Iterable[list[Any]]:
    for name, result in runs:
        for group, field, value in _fields(result):
            yield [*([name] if is_batch else []), group, field, value]


def _audit_rows(runs: Sequence[tuple[str, Result | None]], is_batch: bool) -> Iterable[list[Any]]:
    for name, result in runs:
        for group, field, value in _fields(result):
            entry = (result.audit_data if result else {}).get(group, {}).get(field, {})
            for source in entry.get("sources") or [{}]:
                lead = [name] if is_batch else []
                proof = [entry.get("reasoning"), source.get("page"), source.get("text"), source.get("chunk_id")]
                yield [*lead, group, field, value, *proof]


def _meta_rows(runs: Sequence[tuple[str, Result | None]], is_batch: bool) -> Iterable[list[Any]]:
    for name, result in runs:
        if result is None:
            continue
        facts = {
            "result_id": str(result.id), "session_id": str(result.session_id), "status": result.status,
            "title": result.title, "engine": result.engine, "config_hash": result.config_hash,
            "documents": ", ".join(r["filename"] for r in result.document_refs),
            "created_at": iso(result.created_at), "completed_at": iso(result.completed_at),
        }  # fmt: skip
        for key, value in facts.items():
            yield [*([name] if is_batch else []), key, value]


def _fields(result: Result | None) -> Iterable[tuple[str, str, Any]]:
    for group, fields in (result.data if result else {}).items():
        if isinstance(fields, dict):
            for field, value in fields.items():
                yield group, field, value
        else:  # a group that iterates on a list
            yield group, "", fields


def _flat(data: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    for group, fields in data.items():
        if isinstance(fields, dict):
            for field, value in fields.items():
                yield f"{group}.{field}", value
        else:
            yield group, fields


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
