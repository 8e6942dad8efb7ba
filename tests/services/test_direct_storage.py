"""Files that go straight to the bucket and come straight from it.

With FIELDPROOF_TEST_S3_URL=http://key:secret@host:port/bucket against a server that checks signatures (Ceph, AWS);
else against one in memory that believes everything.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import obstore
import pytest

from contract.files import PDF, note_pdf
from contract.office import Office, hired
from faults import buckets
from fieldproof.services import uploads
from fieldproof.settings import Settings
from fieldproof.storage import Access, open_store
from fieldproof.storage.presign import S3Signer
from running import Installation, serving

MAX_BYTES = 200_000


@dataclass(frozen=True)
class Bucket:
    endpoint: str
    name: str
    access_key: str
    secret_key: str
    is_real: bool


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    real = os.environ.get("FIELDPROOF_TEST_S3_URL")
    if real:
        parts = urlsplit(real)
        yield Bucket(
            f"{parts.scheme}://{parts.hostname}:{parts.port}", parts.path.strip("/"), str(parts.username),
            str(parts.password), True,
        )  # fmt: skip
        return
    with buckets.serving() as (port, _):
        yield Bucket(f"http://127.0.0.1:{port}", "bucket", "key", "secret", False)


@pytest.fixture(scope="module")
def installation(bucket: Bucket) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="fieldproof-tests-") as folder:
        settings = Settings.model_validate({
            "data_dir": folder, "rate_limit_per_minute": 0, "storage_url": f"s3://{bucket.name}/one place",
            "storage_endpoint": bucket.endpoint, "storage_allow_http": True, "storage_access_key": bucket.access_key,
            "storage_secret_key": bucket.secret_key, "max_upload_bytes": MAX_BYTES,
        })  # fmt: skip
        yield from serving(settings)


@pytest.fixture(scope="module")
def office(installation: Installation) -> Iterator[Office]:
    with hired(installation) as cast:
        yield cast.office()


def test_three_steps_go_past_our_server(office: Office, bucket: Bucket) -> None:
    content = note_pdf("Direct")
    signed = office.api.ok("createSignedUploadUrl", json={"content_type": PDF, "visibility": "private"})
    assert signed["url"].startswith(f"{bucket.endpoint}/{bucket.name}/one%20place/tmp/")
    assert parse_qs(urlsplit(signed["url"]).query)["X-Amz-Expires"] == ["300"]
    named = {"Content-Disposition": 'attachment; filename="direct.pdf"'} if bucket.is_real else {}
    assert httpx.put(signed["url"], content=content, headers={**signed["headers"], **named}).status_code == 200
    session = office.session()["id"]
    body = {"keys": [signed["key"]]}
    (document,) = office.api.ok("uploadSessionDocuments", json=body, sessionId=session)["data"]
    if bucket.is_real:
        assert document["filename"] == "direct.pdf"
    assert office.run(session)["status"] == "completed"
    url = office.api.ok("getDocumentUrl", documentId=document["id"])["url"]
    query = parse_qs(urlsplit(url).query)
    assert url.startswith(f"{bucket.endpoint}/{bucket.name}/one%20place/blobs/")
    assert query["X-Amz-Expires"] == ["600"]
    assert query["response-content-type"] == [PDF]
    assert query["response-content-disposition"][0].startswith("attachment; filename*=UTF-8''")
    answer = httpx.get(url)
    assert hashlib.sha256(answer.content).digest() == hashlib.sha256(content).digest()
    if bucket.is_real:
        assert answer.headers["content-type"] == PDF
        assert unquote(answer.headers["content-disposition"]) == "attachment; filename*=UTF-8''direct.pdf"


def test_what_is_attached_cannot_be_changed_any_more(office: Office) -> None:
    first, second = note_pdf("First"), note_pdf("Second")
    signed = office.api.ok("createSignedUploadUrl", json={"content_type": PDF})
    put(signed, first)
    make = {"json": {"key": signed["key"]}, "workspaceId": office.workspace}
    document = office.api.ok("createWorkspaceDocument", **make)["document"]
    put(signed, second)  # the store takes it under the old link; nobody looks there again
    url = office.api.ok("getDocumentUrl", documentId=document["id"])["url"]
    assert httpx.get(url).content == first
    assert office.api.call("createWorkspaceDocument", **make).status_code == 422


def test_before_that_the_last_bytes_count(office: Office) -> None:
    signed = office.api.ok("createSignedUploadUrl", json={"content_type": PDF})
    put(signed, note_pdf("Early"))
    put(signed, note_pdf("Late"))
    body = {"key": signed["key"]}
    document = office.api.ok("createWorkspaceDocument", json=body, workspaceId=office.workspace)["document"]
    assert document["sha256"] == hashlib.sha256(note_pdf("Late")).hexdigest()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "Nothing was uploaded"),
        (b"", "is empty"),
        (b"x" * (MAX_BYTES + 1), "larger than"),
        (b"MZ\x90\x00" + bytes(range(256)) * 4, "not supported"),
    ],
    ids=["nothing", "empty", "large", "other"],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_by_its_key(office: Office, content: bytes | None, says: str) -> None:
    signed = office.api.ok("createSignedUploadUrl", json={"content_type": PDF})
    good = office.upload(note_pdf(f"Good beside {says}"))
    if content is not None:
        put(signed, content)
    session = office.session()["id"]
    refused = office.api.call("uploadSessionDocuments", json={"keys": [good, signed["key"]]}, sessionId=session)
    assert refused.status_code == 422
    (problem,) = refused.json()["errors"]["keys.1"]
    assert says in problem
    assert office.api.ok("listSessionDocuments", sessionId=session)["data"] == []


def test_leftovers_are_swept_and_what_waits_stays(office: Office, installation: Installation) -> None:
    store = installation.parts.store
    waiting, used = (office.api.ok("createSignedUploadUrl", json={"content_type": PDF}) for _ in range(2))
    for n, signed in enumerate((waiting, used)):
        put(signed, note_pdf(f"Swept {n}"))
    office.api.ok("createWorkspaceDocument", json={"key": used["key"]}, workspaceId=office.workspace)
    with installation.parts.work() as work:
        uploads.remove_leftovers(work)
    assert store.size(waiting["key"]) is not None
    assert store.size(used["key"]) is None


@pytest.mark.skipif("FIELDPROOF_TEST_S3_URL" not in os.environ, reason="needs a store that checks signatures")
def test_a_real_store_refuses_what_was_not_signed(office: Office) -> None:
    signed = office.api.ok("createSignedUploadUrl", json={"content_type": PDF})
    url, content = signed["url"], note_pdf("Refused")
    other = url.replace("/tmp/", "/blobs/")
    assert httpx.put(other, content=content, headers=signed["headers"]).status_code == 403
    assert httpx.put(url, content=content, headers={"Content-Type": "text/html"}).status_code == 403
    assert httpx.get(url).status_code == 403
    assert (
        httpx.put(url.replace("Expires=300", "Expires=3000"), content=content, headers=signed["headers"]).status_code
        == 403
    )
    assert httpx.put(url, content=content, headers=signed["headers"]).status_code == 200


@pytest.mark.skipif("FIELDPROOF_TEST_S3_URL" not in os.environ, reason="needs a store that checks signatures")
def test_a_real_store_refuses_an_old_link(bucket: Bucket) -> None:
    signer = S3Signer(bucket.endpoint, bucket.name, "us-east-1", bucket.access_key, bucket.secret_key)
    url = signer.url("GET", "one place/none", 1, datetime.now(UTC))
    assert httpx.get(url).status_code == 404
    time.sleep(2.5)
    assert httpx.get(url).status_code == 403


def test_a_signature_is_that_of_the_specification() -> None:
    """The example of Amazon's own page on query authentication."""
    signer = S3Signer(
        "https://s3.amazonaws.com", "examplebucket", "us-east-1", "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", is_path_style=False,
    )  # fmt: skip
    url = signer.url("GET", "test.txt", 86400, datetime(2013, 5, 24, tzinfo=UTC))
    assert url.startswith("https://examplebucket.s3.amazonaws.com/test.txt?")
    assert url.endswith("X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


@pytest.mark.parametrize("key", ["tmp/a", "blobs/ü x+y/%41"])
def test_obstore_signs_the_same(key: str) -> None:
    access = Access(endpoint="http://127.0.0.1:9", access_key="key", secret_key="secret")
    store = open_store("s3://bucket", Path("/nowhere"), access)._store  # type: ignore[attr-defined]
    theirs = obstore.sign(store, "GET", key, timedelta(seconds=60))
    at = datetime.strptime(parse_qs(urlsplit(theirs).query)["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    ours = S3Signer("http://127.0.0.1:9", "bucket", "us-east-1", "key", "secret").url("GET", key, 60, at)
    signature = [parse_qs(urlsplit(url).query)["X-Amz-Signature"] for url in (ours, theirs)]
    assert signature[0] == signature[1], (ours, theirs)


def test_without_keys_or_when_switched_off_bytes_go_through_us() -> None:
    for access in (Access(endpoint="http://127.0.0.1:9"), Access(access_key="k", secret_key="s", is_direct=False)):
        store = open_store("s3://bucket", Path("/nowhere"), access)
        assert store.upload_link("tmp/a", PDF, 300) is None
        assert store.download_link("blobs/a", "a.pdf", PDF, 600) is None


def test_azure_takes_uploads_by_its_own_signature() -> None:
    store = open_store("az://container", Path("/nowhere"), Access(access_key="account", secret_key="c2VjcmV0"))
    link = store.upload_link("tmp/a", PDF, 300)
    assert link is not None
    assert link[0].startswith("https://account.blob.core.windows.net/container/tmp/a?")
    assert link[1] == {"Content-Type": PDF, "x-ms-blob-type": "BlockBlob"}


@pytest.mark.parametrize(
    "wrong",
    [{"storage_endpoint": "http://minio:9000"}, {"storage_public_url": "http://minio"}, {"storage_endpoint": "minio:9000"}],
)  # fmt: skip
def test_an_address_without_encryption_must_be_meant(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="http"):
        Settings.model_validate(wrong)


def put(signed: dict[str, object], content: bytes) -> None:
    assert httpx.put(str(signed["url"]), content=content, headers=dict(signed["headers"])).status_code == 200  # type: ignore[call-overload]
