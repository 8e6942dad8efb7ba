"""Which model, where, and within what limits: given by the caller, never read from the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

MILLION = Decimal(1_000_000)


class Provider(StrEnum):
    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GEMINI = "gemini"
    OLLAMA = "ollama"
    VLLM = "vllm"
    COMPATIBLE = "openai-compatible"


class Constraint(StrEnum):
    """How the answer's form is imposed: by the provider, as any JSON, or by the prompt alone."""

    SCHEMA = "schema"
    JSON = "json"
    PROMPT = "prompt"


BASE_URLS = {
    Provider.OPENAI: "https://api.openai.com/v1",
    Provider.ANTHROPIC: "https://api.anthropic.com",
    Provider.GEMINI: "https://generativelanguage.googleapis.com",
    Provider.OLLAMA: "http://127.0.0.1:11434/v1",
    Provider.VLLM: "http://127.0.0.1:8000/v1",
}
NEEDS_KEY = (Provider.OPENAI, Provider.ANTHROPIC, Provider.GEMINI)


@dataclass(frozen=True, slots=True)
class Price:
    """Money for a million tokens, in the operator's currency."""

    input: Decimal
    output: Decimal

    def of(self, input_tokens: int, output_tokens: int) -> Decimal:
        return (self.input * input_tokens + self.output * output_tokens) / MILLION


@dataclass(frozen=True, slots=True)
class LlmConfig:
    provider: Provider
    model: str
    base_url: str
    api_key: str | None = field(default=None, repr=False)
    models: tuple[str, ...] = ()  # others that a template may name; "*" for any
    prices: dict[str, Price] = field(default_factory=dict)
    constraint: Constraint = Constraint.SCHEMA
    temperature: float | None = None  # None: not sent, the model's own
    timeout_s: float = 60.0  # one call, from the first byte sent to the last received
    run_timeout_s: float = 900.0  # all calls of one run
    tries: int = 3
    retry_after_cap_s: float = 30.0  # a server that wants more patience than this is unavailable
    concurrency: int = 4
    max_output_tokens: int = 8_192
    max_reply_bytes: int = 4_000_000
    max_document_tokens: int = 24_000  # of document text in one call
    max_fields_per_call: int = 25
    max_calls_per_run: int = 400

    def may_use(self, model: str) -> bool:
        return model == self.model or model in self.models or "*" in self.models

    def price_of(self, model: str) -> Price | None:
        return self.prices.get(model)
