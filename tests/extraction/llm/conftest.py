from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from extraction.llm.server import KEY, ModelServer, model_server
from extraction.paper import INVOICE, Placed, source
from fieldproof.core.result import Extraction, FieldValue
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import Options, SourceDocument, llm


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


@pytest.fixture
def ask(model: ModelServer) -> Ask:
    return Ask(model)


class Ask:
    """Runs the engine against the test's server: ``ask(fields)`` over an invoice, or over other documents."""

    def __init__(self, model: ModelServer) -> None:
        self._model = model
        self.recording = b""

    def config(self, provider: str = "openai-compatible", **changes: Any) -> llm.LlmConfig:
        kind = llm.Provider(provider)
        is_bare = kind in (llm.Provider.ANTHROPIC, llm.Provider.GEMINI)
        url = self._model.url if is_bare else f"{self._model.url}/v1"
        return llm.LlmConfig(
            **{"provider": kind, "model": "model-a", "base_url": url, "api_key": KEY, "timeout_s": 5.0, **changes}
        )

    def __call__(
        self,
        schema: dict[str, Any],
        documents: list[SourceDocument] | None = None,
        *,
        settings: dict[str, Any] | None = None,
        config: llm.LlmConfig | None = None,
        **options: Any,
    ) -> Extraction:
        """``schema``: a whole one, or only the fields of a group "g"."""
        settings = {"engine": "llm", **(settings or {})}
        engine = llm.engine_for(settings, config or self.config(), **options)
        with engine:
            try:
                return engine.extract(
                    documents or [source(INVOICE)], parse_schema(whole(schema)), Options(settings=settings)
                )
            finally:
                self.recording = engine.recording()


def whole(schema: dict[str, Any]) -> dict[str, Any]:
    return schema if "groups" in schema else {"groups": {"g": {"fields": schema}}}


def value_at(result: Extraction, *path: str | int) -> FieldValue:
    return next(v for v in result.values if v.path == path)


def page(*lines: str) -> SourceDocument:
    """A document of one page with these lines."""
    placed: list[Placed] = [(40, 40 + 14 * n, line) for n, line in enumerate(lines)]
    return source(placed)
