"""A hundred files made to hurt: each ends as its manifest promises, in the sandbox, and nothing else happens.

``timeout`` and ``out_of_memory`` are what this parser calls the manifest's ``limit_exceeded`` when it was a
limit of the sandbox that stopped it.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fieldproof.core import codec
from fieldproof.core.document import FailureCode, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import ParseConfig, chunk
from fieldproof.parsing.child import PRELOAD, parse_to_bytes
from fieldproof.sandbox import Limits, Sandbox

SHARED = Path(os.environ.get("FIELDPROOF_SHARED", Path(__file__).parents[3] / "shared"))
FOLDER = SHARED / "data" / "hostile"
LIMITS = Limits(memory_bytes=2_000_000_000, cpu_s=45, wall_s=120)
# The manifest takes half of what python-docx gives, which repeats a merged cell for every slot it covers:
# 936,427 characters of a document whose w:t elements hold 271,371.
TRUE_CHARACTERS = {"d051_bug65649.docx": 271_371}
SANDBOX_LIMITS = (FailureCode.TIMEOUT, FailureCode.OUT_OF_MEMORY)

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the hostile files are not here (FIELDPROOF_SHARED)")


def manifest() -> list[dict[str, Any]]:
    path = FOLDER / "manifest.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture(scope="module")
def outcomes() -> dict[str, ParsedDocument | ParsingFailed]:
    with Sandbox(LIMITS, preload=PRELOAD) as sandbox, ThreadPoolExecutor(2) as pool:

        def outcome(row: dict[str, Any]) -> ParsedDocument | ParsingFailed:
            try:
                path = str(FOLDER / row["file"])
                return codec.load(sandbox.run(parse_to_bytes, path, ParseConfig(), row["upload_name"]))
            except ParsingFailed as failure:
                return failure

        rows = manifest()
        return {row["file"]: found for row, found in zip(rows, pool.map(outcome, rows), strict=True)}


@pytest.mark.parametrize("row", manifest(), ids=lambda row: row["file"][:24])
def test_ends_as_promised(outcomes: dict[str, ParsedDocument | ParsingFailed], row: dict[str, Any]):
    outcome = outcomes[row["file"]]
    if isinstance(outcome, ParsingFailed):
        code = "limit_exceeded" if outcome.code in SANDBOX_LIMITS else outcome.code
        assert row["class"] != "parsed", (outcome.code, getattr(outcome, "__notes__", ""))
        if row["class"] == "either" and outcome.code is FailureCode.EMPTY:
            return  # read to its end, and there was nothing in it: "processed" by another name
        assert code in row["reasons"], (outcome.code, getattr(outcome, "__notes__", ""))
        return
    assert row["class"] in ("parsed", "either")
    assert len(outcome.text) >= TRUE_CHARACTERS.get(row["file"], row["min_chars"])
    found = [needle for needle in row["needles"] if needle in outcome.text]
    assert 3 * len(found) >= 2 * len(row["needles"])
    assert "root:x:0" not in outcome.text
    chunk(outcome)
