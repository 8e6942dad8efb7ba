"""Spreadsheets: Excel workbooks old and new, and OpenDocument ones. Anchors are "Sheet1!B7"."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine

from fieldproof.core.document import FailureCode, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import binarysheets
from fieldproof.parsing.cells import column_name
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.filetype import ODS, XLSX, FileType
from fieldproof.parsing.flow import Eye, document
from fieldproof.parsing.numbers import shown
from fieldproof.parsing.package import opened
from fieldproof.parsing.sheetlayout import Sheet, hide_sheet, section
from fieldproof.parsing.spreadsheetml import Workbook


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """Every visible sheet on virtual pages."""
    if kind == ODS:
        from fieldproof.parsing import opendocument  # it reads its sheets like its texts

        return opendocument.parse(path, config, kind)
    eye = Eye()
    if kind != XLSX:
        flow = (section(sheet) for sheet in _old_sheets(path, config, kind, eye))
        return document(kind.media_type, flow, config, eye)
    with opened(path, config) as package:
        flow = [section(sheet) for sheet in Workbook(package, config, eye).sheets()]
        return document(
            kind.media_type,
            flow,
            config,
            eye,
            attachments=package.attachments("xl/embeddings/"),
            properties=package.properties(),
            has_pictures=package.has_pictures(),
        )


def _old_sheets(path: Path, config: ParseConfig, kind: FileType, eye: Eye) -> Iterator[Sheet]:
    """Sheets of the binary formats, by calamine once their extents are known to be sane."""
    concealed = binarysheets.examine(path, config, kind)
    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as workbook:
            for number, metadata in enumerate(workbook.sheets_metadata):
                if metadata.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                    continue
                source = workbook.get_sheet_by_index(number)
                sheet = _old_sheet(source, metadata.name, concealed.get(metadata.name), eye)
                if metadata.visible is python_calamine.SheetVisibleEnum.Visible:
                    yield sheet
                else:
                    hide_sheet(sheet, eye)
    except python_calamine.PasswordError as error:
        raise ParsingFailed(FailureCode.ENCRYPTED) from error
    except python_calamine.CalamineError as error:
        raise ParsingFailed(FailureCode.CORRUPT, f"{type(error).__name__} in the workbook.") from error
    except BaseException as error:
        # A panic inside calamine: it is no Exception, and it is said of a file that makes no sense.
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise ParsingFailed(FailureCode.CORRUPT, "The workbook cannot be read.") from error


def _old_sheet(source: python_calamine.CalamineSheet, name: str, facts: binarysheets.Facts | None, eye: Eye) -> Sheet:
    sheet = Sheet(name)
    first_row, first_column = source.start or (0, 0)
    for row, values in enumerate(source.iter_rows(), start=first_row):
        for column, value in enumerate(values, start=first_column):
            if value == "" or value is None:
                continue
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            text, stored = _shown(value, facts.code(row, column) if facts else "General"), str(value)
            if reason := facts.hidden_because(row, column) if facts else None:
                eye.hide(f"{stored}\t", reason, facts.place(name, row, column, reason) if facts else name)
            elif not text:
                eye.hide(f"{stored}\t", "format", f"{name}!{column_name(column)}{row + 1}")
            else:
                text = eye.see(text, f"{name}!{column_name(column)}{row + 1}")
                sheet.cells.append((row, column, text.strip(), False, is_number))
    for (row, column), (last_row, last_column) in source.merged_cell_ranges or ():
        sheet.merges.append((row, column, last_row, last_column))
    return sheet


def _shown(value: object, code: str) -> str:
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return shown(value, code).text if math.isfinite(value) else str(value)
        case datetime() if code == "General":
            return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
        case datetime() | timedelta() | time() | date():
            return shown(_serial(value), code).text if code != "General" else str(value)
        case _:
            return str(value)


def _serial(value: datetime | date | time | timedelta) -> float:
    """The number that a moment or a length of time is stored as."""
    match value:
        case datetime():
            return (value - datetime(1899, 12, 30)) / timedelta(days=1)
        case date():
            return float((value - date(1899, 12, 30)).days)
        case time():
            return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second) / timedelta(days=1)
        case _:
            return value / timedelta(days=1)
