"""The labelled documents as the engine takes them: files through our own parser and OCR, else words.json.

Parsing is not what is measured here: parsed documents are kept under bench/out/parsed.
``python bench/extraction/corpus.py`` fills that cache ahead.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fieldproof.core import codec
from fieldproof.core.document import Block, BlockKind, Line, Page, ParsedDocument, Word
from fieldproof.core.errors import FieldproofError
from fieldproof.core.geometry import clamped, union
from fieldproof.core.schema import Schema, parse_schema
from fieldproof.parsing import PARSER_VERSION, ParseConfig, parse

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "bench" / "out" / "parsed"
MISSING = "The labelled documents are not here. Put them beside the repository as ../shared, or set FIELDPROOF_SHARED."
_COLUMN_GAP = 1.3  # of the words' height


@dataclass(frozen=True)
class Labelled:
    """One labelled document."""

    folder: Path
    dataset: str
    is_from_file: bool = False  # through our own parser and OCR, where there is a file

    @cached_property
    def expected(self) -> dict[str, Any]:
        return json.loads((self.folder / "expected.json").read_text("utf-8"))

    @cached_property
    def words(self) -> dict[str, Any]:
        return json.loads((self.folder / "words.json").read_text("utf-8"))

    @property
    def file(self) -> Path | None:
        return next(iter(sorted(self.folder.glob("document.*"))), None)

    @cached_property
    def document(self) -> ParsedDocument:
        file = self.file if self.is_from_file else None
        return parsed(file) if file else document_of(self.words)

    @property
    def is_parsed(self) -> bool:
        """Whether the file was read before, so that reading it costs nothing now."""
        return self.file is not None and _kept(self.file).exists()

    @property
    def schema_file(self) -> Path:
        own = self.folder / "schema.json"
        return own if own.exists() else self.folder.parent / "schema.json"

    @cached_property
    def schema(self) -> Schema:
        return parse_schema(schema_json_of(json.loads(self.schema_file.read_text("utf-8"))))

    @property
    def family(self) -> str:
        return self.expected.get("family") or self.expected.get("layout") or self.folder.name


def shared_folder() -> Path | None:
    folder = Path(os.environ.get("FIELDPROOF_SHARED") or ROOT.parent / "shared")
    return folder if folder.is_dir() else None


def corpus(root: Path, datasets: list[str] | None = None, *, is_from_file: bool = False) -> list[Labelled]:
    """Every labelled document below ``root``, sorted."""
    return [
        Labelled(f.parent, f.parent.parent.name, is_from_file)
        for f in sorted(root.glob("*/*/expected.json"))
        if not datasets or f.parent.parent.name in datasets
    ]


def parsed(file: Path) -> ParsedDocument:
    """The file as our parser reads it, from the cache where it was read before."""
    kept = _kept(file)
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_bytes(codec.dump(parse(file, ParseConfig(), file.name)))
        part.rename(kept)
    return codec.load(kept.read_bytes())


def _kept(file: Path) -> Path:
    return CACHE / f"{hashlib.sha256(file.read_bytes()).hexdigest()[:24]}-{PARSER_VERSION}.fpd"


def schema_json_of(source: dict[str, Any]) -> dict[str, Any]:
    """The bench lists groups and fields and writes a list group as {"type": "array", "fields": …}; here, the product's form."""
    return {"groups": {g["name"]: _group(g) for g in source["groups"]}}


def _group(source: dict[str, Any]) -> dict[str, Any]:
    fields = {f["name"]: {k: v for k, v in f.items() if k != "name"} for f in source["fields"]}
    if source.get("type") == "array" and source.get("multi"):  # a list of plain values
        name, inner = next(iter(fields.items()))
        fields = {name: {"type": "array", "description": inner.get("description"), "items": inner}}
    elif source.get("type") == "array":
        fields = {"rows": {"type": "array", "items": {"type": "object", "properties": fields}}}
    return {"title": source.get("title"), "fields": fields}


def document_of(words_json: dict[str, Any]) -> ParsedDocument:
    pages, parts, at = [], [], 0
    for entry in words_json["pages"]:
        width, height = float(entry["width"]), float(entry["height"])
        rows = _lines([w for w in entry["words"] if str(w[0]).strip()], width, height)
        words: list[Word] = []
        lines: list[Line] = []
        for row in rows:
            first = len(words)
            for raw in row:
                text = str(raw[0]).strip()
                words.append(Word(text, clamped(*raw[1:5]), at, at + len(text), font_size=None))
                parts.append(text)
                at += len(text) + 1
                parts.append(" ")
            parts[-1] = "\n"
            box = union([w.box for w in words[first:]])
            assert box is not None
            lines.append(Line(box, tuple(range(first, len(words)))))
        blocks = tuple(
            Block(BlockKind.PARAGRAPH, " ".join(words[i].text for i in line.words), words[line.words[0]].start,
                  words[line.words[-1]].end, line.box, (k,))
            for k, line in enumerate(lines)
        )  # fmt: skip
        pages.append(Page(int(entry["page"]), width, height, tuple(words), tuple(lines), blocks))
    return ParsedDocument("application/pdf", "".join(parts), tuple(pages))


def _lines(words: list[list[Any]], width: float, height: float) -> list[list[list[Any]]]:
    """Words on one baseline without a column gap, top to bottom."""
    lines: list[list[list[Any]]] = []
    for word in sorted(words, key=lambda w: (w[1], w[2])):
        top, bottom = word[2] * height, word[4] * height
        best, best_gap = None, None
        for line in lines:
            last = line[-1]
            last_top, last_bottom = last[2] * height, last[4] * height
            shared = min(bottom, last_bottom) - max(top, last_top)
            low = min(bottom - top, last_bottom - last_top)
            if shared < 0.5 * low:
                continue
            gap = (word[1] - last[3]) * width
            if -0.6 * low < gap < _COLUMN_GAP * max(bottom - top, last_bottom - last_top) and (
                best_gap is None or gap < best_gap
            ):
                best, best_gap = line, gap
        if best is None:
            lines.append([word])
        else:
            best.append(word)
    return sorted(lines, key=lambda line: (round(min(w[2] for w in line), 3), line[0][1]))


def _fill() -> None:
    shared = shared_folder()
    if shared is None:
        sys.exit(MISSING)
    files = [d.file for part in ("dev", "stream_dev") for d in corpus(shared / "data" / "bench" / part)]
    for number, file in enumerate(
        sorted((f for f in files if f), key=lambda f: (f.suffix != ".pdf", f.stat().st_size))
    ):
        start = time.process_time()
        try:
            parsed(file)
        except FieldproofError as error:
            print("not read:", file, error)
        if number % 50 == 0:
            print(number, file.parent.name, f"{time.process_time() - start:.1f} s", flush=True)


if __name__ == "__main__":
    _fill()
