"""OpenTelemetry's own SDK, sending spans and logs to OTEL_EXPORTER_OTLP_ENDPOINT as they end."""

from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Status, StatusCode

RESOURCE = Resource.create({"service.name": "desk-service"})
traces = TracerProvider(resource=RESOURCE)


def processor():
    return SimpleSpanProcessor(OTLPSpanExporter())


def start():
    traces.add_span_processor(processor())
    trace.set_tracer_provider(traces)


def open_logs():
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor

    logs = LoggerProvider(resource=RESOURCE)
    logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter()))
    return logs


@contextmanager
def span_of(name, attributes):
    """A span as an agent without a framework writes it: attributes before, outcome after."""
    with trace.get_tracer("desk").start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR, str(error)))
            raise
