"""The real LibreOffice, where it is installed: files of old, written by it and read by way of it in the sandbox."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from fieldproof.core import codec
from fieldproof.core.document import PageSource, ParsedDocument
from fieldproof.parsing import ParseConfig, chunk
from fieldproof.parsing.child import PRELOAD, draw_to_bytes, parse_to_bytes
from fieldproof.sandbox import Sandbox
from parsing.formats.samples import SAMPLES

OFFICE = shutil.which("soffice", path=os.defpath)
NEW_OF_OLD = {"doc": "docx", "ppt": "pptx", "xls": "xlsx"}

pytestmark = pytest.mark.skipif(
    OFFICE is None, reason="LibreOffice is not installed: libreoffice-writer-nogui and -impress-nogui"
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(preload=PRELOAD) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With one file of every old format, written by LibreOffice itself."""
    folder = tmp_path_factory.mktemp("old")
    contents = {Path(sample.name).suffix[1:]: sample.content for sample in SAMPLES}
    for old, new in NEW_OF_OLD.items():
        source = folder / f"sample.{new}"
        source.write_bytes(contents[new])
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [str(OFFICE), profile, "--headless", "--convert-to", old, "--outdir", str(folder), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


def read(sandbox: Sandbox, path: Path) -> ParsedDocument:
    return codec.load(sandbox.run(parse_to_bytes, str(path), ParseConfig()))


def test_doc(sandbox: Sandbox, folder: Path):
    document = read(sandbox, folder / "sample.doc")
    assert document.media_type == "application/msword"
    for seen in ("Service agreement", "Between Acme and Bob.", "a) Work", "Fees"):
        assert seen in document.text
    assert document.pages[0].source is PageSource.TEXT
    assert not document.warnings  # with its layout, not read plainly


def test_ppt(sandbox: Sandbox, folder: Path):
    document = read(sandbox, folder / "sample.ppt")
    assert document.media_type == "application/vnd.ms-powerpoint"
    assert "Quarterly report" in document.text
    assert "Second point" in document.text


def test_xls_needs_no_libreoffice_and_says_the_same(sandbox: Sandbox, folder: Path):
    old, new = (read(sandbox, folder / f"sample.{kind}") for kind in ("xls", "xlsx"))
    assert old.text == new.text


@pytest.mark.parametrize("kind", ["doc", "ppt"])
def test_words_boxes_chunks_and_a_picture(sandbox: Sandbox, folder: Path, kind: str):
    path = folder / f"sample.{kind}"
    parsed = sandbox.run(parse_to_bytes, str(path), ParseConfig())
    document = codec.load(parsed)
    words = [word for page in document.pages for word in page.words]
    assert words
    assert all(0 <= w.box.left < w.box.right <= 1 and 0 <= w.box.top < w.box.bottom <= 1 for w in words)
    assert chunk(document)[0].blocks
    assert Image.open(io.BytesIO(sandbox.run(draw_to_bytes, parsed, 1, 400))).width == 400
    assert sandbox.run(parse_to_bytes, str(path), ParseConfig()) == parsed  # byte for byte, a minute later too
