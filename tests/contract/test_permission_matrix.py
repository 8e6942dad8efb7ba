"""Every route, with and without its ability, for every role, for a member and for an outsider."""

from __future__ import annotations

import re

import httpx
import pytest

from contract.matrix import ABILITIES, ROWS, Role, Row, Stage, Tenant
from contract.office import Cast, Person
from contract.openapi import Contract

PEOPLE = {Role.READ: "bob", Role.USER: "ursula", Role.ADMIN: "alice"}
OTHER_SURFACES = re.compile(r"^/(v1|api/v1)/|^/(healthz|readyz|metrics|openapi\.json)$")

rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.operation)
roles = pytest.mark.parametrize("role", Role, ids=lambda role: PEOPLE[role])
missing_abilities = pytest.mark.parametrize(
    ("row", "ability"),
    [pytest.param(row, ability, id=f"{row.operation}-{ability}") for row in ROWS for ability in row.abilities],
)


@rows
@roles
def test_role(row: Row, role: Role, cast: Cast, stage: Stage) -> None:
    member = cast.api(person_of(cast, role))
    if role < row.role:
        refused(stage.send(member, row), 403)
    elif row.consumes:
        # A workspace of its own, since some of these calls end it or a membership.
        succeeded(Stage(cast.office()).send(member, row), row)
    else:
        succeeded(stage.send(member, row), row)


@missing_abilities
@roles
def test_without_the_ability(row: Row, ability: str, role: Role, cast: Cast, stage: Stage) -> None:
    member = cast.api(person_of(cast, role), all_but(ability))
    assert refused(stage.send(member, row), 403) == "Invalid ability provided."


@missing_abilities
def test_outsider_without_the_ability(row: Row, ability: str, cast: Cast, stage: Stage) -> None:
    assert refused(stage.send(cast.api(cast.charlie, all_but(ability)), row), 403) == "Invalid ability provided."


@rows
def test_exactly_its_abilities_suffice(row: Row, cast: Cast) -> None:
    succeeded(Stage(cast.office()).send(cast.api(cast.alice, row.abilities), row), row)


@rows
def test_outsider(row: Row, cast: Cast, stage: Stage) -> None:
    answer = stage.send(cast.api(cast.charlie), row)
    if row.tenant is Tenant.NONE:
        succeeded(answer, row)
    elif row.tenant is Tenant.PATH:
        refused(answer, 404)
    else:
        assert answer.status_code in (404, 422), answer.text


@rows
def test_without_a_token(row: Row, cast: Cast, stage: Stage) -> None:
    assert refused(stage.send(cast.stranger, row), 401) == "Unauthenticated."


def test_the_table_needs_the_abilities_that_the_contract_names(contract: Contract) -> None:
    table = {row.operation: row.abilities for row in ROWS}
    assert table == {name: operation.abilities for name, operation in contract.required.items()}


def test_every_route_of_the_surface_has_a_row(cast: Cast, contract: Contract) -> None:
    paths = cast.http.get("/openapi.json").raise_for_status().json()["paths"]
    served = {
        (method.upper(), anonymous(path))
        for path, item in paths.items()
        if not OTHER_SURFACES.search(path)
        for method in item
        if method in ("get", "put", "post", "delete", "patch", "head", "options")
    }
    listed = {(o.method, anonymous(o.path)) for o in (contract.operations[row.operation] for row in ROWS)}
    optional = {(o.method, anonymous(o.path)) for o in contract.operations.values() if o.is_optional}
    assert served - optional == listed


def person_of(cast: Cast, role: Role) -> Person:
    return getattr(cast, PEOPLE[role])


def all_but(ability: str) -> tuple[str, ...]:
    return tuple(a for a in ABILITIES if a != ability)


def anonymous(path: str) -> str:
    """The path without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def refused(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    return answer.json()["message"]


def succeeded(answer: httpx.Response, row: Row) -> None:
    assert answer.is_success, f"{row.operation} {answer.status_code}: {answer.text}"
