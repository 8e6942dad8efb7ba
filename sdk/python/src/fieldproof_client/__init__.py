"""Documents to structured data, where every extracted field carries its proof: the client."""

from fieldproof_client.client import AsyncClient, Client
from fieldproof_client.errors import (
    Conflict,
    ExtractionFailed,
    FieldproofError,
    Forbidden,
    Gone,
    Invalid,
    NoAnswer,
    NotFound,
    NotUnderstood,
    Refused,
    ServerFailed,
    SignatureInvalid,
    StillRunning,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
)
from fieldproof_client.files import File, file_of
from fieldproof_client.models import Box, Extraction, Fields, Page, Result, Source, Template, Value
from fieldproof_client.webhooks import Event, verify_webhook

__all__ = [
    "AsyncClient", "Box", "Client", "Conflict", "Event", "Extraction", "ExtractionFailed", "FieldproofError", "Fields",
    "File", "Forbidden", "Gone", "Invalid", "NoAnswer", "NotFound", "NotUnderstood", "Page", "Refused", "Result",
    "ServerFailed", "SignatureInvalid", "Source", "StillRunning", "Template", "TooLarge", "TooManyRequests",
    "Unauthenticated", "Value", "file_of", "verify_webhook",
]  # fmt: skip
