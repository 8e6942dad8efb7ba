"""What arrives at your own address, checked: Standard Webhooks signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fieldproof_client.errors import SignatureInvalid

TOLERANCE_S = 300.0


@dataclass(frozen=True)
class Event:
    """``id`` stays the same when an event is delivered again."""

    id: str
    type: str
    timestamp: datetime
    data: dict[str, Any]


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance_s: float = TOLERANCE_S,
    now: float | None = None,
) -> Event:
    """The event, if the server signed these very bytes lately. Give several secrets while one is rotated.

    ``now``: seconds since the epoch. Raises: SignatureInvalid.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    event_id, sent_at = lower.get("webhook-id", ""), lower.get("webhook-timestamp", "")
    if not event_id or not sent_at.isdigit():
        raise SignatureInvalid("The webhook carries no signature.")
    if abs((time.time() if now is None else now) - int(sent_at)) > tolerance_s:
        raise SignatureInvalid("The webhook is too old, or the clocks differ.")
    signed = f"{event_id}.{sent_at}.".encode() + body
    given = [part.removeprefix("v1,") for part in lower.get("webhook-signature", "").split() if part.startswith("v1,")]
    secrets = [secret] if isinstance(secret, str) else secret
    if not any(hmac.compare_digest(_signature(one, signed), said) for one in secrets for said in given):
        raise SignatureInvalid("The webhook was not signed with this secret.")
    event = json.loads(body)
    return Event(event_id, event["type"], datetime.fromisoformat(event["timestamp"]), event["data"])


def _signature(secret: str, signed: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise SignatureInvalid("The secret is not one that the server gave.") from error
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
