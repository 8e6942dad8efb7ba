"""Traces from a request through its jobs to the result, over OpenTelemetry; off unless ``FIELDPROOF_OTLP_URL`` is set.

Names of routes, tasks and steps, ids and counts only: never what a document says, what a file is called, or a link.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from fieldproof import __version__
from fieldproof.settings import Settings

_tracer = trace.get_tracer("fieldproof", __version__)


def configure(settings: Settings) -> None:
    """Sends spans from now on. Raises: RuntimeError when the extra is not installed."""
    if settings.otlp_url is None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
    except ImportError as error:
        raise RuntimeError("FIELDPROOF_OTLP_URL needs the extra: pip install 'fieldproof[otel]'.") from error
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.otlp_share)),
        resource=Resource.create({"service.name": "fieldproof", "service.version": __version__}),
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(settings.otlp_url, timeout=5)))
    trace.set_tracer_provider(provider)


def finish() -> None:
    """Sends what is left."""
    shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
    if shutdown is not None:
        shutdown()


@contextmanager
def span(
    name: str,
    *,
    parent: str | None = None,
    is_request: bool = False,
    is_job: bool = False,
    **attributes: str | int | float | bool | None,
) -> Iterator[Span]:
    """``parent`` is a W3C traceparent; without one the span belongs to the one that is open here."""
    kind = SpanKind.SERVER if is_request else SpanKind.CONSUMER if is_job else SpanKind.INTERNAL
    context = propagate.extract({"traceparent": parent}) if parent else None
    known = {f"fieldproof.{key}": value for key, value in attributes.items() if value is not None}
    with _tracer.start_as_current_span(
        name, context=context, kind=kind, attributes=known, record_exception=False, set_status_on_exception=False
    ) as one:
        try:
            yield one
        except BaseException as error:
            one.set_status(Status(StatusCode.ERROR, type(error).__name__))  # its words may be a document's
            raise


def carried() -> str | None:
    """The traceparent of the span that is open here, for whoever goes on with it."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")
