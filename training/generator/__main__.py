"""Write generated documents in the bench's format.

python -m training.generator --family invoice --count 500 --seed 7 --out DIR [--pdf] [--per-layout 3]

DIR/gen_<family>/<document>/{words,expected,schema}.json and, with --pdf, document.pdf or, for scans, document.jpg.
The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from .catalogue import FAMILIES, make
from .noise import roughen
from .truth import expected_json, words_json


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--family", action="append", choices=[*FAMILIES, "all"], help="default: all")
    options.add_argument("--count", type=int, default=100, help="documents in all")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--per-layout", type=int, default=2, help="documents of one layout")
    options.add_argument("--scans", type=float, default=0.35, help="share of layouts read by OCR")
    options.add_argument("--pdf", action="store_true", help="also the documents themselves")
    chosen = options.parse_args()
    start = time.time()
    for family, count in shares(chosen.family or ["all"], chosen.count).items():
        for number in range(count):
            layout, copy = divmod(number, chosen.per_layout)
            write(chosen.out, family, f"{chosen.seed}-{layout}", copy, scans=chosen.scans, pdf=chosen.pdf)
    print(f"{chosen.count} documents, {time.time() - start:.1f} s")


def shares(families: list[str], count: int) -> dict[str, int]:
    """How many documents of each family, by weight."""
    names = list(FAMILIES) if "all" in families else families
    whole = sum(FAMILIES[n].weight for n in names)
    out = {n: int(count * FAMILIES[n].weight / whole) for n in names}
    out[names[0]] += count - sum(out.values())
    return out


def write(out: Path, family: str, layout: str, copy: int, *, scans: float = 0.35, pdf: bool = False) -> Path:
    """One document's files; the folder."""
    made = make(family, layout, copy)
    d = made.draft
    roughen(d, scans)
    dataset, doc_id = f"gen_{family}", f"{family}-{layout}-{copy}"
    folder = out / dataset / doc_id
    folder.mkdir(parents=True, exist_ok=True)
    file = None
    if pdf:
        # late: only documents that are drawn need a renderer
        from .rendering import write_document

        file = write_document(d, folder)
    _dump(folder / "words.json", words_json(d.paper))
    _dump(folder / "expected.json", expected_json(d, made.asked, doc_id, dataset, file))
    _dump(folder / "schema.json", made.asked.schema)
    return folder


def _dump(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), "utf-8")


if __name__ == "__main__":
    main()
