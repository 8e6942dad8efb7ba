"""The three protocols that models are spoken to in. Pure: from a question to a request, from an answer to a reply."""

from __future__ import annotations

from typing import Any, Protocol

import orjson

from fieldproof.extraction.llm.config import Constraint, LlmConfig, Provider
from fieldproof.extraction.llm.messages import Ask, Reply

Request = tuple[str, dict[str, str], dict[str, Any]]  # path, headers, body


class Dialect(Protocol):
    def request(self, config: LlmConfig, model: str, ask: Ask) -> Request: ...

    def reply(self, envelope: Any) -> Reply:
        """Raises KeyError, IndexError, TypeError, ValueError where the envelope is none."""
        ...


def dialect_of(provider: Provider) -> Dialect:
    match provider:
        case Provider.ANTHROPIC:
            return AnthropicMessages()
        case Provider.GEMINI:
            return GeminiGenerate()
        case _:
            return OpenAiChat()


class OpenAiChat:
    """POST /chat/completions: OpenAI, Ollama, vLLM, llama.cpp, LM Studio, and many gateways."""

    def request(self, config: LlmConfig, model: str, ask: Ask) -> Request:
        body: dict[str, Any] = {
            "model": model,
            "messages": [
                {"role": "system", "content": _system(config, ask)},
                {"role": "user", "content": ask.user},
            ],
        }
        # OpenAI's newer models refuse max_tokens; other servers know nothing else.
        limit = "max_completion_tokens" if config.provider is Provider.OPENAI else "max_tokens"
        body[limit] = config.max_output_tokens
        if config.temperature is not None:
            body["temperature"] = config.temperature
        if config.constraint is Constraint.SCHEMA:
            named = {"name": "answer", "strict": True, "schema": ask.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        elif config.constraint is Constraint.JSON:
            body["response_format"] = {"type": "json_object"}
        headers = {"authorization": f"Bearer {config.api_key}"} if config.api_key else {}
        return "/chat/completions", headers, body

    def reply(self, envelope: Any) -> Reply:
        choice = envelope["choices"][0]
        message = choice["message"]
        usage = envelope.get("usage") or {}
        is_filtered = choice.get("finish_reason") == "content_filter"
        return _reply(
            _joined(message.get("content")),
            usage.get("prompt_tokens"),
            usage.get("completion_tokens"),
            is_cut=choice.get("finish_reason") == "length",
            refusal=message.get("refusal") or ("filtered by the provider" if is_filtered else None),
        )


class AnthropicMessages:
    """POST /v1/messages."""

    def request(self, config: LlmConfig, model: str, ask: Ask) -> Request:
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": config.max_output_tokens,
            "system": _system(config, ask),
            "messages": [{"role": "user", "content": ask.user}],
        }
        if config.temperature is not None:
            body["temperature"] = config.temperature
        if config.constraint is Constraint.SCHEMA:
            body["output_config"] = {"format": {"type": "json_schema", "schema": ask.schema}}
        headers = {"anthropic-version": "2023-06-01"}
        if config.api_key:
            headers["x-api-key"] = config.api_key
        return "/v1/messages", headers, body

    def reply(self, envelope: Any) -> Reply:
        texts = [part["text"] for part in envelope["content"] if part.get("type") == "text"]
        usage = envelope.get("usage") or {}
        cached = _count(usage.get("cache_read_input_tokens")) + _count(usage.get("cache_creation_input_tokens"))
        return _reply(
            "".join(texts),
            _count(usage.get("input_tokens")) + cached,
            usage.get("output_tokens"),
            is_cut=envelope.get("stop_reason") == "max_tokens",
            refusal="the model declined" if envelope.get("stop_reason") == "refusal" else None,
        )


class GeminiGenerate:
    """POST /v1beta/models/<model>:generateContent."""

    def request(self, config: LlmConfig, model: str, ask: Ask) -> Request:
        generation: dict[str, Any] = {"maxOutputTokens": config.max_output_tokens}
        if config.temperature is not None:
            generation["temperature"] = config.temperature
        if config.constraint is not Constraint.PROMPT:
            generation["responseMimeType"] = "application/json"
        if config.constraint is Constraint.SCHEMA:
            generation["responseJsonSchema"] = ask.schema
        body = {
            "systemInstruction": {"parts": [{"text": _system(config, ask)}]},
            "contents": [{"role": "user", "parts": [{"text": ask.user}]}],
            "generationConfig": generation,
        }
        headers = {"x-goog-api-key": config.api_key} if config.api_key else {}
        return f"/v1beta/models/{model}:generateContent", headers, body

    def reply(self, envelope: Any) -> Reply:
        usage = envelope.get("usageMetadata") or {}
        thoughts = _count(usage.get("thoughtsTokenCount"))
        counts = (usage.get("promptTokenCount"), _count(usage.get("candidatesTokenCount")) + thoughts)
        if not envelope.get("candidates"):
            reason = (envelope["promptFeedback"]).get("blockReason", "no reason given")
            return _reply(None, *counts, refusal=f"blocked by the provider: {reason}")
        candidate = envelope["candidates"][0]
        ending = candidate.get("finishReason")
        parts = (candidate.get("content") or {}).get("parts") or []
        text = "".join(part["text"] for part in parts if "text" in part and not part.get("thought"))
        is_plain = ending in (None, "STOP", "MAX_TOKENS")
        return _reply(text, *counts, is_cut=ending == "MAX_TOKENS", refusal=None if is_plain else f"stopped: {ending}")


def _system(config: LlmConfig, ask: Ask) -> str:
    """Where the provider does not impose the schema, the prompt has to state it."""
    if config.constraint is Constraint.SCHEMA:
        return ask.system
    return f"{ask.system}\n\nAnswer with one JSON object of this JSON Schema and nothing else:\n{orjson.dumps(ask.schema).decode()}"


def _joined(content: Any) -> Any:
    """Some servers give the text in parts, with the model's thoughts among them."""
    if not isinstance(content, list):
        return content
    return "".join(part["text"] for part in content if part.get("type") == "text")


def _reply(text: Any, input_tokens: Any, output_tokens: Any, *, is_cut: bool = False, refusal: Any = None) -> Reply:
    if text is not None and not isinstance(text, str):
        raise TypeError("text expected")
    said = str(refusal)[:200] if refusal else None
    return Reply(text or "", _count(input_tokens), _count(output_tokens), is_cut, said)


def _count(value: Any) -> int:
    """A number of tokens; servers leave them out, or send null."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**40 else 0
