"""What the source does not contain, what it is built from, and what its documents say."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import fieldproof
from fieldproof.core import patterns
from fieldproof.core.schema import SchemaInvalid, parse_schema
from fieldproof.parsing import ParseConfig
from fieldproof.sandbox import Limits

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(fieldproof.__file__).parent


def test_nothing_dangerous_is_called() -> None:
    """No shell, eval, exec, yaml.load, MD5, SHA-1, SQL by concatenation, insecure temporary file or TLS without checks."""
    rules = "S102,S103,S108,S113,S301,S302,S305,S306,S307,S310,S317,S318,S319,S321,S323,S324,S501,S506,S508,S602,S604,S605,S608,S609,S612,S701"
    found = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", rules, "--output-format", "concise", str(SOURCE)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout


def test_pickles_only_go_from_the_parent_to_its_child() -> None:
    assert _files_with(r"\bimport pickle\b") == {"sandbox/forkserver.py", "sandbox/runner.py"}
    assert not re.search(r"pickle\.loads?\(", (SOURCE / "sandbox" / "runner.py").read_text("utf-8"))


def test_xml_is_read_by_one_hardened_parser() -> None:
    assert _files_with(r"etree\.(parse|fromstring|XML|iterparse)\(|ElementTree|minidom|\bsax\b") <= {
        "parsing/package.py", "parsing/html.py",
    }  # fmt: skip
    package = (SOURCE / "parsing" / "package.py").read_text("utf-8")
    assert package.count("XMLParser(") == 1
    for option in ("resolve_entities=False", "no_network=True", "load_dtd=False"):
        assert option in package


def test_chance_that_guards_something_comes_from_the_system() -> None:
    """``random`` only spreads load; identifiers are no secrets: links are signed and rows are guarded by membership."""
    assert _files_with(r"^import random$|from random ") == {"extraction/llm/client.py", "services/webhooks.py"}


@pytest.mark.parametrize("pattern", [r"^(\w+\s?)*$", r"(a+)+$", r"(a|aa)+$", r"(.*a){20}$", r"([a-zA-Z]+)*!$"])
def test_a_pattern_that_explodes_elsewhere_is_matched_in_linear_time(pattern: str) -> None:
    found = patterns.compiled(pattern)
    assert found is not None
    found.search("a" * 10_000 + " " + "a" * 10_000 + "#")  # with backtracking this would not end in a lifetime


@pytest.mark.parametrize("pattern", [r"(a)\1", r"(?=a)b", r"(?<!a)b", "(", "a" * 1001, "(((a{1000}){1000}){1000})"])
def test_a_pattern_that_cannot_be_linear_is_refused_by_its_place(pattern: str) -> None:
    with pytest.raises(SchemaInvalid) as refused:
        parse_schema({"groups": {"g": {"fields": {"f": {"type": "string", "pattern": pattern}}}}})
    assert str(refused.value).startswith("groups.g.fields.f.pattern: ")


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "uv.txt", "deploy.txt"])
def test_every_dependency_is_pinned_with_its_hash(name: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements" / name).read_text("utf-8"))
    named = [entry for entry in entries if re.match(r"[a-z0-9]", entry)]
    assert named
    for entry in named:
        assert re.match(r"[\w.\[\]-]+==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_limits_are_documented_as_they_are() -> None:
    rows = dict(
        re.findall(r"^\| `(\w+)`[^|]*\| ([^|]+?) \|", (ROOT / "docs" / "limits.md").read_text("utf-8"), re.MULTILINE)
    )
    limits, config = Limits(), ParseConfig()
    for name in (*(f.name for f in fields(limits)), *(f.name for f in fields(config))):
        if name in rows:
            value = getattr(limits, name, None) if hasattr(limits, name) else getattr(config, name)
            assert _number(rows[name]) == value, name
    assert {"memory_bytes", "cpu_s", "wall_s", "max_pages", "max_unpacked_bytes"} <= set(rows)


def _number(text: str) -> int:
    match = re.match(r"([\d,.]+)(?: (GB|MB|million|s))?", text)
    assert match is not None, text
    scale = {"GB": 1_000_000_000, "MB": 1_000_000, "million": 1_000_000}.get(match[2] or "", 1)
    return int(float(match[1].replace(",", "")) * scale)


def _files_with(pattern: str) -> set[str]:
    wanted = re.compile(pattern, re.MULTILINE)
    return {p.relative_to(SOURCE).as_posix() for p in SOURCE.rglob("*.py") if wanted.search(p.read_text("utf-8"))}
