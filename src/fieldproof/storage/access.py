"""How a bucket is reached: what differs between AWS, its imitations, Google and Azure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Access:
    """Empty: what obstore finds by itself in the surroundings, such as the role of a machine.

    ``access_key`` and ``secret_key`` are S3's pair; an Azure account and its key; for Google, the secret alone: the
    service account's JSON.
    """

    endpoint: str = ""
    public_url: str = ""  # where clients reach the endpoint, if elsewhere
    region: str = "us-east-1"
    is_path_style: bool = True
    access_key: str = ""
    secret_key: str = ""
    is_direct: bool = True

    @property
    def has_keys(self) -> bool:
        return bool(self.secret_key)

    def options(self, kind: str) -> dict[str, Any]:
        """obstore's, for a kind of store; what is not set stays with the surroundings."""
        match kind:
            case "s3":
                style = {"virtual_hosted_style_request": not self.is_path_style} if self.endpoint else {}
                found = {
                    "endpoint": self.endpoint, "region": self.region if self.has_keys or self.endpoint else "",
                    "access_key_id": self.access_key, "secret_access_key": self.secret_key,
                }  # fmt: skip
            case "gs":
                style, found = {}, {"service_account_key": self.secret_key}
            case "az":
                style = {}
                found = {"endpoint": self.endpoint, "account_name": self.access_key, "account_key": self.secret_key}
            case _:
                return {}
        return {name: value for name, value in found.items() if value} | style
