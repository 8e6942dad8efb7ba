"""The published contract as a judge: every answer the suites see passes through ``Contract.check``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

RAYDOCS = Path(__file__).with_name("raydocs-openapi.yaml")
DOCSENSE = Path(__file__).with_name("docsense-openapi.yaml")

# Every endpoint page documents validation (422) and malformed requests (400); 413 and 415 are what
# HTTP itself says about a body that is too large or of another type. All carry the error shape.
GENERAL_REFUSALS = {400: "Error", 413: "Error", 415: "Error", 422: "ValidationError"}


class ContractBroken(AssertionError):
    """An answer that the contract does not allow."""


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    abilities: tuple[str, ...]
    statuses: tuple[int, ...]
    parameters: tuple[str, ...]
    has_body: bool
    alias_of: str | None
    is_optional: bool

    @property
    def success(self) -> tuple[int, ...]:
        return tuple(s for s in self.statuses if s < 300)

    def url(self, **path: Any) -> str:
        return re.sub(r"\{(\w+)\}", lambda m: _segment(str(path[m[1]])), self.path)


@dataclass
class Contract:
    """One OpenAPI document, its operations, and the check of an answer against it."""

    document: dict[str, Any]
    operations: dict[str, Operation] = field(init=False)

    def __post_init__(self) -> None:
        self.operations = {o.id: o for o in _operations(self.document)}
        self._registry: Registry[Any] = Registry().with_resource(
            "urn:contract", Resource(contents=self.document, specification=DRAFT202012)
        )
        self._validators: dict[str, Draft202012Validator] = {}

    @property
    def required(self) -> dict[str, Operation]:
        """The operations that must be served: the core and the second spellings."""
        return {name: o for name, o in self.operations.items() if not o.is_optional}

    def check(self, method: str, path_template: str, response: httpx.Response) -> None:
        """Raises: ContractBroken, when the status is not documented or the body breaks its schema."""
        where = f"{method.upper()} {path_template} -> {response.status_code}"
        answer, pointer = self._documented(method, path_template, response.status_code, where)
        content = answer.get("content")
        if content is None:
            if response.content:
                raise ContractBroken(f"{where}: the body must be empty, it is {response.content[:200]!r}")
            return
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if kind not in content:
            raise ContractBroken(f"{where}: content type {kind!r}, documented are {sorted(content)}")
        if kind == "application/json":
            self._check_schema(f"{pointer}/content/application~1json/schema", strict_json(response.content), where)

    def check_component(self, name: str, value: Any) -> None:
        """Raises: ContractBroken, when a value is not what ``components.schemas.<name>`` describes."""
        self._check_schema(f"#/components/schemas/{name}", value, name)

    def _documented(self, method: str, path: str, status: int, where: str) -> tuple[dict[str, Any], str]:
        operation = self.document["paths"][path][method.lower()]
        pointer = f"#/paths/{_escaped(path)}/{method.lower()}/responses/{status}"
        answer = operation["responses"].get(str(status))
        if answer is None and status in GENERAL_REFUSALS:
            schema = GENERAL_REFUSALS[status]
            name = {"Error": "NotFound", "ValidationError": "Unprocessable"}[schema]
            return self.document["components"]["responses"][name], f"#/components/responses/{name}"
        if answer is None:
            raise ContractBroken(f"{where}: not documented, only {sorted(operation['responses'])} are")
        if "$ref" in answer:
            pointer = answer["$ref"]
            answer = self.document["components"]["responses"][pointer.rpartition("/")[2]]
        return answer, pointer

    def _check_schema(self, pointer: str, value: Any, where: str) -> None:
        validator = self._validators.get(pointer)
        if validator is None:
            validator = Draft202012Validator(
                {"$ref": f"urn:contract{pointer}"}, registry=self._registry, format_checker=FORMATS
            )
            self._validators[pointer] = validator
        problems = [f"{e.json_path}: {e.message[:300]}" for e in validator.iter_errors(value)]
        if problems:
            raise ContractBroken(f"{where}: " + "; ".join(problems[:5]))


@cache
def raydocs() -> Contract:
    return Contract(yaml.safe_load(RAYDOCS.read_text("utf-8")))


def strict_json(content: bytes) -> Any:
    """The JSON value of a body; NaN and Infinity are not JSON."""

    def refuse(token: str) -> Any:
        raise ContractBroken(f"{token} is not JSON")

    try:
        return json.loads(content.decode("utf-8"), parse_constant=refuse)
    except ValueError as error:
        raise ContractBroken(f"not JSON: {error}: {content[:200]!r}") from error


@dataclass
class Api:
    """A caller with one token. Every answer is checked against the contract and noted in ``seen``."""

    http: httpx.Client
    token: str | None
    contract: Contract = field(default_factory=raydocs)
    seen: set[tuple[str, int]] = field(default_factory=set)

    def call(
        self,
        operation_id: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        params: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **path: Any,
    ) -> httpx.Response:
        operation = self.contract.operations[operation_id]
        sent = dict(headers or {})
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        response = self.http.request(
            operation.method, operation.url(**path), json=json, content=content, params=params, headers=sent
        )
        self.contract.check(operation.method, operation.path, response)
        self.seen.add((operation_id, response.status_code))
        return response

    def ok(self, operation_id: str, status: int | None = None, **call: Any) -> Any:
        """The body of a call that must succeed (None for 204)."""
        response = self.call(operation_id, **call)
        allowed = (status,) if status else self.contract.operations[operation_id].success
        if response.status_code not in allowed:
            raise ContractBroken(f"{operation_id} answered {response.status_code} {response.text[:500]}, not {allowed}")
        if response.headers.get("content-type", "").startswith("application/json"):
            return response.json()
        return response.content or None

    def refused(self, status: int, operation_id: str, **call: Any) -> dict[str, Any]:
        """The error body of a call that must be refused with this status."""
        response = self.call(operation_id, **call)
        if response.status_code != status:
            raise ContractBroken(f"{operation_id} answered {response.status_code} {response.text[:500]}, not {status}")
        body = response.json()
        if status == 422 and not body.get("errors"):
            raise ContractBroken(f"{operation_id}: 422 without errors: {body}")
        return body


FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_utc_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    datetime.fromisoformat(value)
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value) is not None


@FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value


@FORMATS.checks("email")
def _is_email(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"[^@\s]+@[^@\s]+", value) is not None


@FORMATS.checks("uri", raises=ValueError)
def _is_absolute_url(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return bool(parts.scheme and parts.netloc)


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method, operation in item.items():
            if method == "parameters":
                continue
            parameters = [*shared, *operation.get("parameters", [])]
            yield Operation(
                id=operation["operationId"],
                method=method.upper(),
                path=path,
                abilities=tuple(operation.get("x-ability") or ()),
                statuses=tuple(int(s) for s in operation["responses"]),
                parameters=tuple(_name(p) for p in parameters),
                has_body="requestBody" in operation,
                alias_of=operation.get("x-alias-of"),
                is_optional=bool(operation.get("x-optional")),
            )


def _segment(value: str) -> str:
    """Dots are escaped too: clients resolve ``..`` before they send it."""
    return value.replace(".", "%2E") if value.strip(".") == "" else quote(value, safe="")


def _name(parameter: dict[str, Any]) -> str:
    return parameter.get("name") or parameter["$ref"].rpartition("/")[2]


def _escaped(path: str) -> str:
    return quote(path.replace("~", "~0").replace("/", "~1"), safe="~")
