"""What can be checked of the deployment files without a container engine."""

from __future__ import annotations

import configparser
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


def test_compose_gives_our_containers_nothing_that_they_do_not_need() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    for name in ("api", "worker"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert not {"privileged", "user", "network_mode", "pid", "devices"} & set(service)
    for name, service in compose["services"].items():
        assert not service["image"].endswith(":latest"), name
        assert ":" in service["image"], name
    assert [n for n, s in compose["services"].items() if "ports" in s] == ["api"], (
        "only the API is reached from outside"
    )
    used = {v.partition(":")[0] for s in compose["services"].values() for v in s.get("volumes", [])}
    assert used == set(compose["volumes"])


@pytest.mark.parametrize("path", sorted((ROOT / "deploy" / "systemd").glob("*.service")), ids=lambda p: p.name)
def test_units_are_locked_up(path: Path) -> None:
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text("utf-8"))
    service = unit["Service"]
    assert service["User"] not in ("root", "0")
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["UMask"]) == ("true", "strict", "0077")
    assert service["Restart"] == "always"
    program, command = service["ExecStart"].split()[:2]
    assert (Path(program).name, command) in (("fieldproof", "serve"), ("fieldproof", "worker"))
    assert set(unit) - {"DEFAULT"} == {"Unit", "Service", "Install"}


def test_the_way_up_names_settings_that_exist() -> None:
    text = (ROOT / "docs" / "howto" / "scale.md").read_text("utf-8")
    named = {name.removesuffix("_FILE") for name in re.findall(r"\bFIELDPROOF_[A-Z_]+", text)}
    assert unknown_settings(dict.fromkeys(named)) == []
    must = [
        n
        for n in Settings.model_fields
        if n.startswith(("storage_", "database_", "rate_limit_url", "otlp_", "metrics_"))
    ]
    assert [n for n in must if f"FIELDPROOF_{n.upper()}" not in named] == []


def unknown_settings(names: dict[str, Any]) -> list[str]:
    known = {f"FIELDPROOF_{name.upper()}" for name in Settings.model_fields}
    return sorted(set(names) - known)
