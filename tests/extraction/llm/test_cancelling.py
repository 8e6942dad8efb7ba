"""A run that is called off ends while the model still thinks."""

from __future__ import annotations

import threading
import time

import pytest

from extraction.llm.conftest import whole
from extraction.llm.server import drips, stalls, status
from extraction.paper import INVOICE, source
from fieldproof.core.errors import Cancelled
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import Options, llm

FIELDS = whole({"total": {"type": "number"}})


@pytest.mark.parametrize(
    "trouble", [stalls(60), drips(60), status(429, retry_after="20")], ids=["stall", "drip", "pause"]
)
def test_a_call_under_way_breaks_off(model, ask, trouble):
    model.plan = [trouble]
    config = ask.config(timeout_s=50.0)
    caught: list[BaseException] = []
    with llm.engine_for({"engine": "llm"}, config) as engine:

        def run() -> None:
            try:
                engine.extract([source(INVOICE)], parse_schema(FIELDS), Options())
            except Cancelled as error:
                caught.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        while not model.seen:
            time.sleep(0.01)
        engine.cancel()
        thread.join(15)  # far below what the server, the time limit and the pause would take
        assert not thread.is_alive()
    assert len(caught) == 1
    assert len(model.seen) == 1
