"""OpenInference: its instrumentation of openai, and its own spans of agents and tools."""


import json

import desk
import telemetry
from openinference.instrumentation import OITracer, TraceConfig, using_attributes
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry import trace

telemetry.start()
OpenAIInstrumentor().instrument(tracer_provider=telemetry.traces)
tracer = OITracer(trace.get_tracer("desk"), TraceConfig())


def watch_tool(call, act):
    name = call["function"]["name"]
    with tracer.start_as_current_span(name, openinference_span_kind="tool") as span:
        span.set_tool(name=name, parameters=json.loads(call["function"]["arguments"]))
        span.set_input(call["function"]["arguments"], mime_type="application/json")
        result = act()
        span.set_output(result)
        return result


def run(turn):
    with using_attributes(session_id=desk.SESSION, user_id=desk.USER):
        with tracer.start_as_current_span(desk.AGENT, openinference_span_kind="agent") as span:
            span.set_input(turn.asked)
            answer = desk.talk(desk.open_client(turn), turn, watch_tool)
            span.set_output(answer)


desk.each_turn(run)
telemetry.traces.shutdown()
