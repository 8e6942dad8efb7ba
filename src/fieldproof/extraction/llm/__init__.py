"""Extraction by a language model, of any provider: same schema, same result, same proof as the local engine.

``engine_for`` is the door. The caller brings the configuration, the purse and the second opinion, and stores the recording.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fieldproof.core.result import Extraction
from fieldproof.extraction.llm.client import ModelClient
from fieldproof.extraction.llm.config import BASE_URLS, NEEDS_KEY, Constraint, LlmConfig, Price, Provider
from fieldproof.extraction.llm.engine import LlmEngine
from fieldproof.extraction.llm.errors import (
    BudgetExceeded,
    InvalidOutput,
    ModelError,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    NotConfigured,
    NotRecorded,
    UnknownEngine,
)
from fieldproof.extraction.llm.recording import Replay
from fieldproof.extraction.llm.spending import OpenPurse, Purse, Spending

__all__ = [
    "BASE_URLS", "NEEDS_KEY", "BudgetExceeded", "Constraint", "InvalidOutput", "LlmConfig", "LlmEngine", "ModelError",
    "ModelRefused", "ModelTimeout", "ModelUnavailable", "NotConfigured", "NotRecorded", "OpenPurse", "Price", "Provider",
    "Purse", "Replay", "Spending", "UnknownEngine", "check_engine", "engine_for", "is_asked_for", "replay_of",
]  # fmt: skip

LOCAL = "local"

Second = Callable[[], Extraction]


def is_asked_for(settings: dict[str, Any]) -> bool:
    """Whether the template's settings ask for anything but the local engine."""
    return settings.get("engine") not in (None, "", LOCAL)


def engine_for(
    settings: dict[str, Any], config: LlmConfig | None, *, purse: Purse | None = None, second: Second | None = None
) -> LlmEngine:
    """The engine that ``settings.engine`` names: "llm" or "llm:<model>"; for one run. Close it afterwards.

    ``second`` gives the local engine's extraction of the same documents; it is asked once the model is known.

    Raises: UnknownEngine, NotConfigured.
    """
    check_engine(settings, config)
    if config is None:
        raise NotConfigured
    client = ModelClient(config, _model_of(settings.get("engine")) or config.model)
    return LlmEngine(client, config, purse=purse, second=second, close=client.close, cancel=client.cancel)


def check_engine(settings: dict[str, Any], config: LlmConfig | None) -> None:
    """Whether there is such an engine; that a model is configured at all is only asked by a run. Raises: UnknownEngine."""
    model = _model_of(settings.get("engine")) if is_asked_for(settings) else ""
    if model and config is not None and not config.may_use(model):
        raise UnknownEngine(
            f'This installation does not offer the model "{model[:80]}". Use "llm", or have it added to FIELDPROOF_LLM_MODELS.'
        )


def replay_of(recording: bytes, config: LlmConfig, *, second: Second | None = None) -> LlmEngine:
    """An engine that repeats a recorded run without the model. Raises: Malformed."""
    return LlmEngine(Replay(recording), config, second=second)


def _model_of(engine: Any) -> str:
    """ "" for the configured one."""
    if engine == "llm":
        return ""
    if isinstance(engine, str) and engine.startswith("llm:") and engine[4:].strip():
        return engine[4:].strip()
    raise UnknownEngine(f'The template\'s engine is "{str(engine)[:80]}"; it must be "local", "llm" or "llm:<model>".')
