"""The one way out: every address that somebody else chose is fetched through here."""

from fieldproof.fetching.client import Answer, Downloaded, Egress, FetchFailed, FetchRefused, check_url, download, fetch

__all__ = ["Answer", "Downloaded", "Egress", "FetchFailed", "FetchRefused", "check_url", "download", "fetch"]
