"""One engine, three protocols: what providers see, and what comes of their answers."""

from __future__ import annotations

from decimal import Decimal

import jsonschema
import pytest

from extraction.llm.conftest import value_at
from extraction.llm.server import KEY, Says
from fieldproof.extraction import llm

FIELDS = {
    "invoice_number": {"type": "string", "description": "The number of the invoice"},
    "total": {"type": "number"},
    "kind": {"type": "string", "enum": ["invoice", "credit note"]},
}
FACTS = {
    "invoice_number": Says("NW-2024-0815", "Invoice number: NW-2024-0815"),
    "total": Says("199.20", "Total 199.20"),
    "kind": Says("invoice", "INVOICE"),
}


@pytest.mark.parametrize("provider", ["openai", "anthropic", "gemini", "ollama", "vllm", "openai-compatible"])
def test_every_provider_gives_the_same_values(model, ask, provider):
    model.facts = FACTS
    result = ask(FIELDS, config=ask.config(provider))
    assert result.data == {"g": {"invoice_number": "NW-2024-0815", "total": 199.2, "kind": "invoice"}}
    assert value_at(result, "g", "total").citations[0].text == "199.20"
    assert (result.usage.input_tokens, result.usage.output_tokens) == (1_000, 100)
    assert result.engine == "llm/1.0:model-a"


@pytest.mark.parametrize(
    ("provider", "header", "value"),
    [
        ("openai", "authorization", f"Bearer {KEY}"),
        ("anthropic", "x-api-key", KEY),
        ("gemini", "x-goog-api-key", KEY),
    ],
)
def test_the_key_goes_where_the_provider_looks_for_it(model, ask, provider, header, value):
    model.facts = FACTS
    ask(FIELDS, config=ask.config(provider))
    assert model.seen[0].headers[header] == value
    assert KEY not in model.seen[0].path


def test_the_form_is_a_schema_that_strict_providers_take(model, ask):
    model.facts = FACTS
    ask({**FIELDS, "lines": {"type": "array", "items": {"type": "object", "properties": FIELDS}}})
    for seen in model.seen:
        jsonschema.Draft202012Validator.check_schema(seen.schema)
        assert _problems(seen.schema) == []


def test_servers_without_json_schema_get_it_in_words(model, ask):
    answer = '{"total_1": {"quote": "Total 199.20", "passage": 1, "value": "199.20"}}'
    model.plan = [lambda handler, seen: handler.say(seen, f"Here you are:\n```json\n{answer}\n```")]
    result = ask({"total": {"type": "number"}}, config=ask.config(constraint=llm.Constraint.PROMPT))
    assert result.data["g"]["total"] == 199.2
    assert "response_format" not in model.seen[0].body
    assert '"total_1"' in model.seen[0].system


def test_an_answer_in_parts_is_put_together(model, ask):
    answer = '{"total_1": {"quote": "Total 199.20", "passage": 1, "value": "199.20"}}'
    parts = [
        {"type": "thinking", "thinking": "{}"},
        {"type": "text", "text": answer[:20]},
        {"type": "text", "text": answer[20:]},
    ]
    model.plan = [lambda handler, seen: handler.say(seen, parts)]
    assert ask({"total": {"type": "number"}}).data["g"]["total"] == 199.2


def test_tokens_cost_what_the_price_list_says(model, ask):
    model.facts = FACTS
    prices = {"model-a": llm.Price(Decimal("2.50"), Decimal(10))}
    assert ask(FIELDS, config=ask.config(prices=prices)).usage.cost == "0.0035"
    assert ask(FIELDS).usage.cost is None


def test_a_template_can_name_another_model_that_is_offered(model, ask):
    model.facts = FACTS
    config = ask.config(models=("model-b",))
    assert ask(FIELDS, settings={"engine": "llm:model-b"}, config=config).engine == "llm/1.0:model-b"
    assert model.seen[0].body["model"] == "model-b"
    with pytest.raises(llm.UnknownEngine, match="does not offer"):
        ask(FIELDS, settings={"engine": "llm:model-c"}, config=config)


@pytest.mark.parametrize("engine", ["gpt", "llm:", 7, ["llm"]])
def test_an_unknown_engine_is_named(engine):
    with pytest.raises(llm.UnknownEngine, match='must be "local", "llm" or "llm:<model>"'):
        llm.engine_for({"engine": engine}, None)


def test_without_a_model_the_run_fails_and_says_what_to_do():
    with pytest.raises(llm.NotConfigured, match="Set FIELDPROOF_LLM_PROVIDER"):
        llm.engine_for({"engine": "llm"}, None)


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [({}, False), ({"engine": "local"}, False), ({"engine": "llm"}, True), ({"engine": "x"}, True)],
)
def test_the_local_engine_is_the_default(settings, wanted):
    assert llm.is_asked_for(settings) is wanted


def _problems(schema: dict) -> list[str]:
    """What OpenAI's strict mode and its like refuse: optional keys, open objects, unions."""
    found = []
    if schema["type"] == "object":
        if schema["required"] != list(schema["properties"]) or schema["additionalProperties"] is not False:
            found.append("an open or optional key")
        for inner in schema["properties"].values():
            found += _problems(inner)
    elif schema["type"] == "array":
        found += _problems(schema["items"])
    elif not isinstance(schema["type"], str):
        found.append("a union")
    return found
