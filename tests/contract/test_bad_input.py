"""What is sent wrongly is refused politely: a documented 4xx in the surface's shape, never a 5xx, no internals."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from contract.matrix import ROWS, Row, Stage
from contract.office import Cast, Office
from contract.openapi import Api, Operation, raydocs, strict_json
from contract.schemas import NOTE

SHOWS_INTERNALS = re.compile(
    r'Traceback|File "|\.py\b|/site-packages|psycopg|sqlalchemy|pydantic|fastapi|starlette|obstore|procrastinate'
    r"|SELECT |INSERT |value_error|type_error|Error\b|Exception|\bNone\b|0x[0-9a-f]{6}|/home/|/root/|/tmp/",
    re.IGNORECASE,
)

DEPTH = 100_000
ROW = {row.operation: row for row in ROWS}
WITH_BODY = [row for row in ROWS if raydocs().operations[row.operation].has_body]
WITH_PATH = [row for row in ROWS if "{" in raydocs().operations[row.operation].path]

MALFORMED = {
    "open brace": b"{",
    "two values": b'{"name": "a"} {"name": "b"}',
    "trailing comma": b'{"name": "a",}',
    "single quotes": b"{'name': 'a'}",
    "form": b"name=a&icon=b",
    "NaN": b'{"name": NaN}',
    "Infinity": b'{"name": -Infinity}',
    "invalid UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "raw control character": b'{"name": "a\x00b"}',
    "bare word": b"undefined",
    "deep list": b"[" * DEPTH + b"]" * DEPTH,
    "deep object": b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
}

NOT_AN_OBJECT = {"list": b"[]", "text": b'"a"', "number": b"5", "true": b"true", "null": b"null"}

STRANGE_IDS = {
    "text": "abc",
    "zero": "0",
    "negative": "-1",
    "fraction": "1.5",
    "exponent": "1e3",
    "beyond 64 bits": "9" * 30,
    "beyond 32 bits": "4294967297",
    "very long": "7" * 5000,
    "arabic digits": "٣",
    "plus": "+1",
    "leading space": " 1",
    "null byte": "a\x00b",
    "dots": "..",
    "slash": "a/b",
    "quote": "' OR 1=1 --",
    "nil uuid": "00000000-0000-0000-0000-000000000000",
    "braced uuid": "{00000000-0000-4000-8000-000000000000}",
    "uuid without dashes": "00000000000040008000000000000000",
    "almost a uuid": "00000000-0000-4000-8000-00000000000g",
    "emoji": "🧾",
}

STRANGE_TEXTS = {
    "null character": "a\x00b",
    "lone surrogate": "a\ud800b",
    "reversed surrogates": "\udc00\ud800",
}

WRONG_TYPES: list[Any] = [True, 1.5, 10**30, [[]], {"a": 1}, [None]]


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("row", WITH_BODY, ids=lambda row: row.operation)
def test_malformed_json_is_400(row: Row, body: bytes, cast: Cast, stage: Stage) -> None:
    assert_refused(send(cast, stage, row, body), 400)


@pytest.mark.parametrize("body", NOT_AN_OBJECT.values(), ids=NOT_AN_OBJECT)
@pytest.mark.parametrize("row", WITH_BODY, ids=lambda row: row.operation)
def test_a_body_that_is_no_object_is_refused(row: Row, body: bytes, cast: Cast, stage: Stage) -> None:
    answer = send(cast, stage, row, body)
    if body == b"null" and is_body_optional(row):
        assert answer.is_success
    else:
        assert_refused(answer, 422)


@pytest.mark.parametrize("row", WITH_BODY, ids=lambda row: row.operation)
def test_wrong_types_are_422_and_named(row: Row, cast: Cast, stage: Stage) -> None:
    body = stage.call(row).json
    for name in body or {}:
        for wrong in wrong_for(body[name]):
            answer = send(cast, stage, row, json.dumps({**body, name: wrong}).encode())
            refusal = assert_refused(answer, 422)
            assert any(path.split(".")[0] == name for path in refusal["errors"]), (name, wrong, refusal)


@pytest.mark.parametrize("text", STRANGE_TEXTS.values(), ids=STRANGE_TEXTS)
@pytest.mark.parametrize("row", WITH_BODY, ids=lambda row: row.operation)
def test_text_that_no_database_can_hold_is_refused(row: Row, text: str, cast: Cast, stage: Stage) -> None:
    body = stage.call(row).json
    for name, value in (body or {}).items():
        strange = text if isinstance(value, str) else [text] if isinstance(value, list) else None
        if strange is not None:
            answer = send(cast, stage, row, json.dumps({**body, name: strange}).encode("ascii"))
            assert_refused(answer, 400, 422)


@pytest.mark.parametrize("text", STRANGE_TEXTS.values(), ids=STRANGE_TEXTS)
@pytest.mark.parametrize("place", ["key", "value", "field name"])
def test_a_schema_with_text_that_no_database_can_hold_is_refused(text: str, place: str, office: Office) -> None:
    schema: dict[str, Any] = {
        "key": {"groups": {"g": {"fields": {"f": {"type": "string", text: 1}}}}},
        "value": {"groups": {"g": {"fields": {"f": {"type": "string", "x-note": [{"deep": text}]}}}}},
        "field name": {"groups": {"g": {"fields": {text: {"type": "string"}}}}},
    }[place]
    body = {"name": "Strange", "workspace_id": office.workspace, "schema_json": schema}
    answer = office.api.call("createTemplate", content=json.dumps(body).encode("ascii"))
    assert_refused(answer, 400, 422)


@pytest.mark.parametrize("number", ["1" + "0" * 30, "-" + "9" * 400, "1e400", "-1e999", "1" + "0" * 5000])
def test_a_huge_number_in_a_schema_is_kept_or_refused(number: str, office: Office) -> None:
    body = json.dumps({"name": "Huge", "workspace_id": office.workspace, "schema_json": SCHEMA_WITH_HOLE})
    answer = office.api.call("createTemplate", content=body.replace('"HOLE"', number).encode())
    if answer.is_success:
        template = answer.json()["id"]
        office.api.ok("getTemplate", templateId=template)
    else:
        assert_refused(answer, 400, 422)


SCHEMA_WITH_HOLE = {"groups": {"g": {"fields": {"f": {"type": "number", "default": "HOLE"}}}}}


def test_a_schema_deeper_than_the_limit_is_refused(office: Office) -> None:
    field: dict[str, Any] = {"type": "string"}
    for _ in range(60):
        field = {"type": "object", "properties": {"f": field}}
    schema = {"groups": {"g": {"fields": {"f": field}}}}
    body = {"name": "Deep", "workspace_id": office.workspace, "schema_json": schema}
    office.api.refused(422, "createTemplate", json=body)


@pytest.mark.parametrize("strange", STRANGE_IDS.values(), ids=STRANGE_IDS)
@pytest.mark.parametrize("row", WITH_PATH, ids=lambda row: row.operation)
def test_a_strange_id_in_the_path_is_not_found(row: Row, strange: str, cast: Cast, stage: Stage) -> None:
    call = stage.call(row)
    for name in call.path:
        if name == "format":
            continue
        answer = bare_call(cast.api(cast.alice), row.operation, call.json, {**call.path, name: strange})
        # A dot segment or a slash makes another path, which may know other methods only.
        allowed = (404, 405) if strange in ("..", "a/b") else (404,)
        assert_refused(answer, *allowed)


@pytest.mark.parametrize("raw", ["%ff", "%00", "%c0%ae", "%25", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", ";x=1"])
@pytest.mark.parametrize("prefix", ["/workspaces/", "/extractions/templates/", "/extractions/results/"])
def test_strangely_encoded_paths_are_not_found(prefix: str, raw: str, cast: Cast) -> None:
    url = httpx.URL(cast.server.url).copy_with(raw_path=(prefix + raw).encode())
    answer = cast.http.get(url, headers=bearer(cast))
    assert_refused(answer, 404, 405)


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "1e3", "9" * 31, "\x00", "٣", "1 OR 1=1"])
@pytest.mark.parametrize("operation", ["listTemplates", "listSessionDocuments", "listWorkspaceDocuments"])
def test_a_page_is_a_positive_number(operation: str, page: str, cast: Cast, stage: Stage) -> None:
    call = stage.call(ROW[operation])
    answer = cast.api(cast.alice).call(operation, params={"page": page}, **call.path)
    assert_refused(answer, 422)


@pytest.mark.parametrize("page", [2, 10**6, 10**9])
@pytest.mark.parametrize("operation", ["listTemplates", "listSessionDocuments", "listWorkspaceDocuments"])
def test_a_page_beyond_the_last_is_empty(operation: str, page: int, cast: Cast) -> None:
    office = cast.office()
    path = {"sessionId": office.session()["id"]} if "Session" in operation else {"workspaceId": office.workspace}
    answer = office.api.call(operation, params={"page": page}, **path)
    if answer.is_success:
        assert answer.json()["data"] == []
    else:
        assert_refused(answer, 422)


@pytest.mark.parametrize("query", ["%ff", "%00", "%ed%a0%80", "a" * 60_000], ids=["latin", "null", "surrogate", "long"])
def test_a_strange_search_is_answered_or_refused(query: str, cast: Cast, stage: Stage) -> None:
    path = f"/workspaces/{stage.office.workspace}/documents?query={query}"
    url = httpx.URL(cast.server.url).copy_with(raw_path=path.encode())
    answer = cast.http.get(url, headers=bearer(cast))
    if not answer.is_success:
        assert_refused(answer, 400, 414, 422, 431)


@pytest.mark.parametrize("row", WITH_BODY, ids=lambda row: row.operation)
def test_an_oversized_body_is_refused(row: Row, cast: Cast, stage: Stage) -> None:
    padding = {**(stage.call(row).json or {}), "padding": "x" * (8 * 1024 * 1024)}
    assert_refused(send(cast, stage, row, json.dumps(padding).encode()), 413)


def test_an_oversized_upload_is_refused_and_leaves_nothing(office: Office) -> None:
    signed = office.api.ok("createSignedUploadUrl", json={})

    def endless() -> Any:
        piece = bytes(1024 * 1024)
        for _ in range(101):
            yield piece

    try:
        answer = httpx.put(signed["url"], content=endless(), timeout=120)
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        pass  # the server hung up on us, which is as good
    else:
        if signed["url"].startswith(office.cast.server.url):
            assert_refused(answer, 413)
        else:  # a bucket's own door
            assert answer.status_code in (403, 411, 413)
    body = {"key": signed["key"]}
    office.api.refused(422, "createWorkspaceDocument", json=body, workspaceId=office.workspace)


def test_a_very_long_name_is_refused(office: Office) -> None:
    refusal = office.api.refused(422, "createWorkspace", json={"name": "x" * 1_000_000})
    assert set(refusal["errors"]) == {"name"}
    assert len(json.dumps(refusal)) < 2_000


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/png"]
)
@pytest.mark.parametrize("row", WITH_BODY, ids=lambda row: row.operation)
def test_another_content_type_is_refused(row: Row, content_type: str, cast: Cast, stage: Stage) -> None:
    answer = send(cast, stage, row, b'{"name": "x"}', content_type)
    assert_refused(answer, 400, 415, 422)


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", sorted({o.path for o in raydocs().required.values()}))
def test_an_unknown_method_is_405(path: str, method: str, cast: Cast, contract_ids: dict[str, str]) -> None:
    url = re.sub(r"\{(\w+)\}", lambda m: contract_ids[m[1]], path)
    assert_refused(cast.http.request(method, url, headers=bearer(cast)), 405)


@pytest.mark.parametrize("path", sorted({o.path for o in raydocs().required.values()}))
def test_a_405_names_every_method_of_the_path(path: str, cast: Cast, contract_ids: dict[str, str]) -> None:
    url = re.sub(r"\{(\w+)\}", lambda m: contract_ids[m[1]], path)
    answer = cast.http.request("PATCH", url, headers=bearer(cast))
    known = {o.method.upper() for o in raydocs().required.values() if o.path == path}
    assert known <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize("path", ["/", "/workspace", "/extractions", "/extractions/unknown", "/vapor/x"])
def test_an_unknown_path_is_404(path: str, cast: Cast) -> None:
    answer = cast.http.get(path, headers={**bearer(cast), "Accept": "application/json"})
    if path == "/" and answer.status_code != 404:
        return  # the dashboard's front page may live here
    assert_refused(answer, 404)


@pytest.mark.parametrize(
    "value",
    [b"", b"Bearer", b"Bearer  x", b"Basic dXNlcjpwYXNz", b"Bearer \xff\xfe", b"Bearer a b", b"Token x",
     b"Bearer " + b"x" * 5000, b"Bearer fpt_" + b"0" * 46],
)  # fmt: skip
def test_a_strange_credential_is_401(value: bytes, cast: Cast) -> None:
    answer = cast.http.get("/workspaces", headers={b"Authorization": value})
    refusal = assert_refused(answer, 401)
    assert refusal == {"message": "Unauthenticated."}


def test_a_token_in_the_query_is_not_looked_at(cast: Cast) -> None:
    token = cast.alice.token()
    for name in ("token", "access_token", "api_token"):
        assert_refused(cast.http.get("/workspaces", params={name: token}), 401)


def test_unknown_keys_in_a_body_change_nothing(office: Office) -> None:
    body = {"name": "Mine", "id": 1, "settings": {"x": 1}, "workspace_id": 1, "created_at": "1970-01-01T00:00:00Z"}
    made = office.api.ok("createWorkspace", json=body)
    assert made["id"] != 1
    assert not made["created_at"].startswith("1970")


# How the calls are made and judged


@pytest.fixture(scope="module")
def contract_ids() -> dict[str, str]:
    missing = "00000000-0000-4000-8000-000000000000"
    ids = dict.fromkeys(("templateId", "sessionId", "documentId", "resultId"), missing)
    return ids | {"workspaceId": "1", "userId": "1", "inviteId": "1", "format": "json"}


def send(cast: Cast, stage: Stage, row: Row, body: bytes, content_type: str = "application/json") -> httpx.Response:
    operation = raydocs().operations[row.operation]
    return cast.http.request(
        operation.method,
        operation.url(**stage.call(row).path),
        content=body,
        headers={**bearer(cast), "Content-Type": content_type},
    )


def bare_call(api: Api, operation_id: str, body: Any, path: dict[str, Any]) -> httpx.Response:
    """Without the contract's judgement: a strange id can end on another path."""
    operation: Operation = api.contract.operations[operation_id]
    return api.http.request(
        operation.method, operation.url(**path), json=body, headers={"Authorization": f"Bearer {api.token}"}
    )


def bearer(cast: Cast) -> dict[str, str]:
    return {"Authorization": f"Bearer {cast.api(cast.alice).token}"}


def is_body_optional(row: Row) -> bool:
    return row.operation in ("createSignedUploadUrl", "duplicateTemplate")


def wrong_for(value: Any) -> list[Any]:
    """Values that are of another type than this one."""
    texts = ["x", "9" * 30] if not isinstance(value, str) else []
    numbers = [7] if not isinstance(value, (int, float)) else []
    objects = [w for w in WRONG_TYPES if not (isinstance(value, dict) and isinstance(w, dict))]
    return texts + numbers + objects


def assert_refused(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    assert answer.status_code in statuses, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"].startswith("application/json")
    refusal = strict_json(answer.content)
    assert set(refusal) <= {"message", "errors"}
    assert isinstance(refusal["message"], str)
    assert refusal["message"]
    if answer.status_code == 422:
        assert refusal["errors"]
        assert all(isinstance(t, str) for texts in refusal["errors"].values() for t in texts)
    else:
        assert "errors" not in refusal
    leaked = SHOWS_INTERNALS.search(answer.text)
    assert leaked is None, f"{leaked[0]!r} in {answer.text}"
    return refusal


@pytest.mark.parametrize("engine", ["LLM", "gpt", "llm:", 7, ["llm"], {"name": "llm"}])
def test_a_template_names_an_engine_that_there_is(office: Office, engine: object) -> None:
    body = {"name": "T", "workspace_id": office.workspace, "schema_json": NOTE, "settings": {"engine": engine}}
    refused = office.api.call("createTemplate", json=body)
    assert refused.status_code == 422
    (why,) = refused.json()["errors"]["settings.engine"]
    assert all(known in why for known in ('"local"', '"llm"', '"llm:<model>"'))
    made = office.template(settings={"engine": "llm"})
    refused = office.api.call("updateTemplate", json={"settings": {"engine": engine}}, templateId=made["id"])
    assert list(refused.json()["errors"]) == ["settings.engine"]
    assert office.api.ok("getTemplate", templateId=made["id"])["settings"]["engine"] == "llm"
