"""From FIELDPROOF_LLM_* to a model: whole, or refused at the start."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from fieldproof.extraction import llm
from fieldproof.services.budgets import llm_config
from fieldproof.settings import Settings


@pytest.fixture
def settings(monkeypatch):
    def read(**values: str) -> Settings:
        for name, value in values.items():
            monkeypatch.setenv(f"FIELDPROOF_LLM_{name.upper()}", value)
        return Settings()

    return read


def test_without_settings_there_is_no_model(settings):
    assert llm_config(settings()) is None


def test_everything_comes_from_the_environment(settings):
    config = llm_config(
        settings(
            provider="openai",
            model="gpt-a",
            api_key="sk-secret",
            models="gpt-b, gpt-c",
            prices="gpt-a=0.25/2.00, gpt-b=3/15",
            timeout_s="20",
        )
    )
    assert config is not None
    assert (config.provider, config.base_url, config.timeout_s) == (
        llm.Provider.OPENAI,
        "https://api.openai.com/v1",
        20,
    )
    assert [config.may_use(m) for m in ("gpt-a", "gpt-b", "gpt-c", "gpt-d")] == [True, True, True, False]
    assert config.prices["gpt-b"] == llm.Price(Decimal(3), Decimal(15))


def test_the_key_can_come_from_a_file_and_is_shown_nowhere(settings, tmp_path):
    (tmp_path / "key").write_text("sk-secret\n")
    read = settings(provider="anthropic", model="claude-a", api_key_file=str(tmp_path / "key"))
    config = llm_config(read)
    assert config is not None
    assert config.api_key == "sk-secret"
    assert "sk-secret" not in f"{read!r} {config!r}"


def test_a_model_on_this_machine_needs_no_key(settings):
    config = llm_config(settings(provider="ollama", model="qwen3:8b"))
    assert config is not None
    assert config.base_url == "http://127.0.0.1:11434/v1"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"provider": "openai"}, "go together"),
        ({"model": "gpt-a"}, "go together"),
        ({"provider": "openai", "model": "gpt-a"}, "needs llm_api_key"),
        ({"provider": "openai-compatible", "model": "a"}, "needs llm_base_url"),
        ({"provider": "ollama", "model": "a", "monthly_cost": "5"}, "needs the price of a"),
        ({"prices": "gpt-a=cheap"}, "must look like"),
        ({"prices": "gpt-a=1e5/2"}, "must look like"),
        ({"provider": "skynet", "model": "a"}, "llm_provider"),
    ],
)  # fmt: skip
def test_half_a_configuration_is_refused_at_the_start(settings, values, message):
    with pytest.raises(ValidationError, match=message):
        settings(**values)
