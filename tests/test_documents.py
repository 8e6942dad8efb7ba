"""What the documents say is so."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from fieldproof.cli.configuration import markdown
from fieldproof.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = [p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")] if p.is_file()]


def test_every_setting_is_documented_as_it_is() -> None:
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == markdown(), "run: fieldproof settings --markdown"
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text("utf-8"))
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_every_make_target_explains_itself() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^([a-z][a-z-]+):", text, re.MULTILINE)
    explained = re.findall(r"^([a-z][a-z-]+):.*## ", text, re.MULTILINE)
    assert set(targets) - set(explained) == {"system-packages"}


def test_nothing_names_a_registry_or_a_path_of_a_machine() -> None:
    strange = re.compile(r"pypi\.org|files\.pythonhosted|registry\.npmjs|/work/(main|shared)")
    kinds = (".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".html", ".js", ".css", ".sh", "")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if Path(name).suffix in kinds and (ROOT / name).is_file()]
    found = [
        p.relative_to(ROOT).as_posix()
        for p in files
        if p != Path(__file__).resolve() and strange.search(p.read_text("utf-8", "replace"))
    ]
    assert found == []
