"""A run is kept, and can be repeated without the model."""

from __future__ import annotations

import pytest

from extraction.llm.server import Says, says
from extraction.paper import INVOICE, source
from fieldproof.core import codec
from fieldproof.core.errors import Malformed
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import Options, llm

SCHEMA = {
    "groups": {
        "g": {
            "fields": {
                "invoice_number": {"type": "string"}, "total": {"type": "number"}, "due": {"type": "date"},
                "streets": {"type": "array", "items": {"type": "string"}},
            }
        }
    }
}  # fmt: skip


@pytest.fixture(autouse=True)
def facts(model):
    model.facts = {
        "invoice_number": Says("NW-2024-0815", "Invoice number: NW-2024-0815"),
        "total": Says("199.20", "Total 199.20"),
    }
    model.rows = [Says("12 Harbour Street", "12 Harbour Street")]


def replayed(ask, recording, schema=SCHEMA, documents=None):
    engine = llm.replay_of(recording, ask.config(max_fields_per_call=2))
    return engine.extract(documents or [source(INVOICE)], parse_schema(schema), Options(settings={"engine": "llm"}))


def test_a_recorded_run_is_repeated_offline_byte_for_byte(model, ask):
    model.plan = [says("no JSON")]  # the repair is in the recording too
    live = ask(SCHEMA, config=ask.config(max_fields_per_call=2, concurrency=1))
    calls = len(model.seen)
    again = [replayed(ask, ask.recording) for _ in range(2)]
    assert [codec.extraction_to_json(e) for e in again] == [codec.extraction_to_json(live)] * 2
    assert len(model.seen) == calls == 4


def test_a_recording_answers_no_other_question(model, ask):
    ask(SCHEMA, config=ask.config(max_fields_per_call=2))
    other = [source([(40, 40, "Another document")])]
    with pytest.raises(llm.NotRecorded) as error:
        replayed(ask, ask.recording, documents=other)
    assert error.value.code == "not_recorded"


def test_a_recording_holds_no_key_and_no_document(model, ask):
    ask(SCHEMA)
    assert b"sk-test" not in ask.recording
    assert b"Lindenstr" not in ask.recording


@pytest.mark.parametrize(
    "junk", [b"", b"[]", b"{}", b'{"model": "a", "replies": {"k": [{"words": 1}]}}', b'{"model": "a", "replies": [1]}']
)
def test_what_is_no_recording_is_refused(ask, junk):
    with pytest.raises(Malformed):
        llm.replay_of(junk, ask.config())
