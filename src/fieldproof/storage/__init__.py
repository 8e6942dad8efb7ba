"""Files by key: a folder on this machine, or an object store by URL."""

from fieldproof.storage.access import Access
from fieldproof.storage.keys import blob_key, page_key, parsed_key, parts_key, upload_key
from fieldproof.storage.store import FolderStore, ObjectStore, Store, StoreError, kind_of, open_store

__all__ = [
    "Access", "FolderStore", "ObjectStore", "Store", "StoreError",
    "blob_key", "kind_of", "open_store", "page_key", "parsed_key", "parts_key", "upload_key",
]  # fmt: skip
