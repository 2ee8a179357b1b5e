"""A tool-calling agent on the openai package, watched by one of three instrumentations.

DIALECT is genai, openinference or traceloop, PROTOCOL grpc or http. Prints what it did as one JSON document.
"""

import json
import os

from openai import OpenAI
from opentelemetry import trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

DIALECT = os.environ["DIALECT"]
AGENT = os.environ["AGENT"]

if os.environ["PROTOCOL"] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

traces = TracerProvider()
traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(traces)
logs = LoggerProvider()
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))


def instrument():
    if DIALECT == "openinference":
        from openinference.instrumentation.openai import OpenAIInstrumentor

        OpenAIInstrumentor().instrument(tracer_provider=traces)
    elif DIALECT == "traceloop":
        from opentelemetry.instrumentation.openai import OpenAIInstrumentor

        OpenAIInstrumentor().instrument(tracer_provider=traces)
    else:
        from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

        OpenAIInstrumentor().instrument(tracer_provider=traces, logger_provider=logs)


def agent_attributes():
    if DIALECT == "openinference":
        return {"openinference.span.kind": "AGENT", "agent.name": AGENT}
    return {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": AGENT}


def tool_attributes(name, arguments, result):
    if DIALECT == "openinference":
        return {
            "openinference.span.kind": "TOOL",
            "tool.name": name,
            "input.value": arguments,
            "output.value": result,
        }
    return {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": name,
        "gen_ai.tool.call.arguments": arguments,
        "gen_ai.tool.call.result": result,
    }


instrument()
client = OpenAI()
tracer = trace.get_tracer("desk")
did = {"modelCalls": 0, "toolCalls": 0, "inputTokens": 0, "outputTokens": 0}
messages = [
    {"role": "system", "content": "Use lookup_order first, and confirm every request."},
    {"role": "user", "content": "Please refund order A-1234, it arrived broken."},
]
tools = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    for name in ("lookup_order", "refund_order")
]

with tracer.start_as_current_span(f"invoke_agent {AGENT}", attributes=agent_attributes()) as root:
    did["traceId"] = format(root.get_span_context().trace_id, "032x")
    for _ in range(10):
        completion = client.chat.completions.create(
            model="simulated", messages=messages, tools=tools, seed=1
        )
        did["modelCalls"] += 1
        did["inputTokens"] += completion.usage.prompt_tokens
        did["outputTokens"] += completion.usage.completion_tokens
        message = completion.choices[0].message
        if not message.tool_calls:
            break
        messages.append(message.model_dump(exclude_none=True))
        for call in message.tool_calls:
            did["toolCalls"] += 1
            name, arguments = call.function.name, call.function.arguments
            with tracer.start_as_current_span(
                f"execute_tool {name}", attributes=tool_attributes(name, arguments, '{"ok": true}')
            ):
                messages.append({"role": "tool", "tool_call_id": call.id, "content": '{"ok": true}'})

traces.shutdown()
logs.shutdown()
print(json.dumps(did))
