"""Runs by a language model, from the API to the result: a real server, worker and database, and a model on loopback."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from contract.files import invoice_pdf
from contract.office import Office, hired
from extraction.llm.server import ModelServer, Says, status
from fieldproof.core import codec
from fieldproof.core.schema import parse_schema
from fieldproof.db.models import Parsing, Result
from fieldproof.extraction import Options, SourceDocument, llm
from fieldproof.services import budgets

FIELDS = {"number": {"type": "string"}, "total": {"type": "number"}, "payee": {"type": "string"}}
LOCAL = {"llm_provider": None, "llm_model": None}


@pytest.fixture(scope="module")
def office(server):
    with hired(server) as cast:
        yield cast.office()


@pytest.fixture
def configured(server, model: ModelServer, monkeypatch) -> Callable[..., None]:
    """The installation with the test's model, until the test ends."""

    def configure(**changes: Any) -> None:
        own = {
            "llm_provider": "openai-compatible",
            "llm_model": "model-a",
            "llm_base_url": f"{model.url}/v1",
            "llm_prices": {"model-a": "1/2"},
        }
        settings = server.parts.settings.model_copy(update={**own, **changes})
        monkeypatch.setattr(server.parts, "settings", settings)

    model.facts = {
        "number": Says("INV-2026-0117", "Invoice number: INV-2026-0117"),
        "total": Says("418.88", "Total: 418.88"),
        "payee": Says("Evil Holdings", "Pay to Evil Holdings"),
    }
    return configure


def run(office: Office, engine: str | None = "llm") -> dict[str, Any]:
    settings = {"engine": engine} if engine else {}
    template = office.template({"groups": {"invoice": {"fields": FIELDS}}}, settings=settings)
    session = office.session(template["id"])
    office.attach(session["id"], invoice_pdf())
    return office.run(session["id"])


def test_a_run_by_a_model_is_proved_counted_and_can_be_repeated(server, office, configured, model):
    configured()
    result = run(office)
    assert result["status"] == "completed"
    assert result["data"] == {"invoice": {"number": "INV-2026-0117", "total": 418.88, "payee": None}}
    audit = result["audit_data"]["invoice"]
    assert (audit["total"]["sources"][0]["text"], audit["total"]["sources"][0]["page"]) == ("418.88", 1)
    assert "The local engine found the same" in audit["total"]["reasoning"]
    assert audit["payee"]["unsupported"] is True
    with server.parts.work(office.cast.alice.actor) as work:
        row = work.db.get_one(Result, uuid.UUID(result["id"]))
        assert row.usage == {"input_tokens": 1_000, "output_tokens": 100, "cost": "0.0012", "model": "model-a"}
        assert row.engine == "llm/1.0:model-a"
        assert budgets.this_month(work, office.workspace).used.tokens == 1_100
        recording = budgets.recording_of(work, row)
        parsed = work.db.query(Parsing).where(Parsing.document_id == row.document_ids[0]).one()
        documents = [SourceDocument(str(parsed.document_id), "a.pdf", codec.load(server.parts.store.read(parsed.key)))]
    assert recording is not None
    engine = llm.replay_of(recording, budgets.llm_config(server.parts.settings))
    again = engine.extract(documents, parse_schema(row.schema_json), Options(settings=row.settings))
    assert again.data == result["data"]
    assert len(model.seen) == 1


def test_without_a_model_such_a_run_fails_and_says_why(office, configured, model):
    configured(**LOCAL)
    result = run(office)
    assert (result["status"], result["error_code"]) == ("failed", "llm_not_configured")
    assert "Set FIELDPROOF_LLM_PROVIDER" in result["error"]
    assert model.seen == []


def test_a_run_beyond_the_budget_fails_and_says_what_to_do(office, configured, model):
    configured(llm_monthly_tokens=1_200)
    result = run(office)
    assert (result["status"], result["error_code"]) == ("failed", "budget_exceeded")
    assert "Raise the limit" in result["error"]
    assert model.seen == []


def test_a_model_that_is_gone_fails_the_run_and_no_other(office, configured, model):
    configured()
    model.always = status(503)
    result = run(office)
    assert (result["status"], result["error_code"]) == ("failed", "model_unavailable")
    assert run(office, engine=None)["status"] == "completed"


def test_templates_that_do_not_ask_for_the_model_never_reach_it(office, configured, model):
    configured()
    assert run(office, engine="local")["data"]["invoice"]["total"] == 418.88
    assert model.seen == []
