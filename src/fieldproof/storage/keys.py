"""Where things lie. Keys are made by us alone: no client's name ever becomes a path."""

from __future__ import annotations

import uuid


def upload_key(upload_id: uuid.UUID) -> str:
    return f"tmp/{upload_id}"


def blob_key(sha256: str) -> str:
    return f"blobs/{sha256[:2]}/{sha256}"


def parsed_key(parsing_id: uuid.UUID, attempt: int) -> str:
    """The attempt is part of the key: a late twin cannot overwrite what its successor wrote."""
    return f"parsed/{parsing_id}/{attempt}"


def parts_key(parsing_id: uuid.UUID, split: int) -> str:
    """What holds the parts of a document that is read in page ranges."""
    return f"parsed/{parsing_id}/{split}-parts"


def page_key(parsing_id: uuid.UUID, attempt: int, page: int, width_px: int) -> str:
    return f"parsed/{parsing_id}/{attempt}-pages/{page}-{width_px}.webp"
