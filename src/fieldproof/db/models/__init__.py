"""The tables, one file a noun."""

from fieldproof.db.models.delivery import Delivery, IdempotencyKey, Webhook
from fieldproof.db.models.document import Chunk, Deposit, Document, Parsing, ParsingPart, Upload
from fieldproof.db.models.event import AuditEvent
from fieldproof.db.models.model_call import ModelCall, ModelRecording
from fieldproof.db.models.result import Correction, FieldValue, Result
from fieldproof.db.models.search import (
    DocumentTag,
    SearchChange,
    SearchCount,
    SearchEntry,
    SearchResult,
    SearchSet,
    SearchValue,
)
from fieldproof.db.models.session import Attachment, Session
from fieldproof.db.models.template import Example, Template
from fieldproof.db.models.token import Token
from fieldproof.db.models.user import User, WebSession
from fieldproof.db.models.workspace import Invitation, Member, Workspace

__all__ = [
    "Attachment",
    "AuditEvent",
    "Chunk",
    "Correction",
    "Delivery",
    "Deposit",
    "Document",
    "DocumentTag",
    "Example",
    "FieldValue",
    "IdempotencyKey",
    "Invitation",
    "Member",
    "ModelCall",
    "ModelRecording",
    "Parsing",
    "ParsingPart",
    "Result",
    "SearchChange",
    "SearchCount",
    "SearchEntry",
    "SearchResult",
    "SearchSet",
    "SearchValue",
    "Session",
    "Template",
    "Token",
    "Upload",
    "User",
    "WebSession",
    "Webhook",
    "Workspace",
]  # fmt: skip
