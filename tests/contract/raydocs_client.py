"""The published Python client, written again from its documented behaviour alone.

Source: section 6 of the contract document: constructor, headers, ``_request``, method names, what
each returns. Whatever the pages leave open is done in the plainest way.
"""

from __future__ import annotations

import mimetypes
import time
from pathlib import Path
from typing import Any

import requests


class RaydocsClient:
    def __init__(self, api_key: str, base_url: str = "https://api.raydocs.com") -> None:
        self.base_url = base_url.rstrip("/")
        self.headers = {
            "Authorization": f"Bearer {api_key}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    def _request(self, method: str, endpoint: str, **kwargs: Any) -> Any:
        response = requests.request(method, f"{self.base_url}{endpoint}", headers=self.headers, timeout=60, **kwargs)
        response.raise_for_status()
        return response.json() if response.text else {}

    def list_workspaces(self) -> list[dict[str, Any]]:
        return self._request("GET", "/workspaces")["data"]

    def create_workspace(self, name: str, icon: str = "📊") -> dict[str, Any]:
        return self._request("POST", "/workspaces/create", json={"name": name, "icon": icon})

    def list_templates(self, workspace_id: int) -> list[dict[str, Any]]:
        return self._request("GET", f"/workspaces/{workspace_id}/extractions/templates")["data"]

    def create_template(self, workspace_id: int, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        body = {"name": name, "workspace_id": workspace_id, "schema_json": schema}
        return self._request("POST", "/extractions/templates", json=body)

    def delete_template(self, template_id: str) -> dict[str, Any]:
        return self._request("DELETE", f"/extractions/templates/{template_id}")

    def create_session(self, template_id: str, name: str | None = None) -> dict[str, Any]:
        body = {"extraction_template_id": template_id, "name": name}
        return self._request("POST", "/extractions/sessions", json=body)

    def upload_file(self, path: str | Path) -> str:
        kind = mimetypes.guess_type(str(path))[0] or "application/octet-stream"
        body = {"content_type": kind, "visibility": "private"}
        signed = self._request("POST", "/vapor/signed-storage-url", json=body)
        with Path(path).open("rb") as file:
            answer = requests.put(signed["url"], data=file, headers=signed["headers"], timeout=60)
        if answer.status_code != 200:
            raise RuntimeError(f"upload failed: {answer.status_code}")
        return signed["key"]

    def add_documents(self, session_id: str, keys: list[str]) -> list[dict[str, Any]]:
        endpoint = f"/extractions/sessions/{session_id}/documents/upload"
        return self._request("POST", endpoint, json={"keys": keys})["data"]

    def batch_create_sessions(self, template_id: str, file_keys: list[str], auto_extract: bool) -> list[dict[str, Any]]:
        body = {"files": file_keys, "settings": {"auto_extract": auto_extract}}
        return self._request("POST", f"/extractions/templates/{template_id}/sessions/batch", json=body)

    def run_extraction(self, session_id: str) -> dict[str, Any]:
        return self._request("POST", f"/extractions/sessions/{session_id}/results")

    def get_result(self, result_id: str) -> dict[str, Any]:
        return self._request("GET", f"/extractions/results/{result_id}")

    def list_results(self, session_id: str) -> list[dict[str, Any]]:
        return self._request("GET", f"/extractions/sessions/{session_id}/results")["data"]

    def wait_for_result(self, result_id: str, timeout: float) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            result = self.get_result(result_id)
            if result["status"] in ("completed", "failed"):
                return result
            time.sleep(0.2)
        raise TimeoutError(result_id)

    def wait_for_session(self, session_id: str, timeout: float) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            results = self.list_results(session_id)
            if results and results[0]["status"] in ("completed", "failed"):
                return results[0]
            time.sleep(0.2)
        raise TimeoutError(session_id)
