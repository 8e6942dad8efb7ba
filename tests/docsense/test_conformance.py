"""The sixteen assertions of the contract, section 7, by number; every answer is also checked against its schema."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from contract.files import broken_pdf, docx, note_pdf, png, xlsx
from docsense.client import LIST, ONE, UPLOAD, Caller
from fieldproof.services import tokens

KEY_REQUIRED = {"status": 401, "message": "API key required for API access", "result": None}


@pytest.mark.parametrize(("method", "path"), [("GET", LIST), ("GET", ONE), ("POST", UPLOAD)])
def test_01_every_bad_key_gets_the_same_401(server: Any, http: httpx.Client, method: str, path: str) -> None:
    person = server.user()
    good, token = person.key(), person.token()
    revoked = person.key()
    with server.parts.work(person.actor) as work:
        newest = tokens.list_tokens(work, "key")[0]
        tokens.revoke_token(work, newest.id)
    for key in (None, "", "wrong", good[:-1], good + "x", token, revoked):
        assert Caller(http, key).refused(401, method, path, document_id=1) == KEY_REQUIRED
    assert Caller(http, None, {"X-API-KEY": good}).ask("GET", LIST).status_code == 200
    assert Caller(http, None, {"X-Api-Key": good}).ask("GET", LIST).status_code == 200
    assert Caller(http, None).refused(401, "GET", LIST, params={"x-api-key": good, "api_key": good}) == KEY_REQUIRED


def test_02_the_body_repeats_the_status_even_where_the_framework_answers(caller: Caller) -> None:
    caller.refused(404, "GET", "/api/v1/documents/nothing_here")
    caller.refused(404, "GET", "/api/v1/documents/get_documents/")
    caller.refused(404, "GET", "/api/v2")
    caller.refused(405, "DELETE", LIST)
    caller.refused(405, "GET", UPLOAD)
    caller.refused(422, "GET", LIST, params={"limit": "many"})
    caller.refused(400, "POST", UPLOAD, json={"files": []})


def test_03_pages_hold_each_row_once(caller: Caller) -> None:
    for n in range(4):
        caller.upload(*[(f"{n}-{k}.txt", f"note {n} {k}".encode()) for k in range(3)])
    everything = caller.ids(limit=100)
    paged = [i for page in range(1, 6) for i in caller.ids(page=page, limit=5)]
    assert paged == everything == sorted(set(everything), reverse=True)
    assert caller.list()["total"] == len(everything) == 12


@pytest.mark.parametrize("count", [0, 2, 3, 4])
def test_04_has_more_tells_whether_rows_are_left(caller: Caller, count: int) -> None:
    if count:
        caller.upload(*[(f"{n}.txt", f"row {n}".encode()) for n in range(count)])
    for page in (1, 2, 3):
        found = caller.list(page=page, limit=3)
        assert found["total"] == count
        assert found["has_more"] == (page * 3 < count)
        assert len(found["documents"]) == max(0, min(3, count - (page - 1) * 3))


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "limit=0", "limit=101", "page=abc", "limit=1.5", "page=", "page=1e3"]
)
def test_05_numbers_out_of_range_are_refused(caller: Caller, query: str) -> None:
    problem = caller.refused(422, "GET", LIST, params=query)
    assert problem["errors"][0]["loc"] == ["query", query.partition("=")[0]]


def test_05_a_page_far_beyond_the_end_is_empty(caller: Caller) -> None:
    found = caller.list(page=10**12)
    assert (found["documents"], found["has_more"], found["page"]) == ([], False, 10**12)


def test_06_status_filter_and_search_combine(caller: Caller) -> None:
    caller.read(("good lease.pdf", note_pdf("The lease runs for ten years.")), ("bad lease.pdf", broken_pdf("lease")))
    caller.read(("other.pdf", note_pdf("Nothing of the kind.")))
    assert caller.list(status_filter="COMPLETED")["total"] == 2
    assert caller.list(status_filter="Failed")["total"] == 1
    assert caller.list(status_filter="")["total"] == caller.list(status_filter="  ")["total"] == 3
    assert caller.list(search="lease")["total"] == 2
    assert caller.list(search="lease", status_filter="failed")["total"] == 1
    assert caller.list(search="  ")["total"] == 3
    problem = caller.refused(422, "GET", LIST, params={"status_filter": "done"})
    assert "pending, processing, completed, failed" in problem["errors"][0]["message"]


def test_07_search_reads_the_text(caller: Caller) -> None:
    (row,) = caller.read(("report.pdf", note_pdf("The turbine blades of Über Windkraft show wear.")))
    for text in ("turbine", "TURB", "blades turbine", '"turbine blades"', "uber", "REPORT", "port.p"):
        assert caller.ids(search=text) == [row["id"]], text
    for text in ("blade turb", '"blades turbine"', '"turbine blade"', "urbine", "turbine gearbox"):
        assert caller.ids(search=text) == [], text


@pytest.mark.parametrize(
    "text", ["100%", "a_b", "'", '"', "\\", "🙂", "請求書", "счёт", "x' OR 1=1 --", "%", "_", "a&b|c:*"]
)
def test_07_every_character_is_literal(caller: Caller, text: str) -> None:
    caller.upload((f"with {text} inside.txt".replace("\\", "/"), b"plain one"), ("without.txt", b"plain two"))
    found = caller.list(search=text)
    assert found["total"] == (0 if text == "\\" else 1)


def test_07_an_underscore_in_the_text_is_literal(caller: Caller) -> None:
    texts = ("The key is a_b here.", "The keys are a b here.", "The key is axb here.", "The key is net_a_bc_x here.")
    rows = caller.read(*[(f"{n}.pdf", note_pdf(text)) for n, text in enumerate(texts)])
    joined, apart, _, longer = (row["id"] for row in rows)
    for text, expected in (
        ("a_b", [longer, joined]),
        ("A_B here", [joined]),
        ('"is a_b"', [joined]),
        ('"a_b"', [joined]),
        ("a_bc", [longer]),
        ("bc_x", [longer]),
        ("a__b", []),
        ("b here", [apart, joined]),
        ('"a b"', [apart, joined]),
    ):
        assert caller.ids(search=text) == expected, text


def test_07_a_search_that_is_too_long_is_refused(caller: Caller) -> None:
    assert caller.list(search="x" * 500)["total"] == 0
    caller.refused(422, "GET", LIST, params={"search": "x" * 501})
    caller.refused(422, "GET", LIST, params={"search": "a\x00b"})


def test_08_accounts_do_not_see_each_other(account: Callable[[], Caller]) -> None:
    alice, charlie = account(), account()
    (row,) = alice.read(("secret.pdf", note_pdf("the canary sings")))
    for search in ("", "canary", "secret", '"canary sings"'):
        assert charlie.list(search=search)["total"] == 0
    absent = charlie.refused(404, "GET", ONE, document_id=2**60)
    assert charlie.refused(404, "GET", ONE, document_id=row["id"]) == absent
    assert alice.job(row["id"])["document_id"] == row["id"]


@pytest.mark.parametrize("document_id", ["0", "-1", "abc", "1.5", "9223372036854775808", "1e3", "%00"])
def test_08_an_id_that_is_none_is_refused(caller: Caller, document_id: str) -> None:
    caller.refused(422, "GET", ONE, document_id=document_id)


def test_09_the_class_comes_from_the_content_first(caller: Caller) -> None:
    result = caller.upload(
        ("DASH.PNG", png("x")), ("x.csv", b"a,b,c\n1,2,3\n4,5,6\n"), ("one.csv", b"only\nlines\n"), ("bytes.txt", note_pdf("x")),
        ("letter.docx", docx("Dear")), ("sheet.xlsx", xlsx([["a", 1]])), ("note.md", b"# Title\n\ntext"),
        ("mail.eml", b"From: a@example.org\r\nTo: b@example.org\r\nDate: Mon, 1 Jan 2026 00:00:00 +0000\r\nSubject: Hi\r\n\r\nHello"),
    )  # fmt: skip
    classes = [row["file_type"] for row in result["documents"]]
    assert classes == ["image", "excel", "excel", "pdf", "word", "excel", "text", "email"]


@pytest.mark.parametrize(
    "name",
    ["rent roll (final) [2].pdf", "a#b?c%20d%.pdf", "Größe 請求書 🙂.pdf", 'say "hi".pdf', "x" * 251 + ".pdf", "100%25.pdf", "a;b='c'.pdf", ".hidden", "notes. "],
)  # fmt: skip
def test_10_names_come_back_as_sent_and_links_work(caller: Caller, http: httpx.Client, name: str) -> None:
    content = note_pdf(name)
    (row,) = caller.upload((name, content))["documents"]
    assert row["original_filename"] == name
    assert caller.list()["documents"][0]["original_filename"] == name
    last = unquote(urlsplit(row["s3_url"]).path.rpartition("/")[2])
    assert last == name and not re.search(r"[\x00-\x1f/\\]", last)
    answer = http.get(row["s3_url"])
    assert (answer.status_code, answer.content) == (200, content)


def test_10_a_link_that_was_changed_or_is_old_does_not_work(caller: Caller, http: httpx.Client) -> None:
    (row,) = caller.upload(("a.pdf", note_pdf("a")))["documents"]
    url = row["s3_url"]
    assert http.get(url.replace("signature=", "signature=A")).status_code == 404
    assert http.get(re.sub(r"expires=\d+", "expires=1", url)).status_code == 404
    assert http.get(url.partition("?")[0]).status_code == 404
    other = re.sub(r"[0-9a-f-]{36}", str(uuid.uuid4()), url)
    assert http.get(other).status_code == 404


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\etc\\passwd", "/etc/passwd", "C:\\temp\\passwd"])
def test_11_directories_are_dropped(caller: Caller, name: str) -> None:
    (row,) = caller.upload((name, b"some text"))["documents"]
    assert row["original_filename"] == "passwd"
    assert urlsplit(row["s3_url"]).path.endswith("/passwd")


@pytest.mark.parametrize("name", ["..", "", "/", "\x01\x02"])
def test_11_a_file_without_a_usable_name_gets_one(caller: Caller, name: str) -> None:
    (row,) = caller.upload((name, b"some text"))["documents"]
    assert row["original_filename"]


def test_12_moments_are_in_order(caller: Caller) -> None:
    caller.read(("a.pdf", note_pdf("again and again")), ("b.pdf", broken_pdf("12")))
    caller.read(("a.pdf", note_pdf("again and again")))
    for row in caller.list()["documents"]:
        moments = [datetime.fromisoformat(row[k]) for k in ("created_at", "processed_at", "updated_at") if row[k]]
        assert moments == sorted(moments)
        assert {m.utcoffset() for m in moments} == {timedelta(0)}
        assert abs(datetime.now(moments[0].tzinfo) - moments[0]) < timedelta(minutes=10)


@pytest.mark.parametrize("zone", ["Asia/Karachi", "UTC"])
def test_12_the_servers_own_zone_changes_nothing(zone: str) -> None:
    script = (
        "from datetime import datetime, timezone, timedelta\n"
        "from fieldproof.api.docsense.present import _moment\n"
        "print(_moment(datetime(2031, 2, 1, 11, 0, 0, 1, tzinfo=timezone(timedelta(hours=5)))))"
    )
    environment = {**os.environ, "TZ": zone}
    shown = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "2031-02-01T06:00:00.000001+00:00"


def test_13_an_unfinished_document_has_no_result_yet(caller: Caller) -> None:
    (row,) = caller.upload(("a.pdf", note_pdf("slow and steady")))["documents"]
    assert (row["status"], row["processed_at"]) == ("pending", None)
    job = caller.job(row["id"])
    assert job["status"] == "completed" or (job["result_data"] is None and job["document"]["processed_at"] is None)


def test_13_a_finished_document_shows_its_text_in_blocks(caller: Caller) -> None:
    rows = [["Blade", "Wear & tear"], ["A", "2 < 3 mm"]]
    (row,) = caller.read(("wear.xlsx", xlsx(rows)))
    job = caller.job(row["id"])
    result = job["result_data"]
    assert job["job_type"] == "full_processing" and job["completed_at"] == row["processed_at"] is not None
    assert result["total_pages"] >= 1
    assert "\n".join(result["raw_data"]["blocks"]) == result["raw_data"]["text"]
    assert result["raw_data"]["blocks"][0] == "## Page 1"
    assert "<td>2 &lt; 3 mm</td>" in result["raw_data"]["text"]
    assert result["ocr_confidence"] is None


def test_13_a_failed_document_says_why(caller: Caller) -> None:
    (row,) = caller.read(("bad.pdf", broken_pdf("13")))
    job = caller.job(row["id"])
    assert (job["status"], job["result_data"], row["processed_at"]) == ("failed", None, None)
    assert job["error_message"]


def test_13_a_scan_has_a_true_confidence(caller: Caller) -> None:
    (row,) = caller.read(("scan.png", png("Invoice total 418.88")))
    confidence = caller.job(row["id"])["result_data"]["ocr_confidence"]
    assert 30 < confidence <= 100


def test_14_the_same_bytes_twice_are_two_rows(caller: Caller) -> None:
    content = note_pdf("twice")
    first, second = (caller.upload(("same.pdf", content))["documents"][0] for _ in range(2))
    assert first["id"] < second["id"]
    keys = [uuid.UUID(urlsplit(row["s3_url"]).path.split("/")[-2]) for row in (first, second)]
    assert keys[0] != keys[1] and {key.version for key in keys} == {4}
    caller.settled(second["id"])
    assert caller.ids(search="twice") == [second["id"], first["id"]]


def test_14_the_same_bytes_in_one_request_are_two_rows(caller: Caller) -> None:
    rows = caller.upload(("one.txt", b"equal"), ("two.txt", b"equal"))["documents"]
    assert [row["original_filename"] for row in rows] == ["one.txt", "two.txt"]
    assert rows[0]["id"] != rows[1]["id"]


@pytest.mark.parametrize("part", ["files[]", "files", "file"])
def test_15_three_names_of_the_part_work(caller: Caller, part: str) -> None:
    result = caller.upload(("a.txt", b"a text"), ("b.txt", b"b text"), part=part, industry="energy")
    assert [(r["original_filename"], r["industry"]) for r in result["documents"]] == [
        ("a.txt", "energy"),
        ("b.txt", "energy"),
    ]


def test_15_without_a_file_nothing_is_taken(caller: Caller) -> None:
    for response in (caller.send([]), caller.send([("", b"")]), caller.send([("a.txt", b"x")], part="documents")):
        assert response.status_code == 422
    assert caller.list()["total"] == 0


def test_15_good_files_are_taken_and_bad_ones_named(caller: Caller) -> None:
    result = caller.upload(
        ("good.txt", b"good"), ("setup.exe", b"MZ\x90\x00\x03\x00\x00\x00" + bytes(300)), ("empty.txt", b"")
    )
    assert [row["original_filename"] for row in result["documents"]] == ["good.txt"]
    refused = [(r["original_filename"], r["code"]) for r in result["rejected"]]
    assert refused == [("setup.exe", "unsupported_file_type"), ("empty.txt", "empty_file")]


def test_15_when_nothing_can_be_taken_the_first_reason_counts(
    caller: Caller, server: Any, monkeypatch: pytest.MonkeyPatch, one_process: None
) -> None:
    machine = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(300)
    assert caller.send([("a.exe", machine), ("b.txt", b"")]).status_code == 415
    assert caller.send([("b.txt", b""), ("a.exe", machine)]).status_code == 422
    monkeypatch.setattr(server.parts.settings, "max_upload_bytes", 1000)
    assert caller.send([("big.txt", b"x" * 1001)]).status_code == 413
    assert caller.send([("big.txt", b"x" * 10_500)]).status_code == 413
    assert caller.upload(("fits.txt", b"x " * 500), ("big.txt", b"x" * 1001))["rejected"][0]["code"] == "file_too_large"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf", "multipart/form-data; boundary=x"),
        (b"garbage", "multipart/form-data; boundary=x"),
        (b"--x--\r\n", "multipart/form-data"),
        (b"--x--\r\n", "multipart/form-data; boundary=" + "y" * 300),
        (b"\xff\xfe", "text/plain"),
    ],
)  # fmt: skip
def test_15_a_body_that_is_no_form_is_refused(caller: Caller, content: bytes, kind: str) -> None:
    response = caller.ask("POST", UPLOAD, content=content, headers={"Content-Type": kind})
    assert response.status_code == 400


def test_16_every_row_has_all_its_members(caller: Caller) -> None:
    caller.read(("a.txt", b"a text"), ("bad.pdf", broken_pdf("16")))
    caller.upload(("new.txt", b"new"))
    for row in caller.list()["documents"]:
        assert list(row) == [
            "id", "user_id", "original_filename", "file_type", "file_size", "status", "industry", "created_at",
            "updated_at", "processed_at", "s3_url",
        ]  # fmt: skip


def test_one_domain_behind_both_surfaces(server: Any, http: httpx.Client) -> None:
    person = server.user()
    workspace = server.workspace(person)
    docsense = Caller(http, person.key())
    (row,) = docsense.read(("a.pdf", note_pdf("seen from both sides")))
    bearer = {"Authorization": f"Bearer {person.token()}"}
    seen = http.get(f"/workspaces/{workspace}/documents", headers=bearer).json()["data"]
    assert [d["filename"] for d in seen] == [row["original_filename"]]
    signed = http.post("/vapor/signed-storage-url", json={}, headers=bearer).json()
    http.put(signed["url"], content=note_pdf("the other way round"), headers=signed["headers"])
    made = http.post(
        f"/workspaces/{workspace}/documents", json={"key": signed["key"], "filename": "b.pdf"}, headers=bearer
    )
    assert made.status_code == 201
    assert [r["original_filename"] for r in docsense.list()["documents"]] == ["b.pdf", "a.pdf"]


def test_a_restricted_key_is_kept_to_what_it_may_do(server: Any, http: httpx.Client, tmp_path: Path) -> None:
    person = server.user()
    reader = Caller(http, person.token(["documents-read"], kind="key"))
    writer = Caller(http, person.token(["documents-write"], kind="key"))
    assert reader.list()["total"] == 0
    assert reader.send([("a.txt", b"a")]).status_code == 403
    writer.upload(("a.txt", b"a text"))
    writer.refused(403, "GET", LIST)
    assert reader.list()["total"] == 1


def test_a_person_who_leaves_a_workspace_no_longer_lists_its_documents(server: Any, http: httpx.Client) -> None:
    owner, guest = server.user(), server.user()
    workspace = server.workspace(owner)
    server.member(workspace, guest, "user")
    caller = Caller(http, guest.token(kind="key", workspace_id=workspace))
    everywhere = Caller(http, guest.key())
    (row,) = caller.upload(("a.txt", b"shared text"))["documents"]
    assert everywhere.ids() == [row["id"]]
    answer = http.delete(
        f"/workspaces/{workspace}/users/{guest.id}/remove", headers={"Authorization": f"Bearer {owner.token()}"}
    )
    assert answer.status_code < 300, answer.text
    assert everywhere.ids() == []
    everywhere.refused(404, "GET", ONE, document_id=row["id"])


def test_an_upload_under_a_key_is_taken_once(caller: Caller, account: Callable[[], Caller]) -> None:
    keyed = replace(caller, headers={"Idempotency-Key": "delivery-7"})
    files = [("a.txt", b"once upon a time"), ("b.txt", b"and once only")]
    first, second = keyed.send(files), keyed.send(files)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert caller.list()["total"] == 2
    assert keyed.send(files[:1]).status_code == 422
    assert keyed.send([("a.txt", b"once upon a time!"), files[1]]).status_code == 422
    assert replace(account(), headers=keyed.headers).send(files).status_code == 201, "another account's key is its own"
    assert caller.list()["total"] == 2
