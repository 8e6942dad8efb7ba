"""A file from an address, and many files at once: guarded, by content, once."""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from contract.files import invoice_pdf, note_pdf
from contract.office import Office, hired, until
from contract.schemas import INVOICE, NOTE
from running import Installation, in_background


class Site(ThreadingHTTPServer):
    """Answers by path; counts."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[str] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        name, _, argument = self.path.lstrip("/").partition("/")
        getattr(self, f"do_{name}")(argument)

    def do_file(self, name: str) -> None:
        self.answer(note_pdf(f"From {name}"), type="text/html")

    def do_named(self, name: str) -> None:
        self.answer(invoice_pdf(f"INV-{name}"), disposition=f'attachment; filename="../{name}.pdf"')

    def do_hop(self, count: str) -> None:
        self.send_on(f"/hop/{int(count) - 1}" if count != "1" else "/file/hopped.pdf")

    def do_away(self, host: str) -> None:
        self.send_on(f"http://{host}/latest")

    def do_to(self, scheme: str) -> None:
        self.send_on(f"{scheme}:///etc/passwd")

    def do_missing(self, _: str) -> None:
        self.answer(b"no", status=404)

    def do_empty(self, _: str) -> None:
        self.answer(b"")

    def do_program(self, _: str) -> None:
        self.answer(b"\x7fELF\x02\x01\x01" + bytes(200), type="application/pdf")

    def do_bomb(self, _: str) -> None:
        self.answer(gzip.compress(bytes(3_000_000)), encoding="gzip")

    def do_drip(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        try:
            while True:
                self.wfile.write(b"a")
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

    def send_on(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.end_headers()

    def answer(
        self,
        body: bytes,
        *,
        status: int = 200,
        type: str = "application/pdf",
        disposition: str = "",
        encoding: str = "",
    ) -> None:
        self.send_response(status)
        given = {"Content-Type": type, "Content-Disposition": disposition, "Content-Encoding": encoding}
        for name, value in {**given, "Content-Length": str(len(body))}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def site() -> Iterator[Site]:
    with in_background(Site()) as one:
        yield one


@pytest.fixture(scope="module")
def office(server: Installation) -> Iterator[Office]:
    with hired(server) as cast:
        yield cast.office()


# From an address


def test_a_file_is_fetched_and_read_by_its_content(office: Office, site: Site) -> None:
    url = site.url("/file/a%20note.pdf?token=x#page=2")
    made = fetch_url(office, url)
    assert (made.status_code, made.json()["is_new"]) == (201, True)
    document = until(lambda: shown(office, made), lambda d: d["status"] == "processed")
    assert (document["source_type"], document["source_url"]) == ("url", url)
    assert (document["filename"], document["mime"]) == ("a note.pdf", "application/pdf")
    again = fetch_url(office, url)
    assert (again.status_code, again.json()["is_new"]) == (200, False)
    assert again.json()["document_id"] == made.json()["document_id"]


def test_the_servers_name_for_it_is_no_path(office: Office, site: Site) -> None:
    assert shown(office, fetch_url(office, site.url("/named/7")))["filename"] == "7.pdf"
    assert shown(office, fetch_url(office, site.url("/named/8"), filename="mine.pdf"))["filename"] == "mine.pdf"


def test_with_a_template_it_is_run(office: Office, site: Site) -> None:
    template = office.template(INVOICE)["id"]
    made = fetch_url(office, site.url("/named/9"), template_id=template).json()
    assert office.ended_session(made["session_id"])["status"] == "completed"


def test_redirects_are_followed_a_little(office: Office, site: Site) -> None:
    assert fetch_url(office, site.url("/hop/3")).status_code == 201
    assert "more than 3 times" in refusal(office, site.url("/hop/4"))


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "[::1]", "[::ffff:10.0.0.1]", "0.0.0.0"])
def test_a_redirect_is_checked_like_a_first_address(office: Office, site: Site, host: str) -> None:
    assert "not a public address" in refusal(office, site.url(f"/away/{host}"))
    assert "not a public address" in refusal(office, f"http://{host}/")


def test_only_http_is_fetched(office: Office, site: Site) -> None:
    for url in (site.url("/to/file"), "file:///etc/passwd", "ftp://example.org/x", "http://u:p@127.0.0.1/"):
        assert "address" in refusal(office, url)


@pytest.mark.parametrize(
    ("path", "why"),
    [("/missing/", "answered 404"), ("/empty/", "empty"), ("/program/", "not supported"), ("/drip/", "too long"),
     ("/bomb/", "larger than")],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_with_a_reason(
    office: Office, server: Installation, site: Site, monkeypatch: pytest.MonkeyPatch, path: str, why: str
) -> None:
    monkeypatch.setattr(server.parts.settings, "import_timeout_s", 2.0)
    monkeypatch.setattr(server.parts.settings, "max_upload_bytes", 1_000_000)
    assert why in refusal(office, site.url(path))


def test_the_same_key_fetches_once(office: Office, site: Site) -> None:
    url = site.url("/file/once.pdf")
    first, second = (fetch_url(office, url, key="once") for _ in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["Idempotency-Replayed"] == "true"
    assert site.seen == ["/file/once.pdf"]
    assert fetch_url(office, site.url("/file/other.pdf"), key="once").status_code == 422


def test_nothing_is_fetched_for_a_stranger(office: Office, site: Site) -> None:
    path = f"/v1/workspaces/{office.workspace}/documents/import"
    for person, status in ((office.cast.bob, 403), (office.cast.charlie, 404)):
        headers = {"Authorization": f"Bearer {office.cast.api(person).token}"}
        answer = office.cast.http.post(path, json={"url": site.url("/file/x.pdf")}, headers=headers)
        assert answer.status_code == status
    assert site.seen == []


# Many at once


def test_a_plan_knows_what_is_there_and_taking_in_is_each_on_its_own(office: Office) -> None:
    template = office.template(INVOICE)["id"]
    contents = [invoice_pdf(f"INV-MANY-{n}") for n in range(3)]
    hashes = [hashlib.sha256(c).hexdigest() for c in contents]
    planned = post(office, "imports/plan", sha256=hashes, template_id=template).json()["data"]
    assert [p["sha256"] for p in planned] == hashes
    for content, one in zip(contents[:2], planned, strict=False):
        httpx.put(one["upload"]["url"], content=content, headers=one["upload"]["headers"]).raise_for_status()
    keys = [one["upload"]["key"] for one in planned]
    names = ["a.pdf", "b.pdf", "c.pdf"]
    taken = post(office, "imports", keys=keys, names=names, template_id=template).json()["data"]
    assert [t["is_new"] for t in taken] == [True, True, False]
    assert taken[2]["error"] == "Nothing was uploaded under this key."
    assert office.ended_session(taken[0]["session_id"])["name"] == "a.pdf"
    again = post(office, "imports/plan", sha256=hashes, template_id=template).json()["data"]
    assert [bool(p["session_id"]) for p in again] == [True, True, False]
    assert [bool(p["upload"]) for p in again] == [False, False, True]
    other = office.template(INVOICE)["id"]
    first = again[0]["document_id"]
    taken = post(office, "imports", document_ids=[first, "nonsense"], template_id=other).json()["data"]
    assert (taken[0]["document_id"], taken[0]["is_new"]) == (first, False)
    assert taken[1]["error"] == "There is no such document in this workspace."


def test_calls_at_the_same_time_make_one_session_of_a_document(office: Office) -> None:
    """As when a killed client's last call is still at work while its next run asks again."""
    template = office.template(NOTE)["id"]
    contents = [note_pdf(f"At the same time {n}") for n in range(10)]
    hashes = [hashlib.sha256(c).hexdigest() for c in contents]
    plans = [post(office, "imports/plan", sha256=hashes, template_id=template).json()["data"] for _ in range(3)]
    for plan in plans:
        for content, one in zip(contents, plan, strict=True):
            httpx.put(one["upload"]["url"], content=content, headers=one["upload"]["headers"]).raise_for_status()
    bodies = [{"keys": [one["upload"]["key"] for one in plan], "template_id": template} for plan in plans]
    with ThreadPoolExecutor(len(bodies)) as pool:
        taken = [a.json()["data"] for a in pool.map(lambda body: post(office, "imports", **body), bodies)]
    assert {tuple(one["session_id"] for one in made) for made in taken} == {
        tuple(one["session_id"] for one in taken[0])
    }
    assert sorted([one["is_new"] for one in made] for made in taken) == [[False] * 10, [False] * 10, [True] * 10]
    assert {office.ended_session(one["session_id"])["status"] for one in taken[0]} == {"completed"}


def fetch_url(office: Office, url: str, *, key: str | None = None, **fields: Any) -> httpx.Response:
    return post(office, "documents/import", key=key, url=url, **fields)


def refusal(office: Office, url: str) -> str:
    answer = fetch_url(office, url)
    assert answer.status_code == 422, answer.text
    (reason,) = answer.json()["errors"]["url"]
    return reason


def shown(office: Office, made: httpx.Response) -> dict[str, Any]:
    assert made.is_success, made.text
    row = made.json()["document_id"]
    return office.api.ok("getWorkspaceDocument", workspaceId=office.workspace, documentId=row)


def post(office: Office, path: str, *, key: str | None = None, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {office.api.token}", **({"Idempotency-Key": key} if key else {})}
    return office.cast.http.post(f"/v1/workspaces/{office.workspace}/{path}", json=body, headers=headers)
