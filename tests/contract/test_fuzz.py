"""Schemathesis on our own OpenAPI document: no server error, and every answer as documented.

``FIELDPROOF_FUZZ_EXAMPLES`` sets the examples for each operation; the runs are deterministic.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contract.matrix import ROWS, Row, Stage
from contract.office import Cast
from contract.openapi import Operation, raydocs
from contract.test_v1_matrix import ROWS as OURS
from contract.test_v1_matrix import Row as OurRow

load_all_checks()
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = int(os.environ.get("FIELDPROOF_FUZZ_EXAMPLES", "4"))
ENDS_ITS_TARGET = [row for row in ROWS if raydocs().operations[row.operation].method == "DELETE"]

fuzzing = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
modes = pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])


@pytest.fixture(scope="module")
def fuzzed(cast: Cast) -> Stage:
    return Stage(cast.office())


@pytest.fixture(scope="module")
def served(cast: Cast) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{cast.server.url}/openapi.json")


@modes
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.operation)
def test_any_input_gets_a_documented_answer(
    row: Row, mode: GenerationMode, cast: Cast, served: schemathesis.BaseSchema
) -> None:
    # By somebody who owns nothing: random numbers must not remove what other tests stand on.
    fuzz(served_operation(served, row), mode, cast, {}, cast.server.user().token())


@modes
@pytest.mark.parametrize(
    "row",
    [r for r in ROWS if r not in ENDS_ITS_TARGET and r.operation != "leaveWorkspace"],
    ids=lambda row: row.operation,
)
def test_any_input_on_a_real_target_gets_a_documented_answer(
    row: Row, mode: GenerationMode, cast: Cast, fuzzed: Stage, served: schemathesis.BaseSchema
) -> None:
    operation = served_operation(served, row)
    token = cast.api(cast.alice).token
    assert token is not None
    fuzz(operation, mode, cast, under_served_names(operation, row, fuzzed), token)


def fuzz(
    operation: schemathesis.APIOperation, mode: GenerationMode, cast: Cast, path: dict[str, Any], token: str
) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    fixed = {"path_parameters": path} if path else {}

    @fuzzing
    @given(case=operation.as_strategy(generation_mode=mode, **fixed))
    def send(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=cast.server.url, headers=headers, checks=CHECKS)

    send()


def served_operation(served: schemathesis.BaseSchema, row: Row) -> schemathesis.APIOperation:
    """Our own description of the row's operation, whatever our path parameters are called."""
    wanted = raydocs().operations[row.operation]
    path = next(p for p in served if anonymous(p) == anonymous(wanted.path))
    return served[path][wanted.method]


def under_served_names(operation: schemathesis.APIOperation, row: Row, stage: Stage) -> dict[str, Any]:
    contract: Operation = raydocs().operations[row.operation]
    names = zip(re.findall(r"\{(\w+)\}", operation.path), re.findall(r"\{(\w+)\}", contract.path), strict=True)
    ids = stage.call(row).path
    return {ours: ids[theirs] for ours, theirs in names}


def anonymous(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


@modes
@pytest.mark.parametrize("row", [r for r in OURS if not r.path.endswith("z")], ids=lambda row: row.id)
def test_our_own_routes_answer_any_input_as_documented(
    row: OurRow, mode: GenerationMode, cast: Cast, served: schemathesis.BaseSchema
) -> None:
    fuzz(served[row.path][row.method], mode, cast, {}, cast.server.user().token())
