"""Links straight to an S3-compatible store: AWS Signature Version 4 in the query, as the store itself checks it.

obstore signs too, but binds neither a content type nor the headers of the answer, and boto3 would be fifteen
megabytes for these sixty lines.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit


@dataclass(frozen=True)
class S3Signer:
    """``base`` is where clients reach the store, with scheme and without the bucket."""

    base: str
    bucket: str
    region: str
    access_key: str
    secret_key: str
    is_path_style: bool = True
    prefix: str = ""

    def url(
        self,
        method: str,
        key: str,
        ttl_s: int,
        now: datetime,
        *,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> str:
        """Good for this method, key and moment; ``headers`` must be sent exactly so, ``query`` shapes the answer."""
        parts = urlsplit(self.base)
        host = parts.netloc if self.is_path_style else f"{self.bucket}.{parts.netloc}"
        places = [self.bucket] if self.is_path_style else []
        path = parts.path.rstrip("/") + "/" + "/".join(_quoted(p, "/") for p in [*places, *self._within(key)])
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{self.region}/s3/aws4_request"
        signed = {**{name.lower(): " ".join(value.split()) for name, value in (headers or {}).items()}, "host": host}
        asked = {
            **(query or {}),
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self.access_key}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(ttl_s),
            "X-Amz-SignedHeaders": ";".join(sorted(signed)),
        }
        text = "&".join(f"{_quoted(k)}={_quoted(v)}" for k, v in sorted(asked.items()))
        lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
        request = "\n".join([method, path, text, lines, ";".join(sorted(signed)), "UNSIGNED-PAYLOAD"])
        digest = hashlib.sha256(request.encode()).hexdigest()
        message = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, digest])
        signature = hmac.new(self._key(scope), message.encode(), hashlib.sha256).hexdigest()
        return f"{parts.scheme}://{host}{path}?{text}&X-Amz-Signature={signature}"

    def _within(self, key: str) -> list[str]:
        return [p for p in (self.prefix.strip("/"), key) if p]

    def _key(self, scope: str) -> bytes:
        key = f"AWS4{self.secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key


def _quoted(text: str, safe: str = "") -> str:
    return quote(text, safe=f"-_.~{safe}")
