"""The object store goes away, falls silent, or sends half of it: refusals in time, work that waits, nothing false stored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract.files import invoice_pdf
from docsense.client import multipart
from faults import proxy
from faults.stand import ANSWER_S, Stand, ask, crowd, raised, refused

UPLOAD = "/api/v1/documents/upload_files"


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with raised() as found:
        yield found


@pytest.mark.parametrize("mode", proxy.SHORT)
def test_a_broken_store_gives_503_in_time_and_heals(mode: str, stand: Stand) -> None:
    api = stand.office.api
    session = stand.office.session(stand.template, mode)["id"]
    (document,) = stand.office.attach(session, invoice_pdf(f"INV-S3-{mode}-BEFORE"))
    link = api.ok("getDocumentUrl", documentId=document["id"])["url"].removeprefix(stand.installation.url)
    body, kind = multipart([("a.pdf", invoice_pdf(f"INV-S3-{mode}"))], "files[]", {})
    keyed = {"x-api-key": stand.key, "Content-Type": kind}
    with stand.store.fault(mode):
        waiting = api.ok("runExtraction", sessionId=session)["id"]  # its worker cannot read the bytes
        answers = crowd([lambda: ask(stand, "POST", UPLOAD, content=body, headers=keyed), lambda: ask(stand, "GET", link)] * 2)  # fmt: skip
        listed = ask(stand, "GET", "/workspaces")
        kept = api.ok("getResult", resultId=waiting)["status"]
    assert (listed.status, listed.took_s < 2) == (200, True), "what needs no bytes goes on"
    for answer in answers:
        if mode not in ("latency", "corrupt") or answer.status >= 300:
            refused(answer)
        assert answer.took_s < ANSWER_S
    assert kept in ("parsing_pending", "created", "processing") or mode in ("latency", "corrupt")
    stand.heals(f"INV-S3-{mode}-AFTER")
    ended = stand.office.ended(waiting)
    assert (ended["status"], ended["data"]["invoice"]["number"]) == ("completed", f"INV-S3-{mode}-BEFORE")
