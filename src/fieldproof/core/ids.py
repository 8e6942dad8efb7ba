"""Secrets that people carry: a prefix by kind, 40 random base62 digits, and a checksum.

The checksum lets scanners for leaked secrets tell a real one from noise without asking us.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
import zlib

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET = re.compile(r"(fpt|fpk|fps)_([0-9A-Za-z]{40})([0-9A-Za-z]{6})")

TOKEN, KEY, COOKIE = "fpt", "fpk", "fps"


def new_secret(prefix: str) -> str:
    body = "".join(secrets.choice(_DIGITS) for _ in range(40))
    return f"{prefix}_{body}{_checksum(prefix, body)}"


def is_secret(text: str, prefix: str) -> bool:
    """Whether the form and the checksum are right: no database is asked for anything else."""
    match = _SECRET.fullmatch(text)
    return bool(match) and match[1] == prefix and match[3] == _checksum(prefix, match[2])


def fingerprint(secret: str) -> str:
    """SHA-256 in hex: all that is stored of a secret (238 random bits need no slow hash)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def parse_uuid(text: str) -> uuid.UUID | None:
    """The canonical 36 characters only: what uuid.UUID takes beyond that is nobody's id."""
    if len(text) != 36:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def parse_int_id(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,17}", text) else None


def _checksum(prefix: str, body: str) -> str:
    number = zlib.crc32(f"{prefix}_{body}".encode())
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return digits.rjust(6, "0")
