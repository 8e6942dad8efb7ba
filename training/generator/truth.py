"""From a finished draft to the files of one labelled document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .draft import Draft, Fact
from .paper import Mark, Paper, Span, Word
from .questions import Asked

Box = tuple[float, float, float, float]


def words_json(paper: Paper) -> dict[str, Any]:
    """The bench's words.json, in reading order of the drawing."""
    return {
        "pages": [
            {
                "page": number,
                "width": round(page.width, 1),
                "height": round(page.height, 1),
                "words": [_word(w, page.width, page.height) for w in page.words if w.text.strip() and _is_inside(w, page.width, page.height)],
            }
            for number, page in enumerate(paper.pages, 1)
        ]
    }  # fmt: skip


def _word(w: Word, width: float, height: float) -> list[Any]:
    return [w.text, _share(w.left, width), _share(w.top, height), _share(w.right, width), _share(w.bottom, height)]


def _share(value: float, whole: float) -> float:
    return round(min(1.0, max(0.0, value / whole)), 5)


def _is_inside(w: Word, width: float, height: float) -> bool:
    return w.right > 1 and w.bottom > 1 and w.left < width - 1 and w.top < height - 1


def expected_json(d: Draft, asked: Asked, doc_id: str, dataset: str, file: str | None) -> dict[str, Any]:
    """The bench's expected.json. A fact that is nowhere on the paper is null."""
    marks: dict[str, list[Mark]] = {}
    for mark in d.paper.marks:
        if any(s.word.text.strip() for s in mark.spans):
            marks.setdefault(mark.about, []).append(mark)
    types = {f"{g['name']}.{f['name']}": f["type"] for g in asked.schema["groups"] for f in g["fields"]}
    return {
        "doc_id": doc_id,
        "dataset": dataset,
        "layout": d.layout,
        "family": d.layout,
        "lang": d.language,
        "locale": d.locale,
        "date_order": d.date_order,
        "file": file,
        "pages": len(d.paper.pages),
        "words_from": "ocr" if d.is_scan else "text",
        "fields": {path: _field(d, types[path], concept, marks.get(concept, [])) for path, concept in asked.fields.items()},
        "lists": {path: _list(d, key, marks) for path, key in asked.lists.items()},
        "tables": {path: _table(d, table, columns, marks, asked) for path, (table, columns) in asked.tables.items() if table in d.tables},
    }


def _field(d: Draft, type_: str, concept: str, marks: list[Mark]) -> dict[str, Any]:
    fact = d.facts.get(concept)
    if fact is None or not marks:
        return {"type": type_, "value": None}
    accept = list(fact.accept)
    if fact.type == "string":
        accept += [t for t in (m.text for m in marks) if _key(t) and _key(t) not in {_key(str(a)) for a in (fact.value, *accept)}]
    entry: dict[str, Any] = {"type": type_, "value": fact.value}
    if accept:
        entry["accept"] = list(dict.fromkeys(accept))
    entry["sources"] = [source for m in marks for source in _sources(d.paper, m)]
    entry["source_kind"] = "annotated"
    return entry


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _sources(paper: Paper, mark: Mark) -> list[dict[str, Any]]:
    """One box, or one per line where a sentence breaks."""
    lines: list[list[Span]] = []
    for span in mark.spans:
        last = lines[-1][-1] if lines else None
        if last and last.word.page == span.word.page and abs(last.word.top - span.word.top) < 3 and span.word.left >= last.word.left:
            lines[-1].append(span)
        else:
            lines.append([span])
    boxes = [(line[0].word.page, _around(s.box for s in line)) for line in lines]
    pages = {page for page, _ in boxes}
    if len(pages) == 1 and all(_share_x(a[1], b[1]) for a, b in zip(boxes, boxes[1:], strict=False)):
        boxes = [(boxes[0][0], _around(b for _, b in boxes))]
        lines = [mark.spans]
    out = []
    for (number, box), line in zip(boxes, lines, strict=True):
        page = paper.pages[number - 1]
        share = [_share(box[0], page.width), _share(box[1], page.height), _share(box[2], page.width), _share(box[3], page.height)]
        out.append({"page": number, "bbox": share, "text": " ".join(s.text for s in line)})
    return out


def _share_x(one: Box, other: Box) -> bool:
    """Lines of a block stand over one another; the parts of a broken sentence do not."""
    common = min(one[2], other[2]) - max(one[0], other[0])
    return common > 0.35 * min(one[2] - one[0], other[2] - other[0]) and other[1] - one[3] < 14


def _around(boxes: Iterable[Box]) -> Box:
    all_ = list(boxes)
    return min(b[0] for b in all_), min(b[1] for b in all_), max(b[2] for b in all_), max(b[3] for b in all_)


def _list(d: Draft, key: str, marks: dict[str, list[Mark]]) -> dict[str, Any]:
    values, sources = [], []
    for concept, accept in d.members.get(key, []):
        found = marks.get(concept, [])
        if found:
            values.append(accept)
            sources.append([s for m in found for s in _sources(d.paper, m)])
    return {"type": "string", "values": values, "sources": sources}


def _table(d: Draft, table: str, columns: dict[str, str], marks: dict[str, list[Mark]], asked: Asked) -> dict[str, Any]:
    rows, cells = [], []
    types: dict[str, str] = {}
    group = next(g for g, (t, c) in asked.tables.items() if t == table and c is columns)
    for f in next(g for g in asked.schema["groups"] if g["name"] == group)["fields"]:
        types[f["name"]] = f["type"]
    for number, facts in enumerate(d.tables[table]):
        row: dict[str, Any] = {}
        places: dict[str, Any] = {}
        for name, key in columns.items():
            found = marks.get(f"#{table}.{number}.{key}")
            fact = facts.get(key)
            if fact is None or not found:
                row[name] = None
                continue
            row[name] = _cell_value(fact, found)
            places[name] = _sources(d.paper, found[0])
        rows.append(row)
        cells.append(places)
    return {"columns": types, "rows": rows, "cells": cells}


def _cell_value(fact: Fact, marks: list[Mark]) -> Any:
    if fact.type != "string":
        return fact.value
    shown = marks[0].text
    return [fact.value] if _key(shown) == _key(str(fact.value)) else [fact.value, shown]
