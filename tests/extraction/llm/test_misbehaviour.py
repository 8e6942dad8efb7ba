"""Whatever the model's server does, a run ends: with values of the schema, or with a code and a sentence."""

from __future__ import annotations

import json
import time

import pytest

from extraction.llm.conftest import page, value_at
from extraction.llm.server import KEY, Says, cuts, drips, html, resets, says, stalls, status
from fieldproof.extraction import llm

FIELDS = {"invoice_number": {"type": "string"}, "total": {"type": "number"}}
GOOD = {"g": {"invoice_number": "NW-2024-0815", "total": 199.2}}
FACTS = {
    "invoice_number": Says("NW-2024-0815", "Invoice number: NW-2024-0815"),
    "total": Says("199.20", "Total 199.20"),
}
LINE = {"type": "array", "items": {"type": "object", "properties": {"amount": {"type": "number"}}}}


@pytest.fixture(autouse=True)
def facts(model):
    model.facts = FACTS


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """What the client would have slept."""
    slept: list[float] = []
    monkeypatch.setattr("fieldproof.extraction.llm.ModelClient.__init__", _with_sleep(slept.append))
    return slept


def _with_sleep(sleep):
    original = llm.ModelClient.__init__
    return lambda self, config, model: original(self, config, model, sleep=sleep)


# Passing trouble


@pytest.mark.parametrize(
    "trouble", [status(429), status(500), status(503, b"<html>"), status(529), resets, stalls(60)],
    ids=["429", "500", "503 html", "529", "reset", "stall"],
)  # fmt: skip
def test_passing_trouble_is_sat_out(model, ask, trouble):
    model.plan = [trouble, trouble]
    assert ask(FIELDS, config=ask.config(timeout_s=1.0)).data == GOOD
    assert len(model.seen) == 3


def test_retry_after_is_respected(model, ask, pauses):
    model.plan = [status(429, retry_after="7")]
    assert ask(FIELDS).data == GOOD
    assert 7 <= pauses[0] < 9


def test_a_server_that_wants_too_much_patience_is_unavailable(model, ask, pauses):
    model.always = status(429, retry_after="3600")
    with pytest.raises(llm.ModelUnavailable, match="answered 429"):
        ask(FIELDS)
    assert (len(model.seen), pauses) == (1, [])


def test_trouble_that_stays_ends_the_run(model, ask):
    model.always = status(500)
    with pytest.raises(llm.ModelUnavailable) as error:
        ask(FIELDS)
    assert error.value.code == "model_unavailable"
    assert len(model.seen) == 3


@pytest.mark.parametrize("silence", [stalls(60), drips(60)], ids=["silent", "dripping"])
def test_a_model_that_does_not_answer_in_time_ends_the_run(model, ask, silence):
    model.always = silence
    started = time.monotonic()
    with pytest.raises(llm.ModelTimeout) as error:
        ask(FIELDS, config=ask.config(timeout_s=0.3, tries=2))
    assert error.value.code == "model_timeout"
    assert time.monotonic() - started < 30


def test_a_run_has_a_time_of_its_own(model, ask):
    model.always = stalls(60)
    started = time.monotonic()
    with pytest.raises(llm.ModelTimeout):
        ask(FIELDS, config=ask.config(timeout_s=50.0, run_timeout_s=0.4, tries=100))
    assert time.monotonic() - started < 30


def test_nobody_listens(ask):
    with pytest.raises(llm.ModelUnavailable, match="broke off"):
        ask(FIELDS, config=ask.config(base_url="http://127.0.0.1:9/v1"))


# Refusals


@pytest.mark.parametrize("code", [400, 401, 403, 404, 302])
def test_a_refusal_is_final_and_never_repeats_the_key(model, ask, code):
    complaint = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}).encode()
    model.always = status(code, complaint, location="http://127.0.0.1:9/")
    with pytest.raises(llm.ModelRefused) as error:
        ask(FIELDS)
    assert len(model.seen) == 1
    assert str(code) in error.value.message
    assert KEY not in error.value.message


def test_what_speaks_no_protocol_is_said_to(model, ask):
    model.always = html
    with pytest.raises(llm.ModelRefused, match="does not speak the configured protocol"):
        ask(FIELDS)


# Answers that are none


GARBAGE = {
    "empty": "",
    "prose": "The invoice number is NW-2024-0815.",
    "cut JSON": '{"invoice_number_1": {"value": "NW',
    "list": "[]",
    "no keys": "{}",
    "not a number": '{"total_2": NaN}',
    "nested": '{"total_2":' * 50_000,
    "wrong types": json.dumps({k: {"value": [1], "quote": 3, "passage": "x"} for k in ("invoice_number_1", "total_2")}),
    "number of none": json.dumps({"total_2": {"value": "a lot", "quote": "", "passage": 0}}),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_an_unusable_answer_is_asked_for_once_more(model, ask, garbage):
    model.plan = [says(garbage)]
    assert ask(FIELDS).data == GOOD
    assert len(model.seen) == 2
    assert "could not be used" in model.seen[1].user


@pytest.mark.parametrize("garbage", [*GARBAGE.values(), None], ids=[*GARBAGE, "null"])
def test_a_second_unusable_answer_ends_the_run(model, ask, garbage):
    model.always = says(garbage)
    with pytest.raises(llm.InvalidOutput) as error:
        ask(FIELDS)
    assert error.value.code == "model_invalid_output"
    assert len(model.seen) == 2


def test_bad_utf8_is_no_answer(model, ask):
    model.always = status(200, b'{"choices":[{"message":{"content":"\xff\xfe"}}]}')
    with pytest.raises(llm.ModelRefused):
        ask(FIELDS)


@pytest.mark.parametrize("provider", ["openai-compatible", "anthropic", "gemini"])
def test_a_model_that_declines_is_named(model, ask, provider):
    ending = {"anthropic": "refusal", "gemini": "SAFETY"}.get(provider, "content_filter")
    model.always = says("", ending=ending)
    with pytest.raises(llm.InvalidOutput, match="refused"):
        ask(FIELDS, config=ask.config(provider))


def test_an_endless_answer_is_not_read_to_its_end(model, ask):
    model.always = says("x" * 3_000_000)
    with pytest.raises(llm.InvalidOutput, match="longer than"):
        ask(FIELDS, config=ask.config(max_reply_bytes=1_000_000))


def test_one_unreadable_field_does_not_cost_the_others(model, ask):
    model.facts = {**FACTS, "total": Says("a lot", "Total 199.20")}
    result = ask(FIELDS)
    assert result.data["g"] == {"invoice_number": "NW-2024-0815", "total": None}
    assert result.warnings == ("g.total: the model's answer could not be read as a number.",)
    assert not value_at(result, "g", "total").is_supported


def test_nothing_that_a_database_refuses_gets_through(model, ask):
    said = {"value": "NW-2024-\x000815", "quote": "Invoice number: NW-2024-0815\x00", "passage": 1}
    model.always = says(json.dumps({"invoice_number_1": said}))
    result = ask({"invoice_number": {"type": "string"}})
    text = json.dumps([result.data, [v.reasoning for v in result.values]])
    assert "\\u0000" not in text
    assert result.data["g"]["invoice_number"] == "NW-2024-0815"


# Answers that were cut off


def test_a_form_that_is_too_long_is_asked_in_halves(model, ask):
    model.always = cuts(lambda seen: len(seen.keys) > 1)
    assert ask(FIELDS).data == GOOD
    assert [len(s.keys) for s in model.seen] == [2, 1, 1]


def test_a_list_that_is_too_long_is_asked_in_pieces(model, ask):
    lines = [f"Item {n:03} of the long list with a long description 7{n:03}.50" for n in range(120)]
    model.rows = lambda seen: [
        Says({"amount": line.split()[-1]}, line) for line in seen.documents.splitlines() if line.startswith("Item")
    ]
    model.always = cuts(lambda seen: seen.documents.count("Item") > 50)
    result = ask({"lines": LINE}, [page(*lines)])
    assert [row["amount"] for row in result.data["g"]["lines"]] == [7000.5 + n for n in range(120)]


def test_an_answer_that_stays_cut_off_ends_the_run(model, ask):
    model.always = cuts(lambda seen: True)
    with pytest.raises(llm.InvalidOutput):
        ask({"total": {"type": "number"}})
