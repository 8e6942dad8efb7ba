"""The one way out: every address that somebody else chose is fetched through here."""

from fieldproof.fetching.client import Answer, Egress, FetchFailed, FetchRefused, fetch

__all__ = ["Answer", "Egress", "FetchFailed", "FetchRefused", "fetch"]
