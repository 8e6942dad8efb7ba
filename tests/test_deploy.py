"""What can be checked of the deployment files without a container engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from fieldproof.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
CHART = ROOT / "deploy" / "helm" / "fieldproof"


def test_compose_names_settings_that_exist() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    assert set(compose["services"]) == {"api", "worker", "postgres", "redis"}
    assert unknown_settings(compose["services"]["api"]["environment"]) == []
    assert compose["services"]["api"]["read_only"]


def test_the_charts_values_name_settings_that_exist() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    assert unknown_settings(values["settings"]) == []


@pytest.mark.parametrize("path", sorted(CHART.glob("templates/*.yaml")), ids=lambda p: p.name)
def test_templates_use_values_that_exist(path: Path) -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    text = path.read_text("utf-8")
    assert "{{" not in re.sub(r"\{\{.*?\}\}", "", text), "an action that is not closed"
    assert text.count("{{- if") + text.count("{{- with") == len(re.findall(r"\{\{-? end", text))
    for name in re.findall(r"\.Values\.([\w.]+)", text):
        place: Any = values
        for part in name.split("."):
            assert part in place, name
            place = place[part]


def test_the_image_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert re.search(r"^USER \d+$", text, re.MULTILINE)
    assert unknown_settings(dict.fromkeys(re.findall(r"\bFIELDPROOF_\w+", text))) == []


def unknown_settings(names: dict[str, Any]) -> list[str]:
    known = {f"FIELDPROOF_{name.upper()}" for name in Settings.model_fields}
    return sorted(set(names) - known)
