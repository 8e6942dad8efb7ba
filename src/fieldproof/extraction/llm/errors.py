"""Why a run with a language model failed: the closed list.

ModelError             code; none of them is worth another try by the job queue
├── NotConfigured      llm_not_configured
├── UnknownEngine      engine_unknown
├── BudgetExceeded     budget_exceeded
├── ModelTimeout       model_timeout
├── ModelUnavailable   model_unavailable
├── ModelRefused       model_refused
├── InvalidOutput      model_invalid_output
└── NotRecorded        not_recorded
"""

from __future__ import annotations

from fieldproof.core.errors import FieldproofError


class ModelError(FieldproofError):
    """The language model could not be used."""

    code = "model_failed"


class NotConfigured(ModelError):
    """This template asks for a language model, and none is configured. Set FIELDPROOF_LLM_PROVIDER and FIELDPROOF_LLM_MODEL,
    or set the template's engine to "local"."""

    code = "llm_not_configured"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or " ".join((type(self).__doc__ or "").split()))


class UnknownEngine(ModelError):
    """settings.engine must be "local", "llm" or "llm:<model>"."""

    code = "engine_unknown"


class BudgetExceeded(ModelError):
    """The workspace's budget for language models is used up."""

    code = "budget_exceeded"


class ModelTimeout(ModelError):
    """The language model did not answer in time. Try again later, or raise FIELDPROOF_LLM_TIMEOUT_S."""

    code = "model_timeout"

    def __init__(self, message: str | None = None, *, lost: int = 0) -> None:
        super().__init__(message)
        self.lost = lost  # tries whose answer never came, but may be charged


class ModelUnavailable(ModelError):
    """The language model's server is not available. Try again later, or run the template with the local engine."""

    code = "model_unavailable"


class ModelRefused(ModelError):
    """The language model's server refused the request. Check FIELDPROOF_LLM_MODEL, _BASE_URL and _API_KEY."""

    code = "model_refused"


class InvalidOutput(ModelError):
    """The language model gave no usable answer, also when asked once more. Try another model, or the local engine."""

    code = "model_invalid_output"


class NotRecorded(ModelError):
    """The recording does not hold an answer to this question: the document, the schema or the engine has changed."""

    code = "not_recorded"
