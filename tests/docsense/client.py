"""A caller with one API key. Every answer is checked against the published contract."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import httpx
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from contract.office import until
from contract.openapi import DOCSENSE, Contract, ContractBroken, strict_json

PREFIX = "/api/v1/documents/"
LIST, UPLOAD, ONE = PREFIX + "get_documents", PREFIX + "upload_files", PREFIX + "get_document/{document_id}"

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class _DocSense(Contract):
    """With this contract's own idea of a moment: an explicit offset, six digits."""

    def _check_schema(self, pointer: str, value: Any, where: str) -> None:
        validator = Draft202012Validator(
            {"$ref": f"urn:contract{pointer}"}, registry=self._registry, format_checker=_FORMATS
        )
        problems = [f"{e.json_path}: {e.message[:300]}" for e in validator.iter_errors(value)]
        if problems:
            raise ContractBroken(f"{where}: " + "; ".join(problems[:5]))


@cache
def contract() -> _DocSense:
    return _DocSense(yaml.safe_load(DOCSENSE.read_text("utf-8")))


@dataclass
class Caller:
    http: httpx.Client
    key: str | None
    headers: dict[str, str] = field(default_factory=dict)

    def list(self, **params: Any) -> Any:
        return self._ok(self.ask("GET", LIST, params=params), 200)

    def ids(self, **params: Any) -> list[int]:
        return [row["id"] for row in self.list(**params)["documents"]]

    def job(self, document_id: object) -> Any:
        return self._ok(self.ask("GET", ONE, document_id=document_id), 200)

    def upload(self, *files: tuple[str, bytes], part: str = "files[]", **fields: str) -> Any:
        """The result of an upload that takes at least one file."""
        return self._ok(self.send(files, part=part, **fields), 201)

    def send(self, files: Sequence[tuple[str, bytes]], part: str = "files[]", **fields: str) -> httpx.Response:
        body, kind = multipart(files, part, fields)
        return self.ask("POST", UPLOAD, content=body, headers={"Content-Type": kind})

    def read(self, *files: tuple[str, bytes], **fields: str) -> list[dict[str, Any]]:
        """Uploads, waits until everything is settled, and returns the rows."""
        rows = self.upload(*files, **fields)["documents"]
        return [self.settled(row["id"])["document"] for row in rows]

    def settled(self, document_id: int) -> Any:
        return until(lambda: self.job(document_id), lambda job: job["status"] in ("completed", "failed"))

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **request: Any) -> httpx.Response:
        url = path.replace("{document_id}", str(request.pop("document_id", "")))
        sent = {**({"x-api-key": self.key} if self.key is not None else {}), **self.headers, **(headers or {})}
        response = self.http.request(method, url, headers=sent, **request)
        body = strict_json(response.content)
        assert body["status"] == response.status_code, body
        if path in contract().document["paths"] and method.lower() in contract().document["paths"][path]:
            contract().check(method, path, response)
        else:
            contract().check_component("ErrorEnvelope", body)
        return response

    def refused(self, status: int, method: str, path: str, **request: Any) -> dict[str, Any]:
        response = self.ask(method, path, **request)
        assert response.status_code == status, response.text
        return response.json()

    @staticmethod
    def _ok(response: httpx.Response, status: int) -> Any:
        assert response.status_code == status, response.text
        return response.json()["result"]


def multipart(files: Sequence[tuple[str, bytes]], part: str, fields: dict[str, str]) -> tuple[bytes, str]:
    """As browsers write it: names in UTF-8, only quotation marks escaped."""
    boundary = "----fieldproof-7b1c"
    body = b""
    for name, value in fields.items():
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for filename, content in files:
        quoted = re.sub('"', "%22", filename)
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{part}"; filename="{quoted}"\r\n'
        body += head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
