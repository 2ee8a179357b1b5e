"""Traceloop's instrumentation of openai, with spans of agents and tools as its SDK's decorators write them."""

import json

import desk
import telemetry
from opentelemetry.instrumentation.openai import OpenAIInstrumentor

telemetry.start()
OpenAIInstrumentor().instrument(tracer_provider=telemetry.traces)


def entity(kind, name, given):
    return {
        "traceloop.span.kind": kind,
        "traceloop.entity.name": name,
        "traceloop.entity.input": given,
        "traceloop.association.properties.session_id": desk.SESSION,
        "traceloop.association.properties.user_id": desk.USER,
    }


def watch_tool(call, act):
    name, given = call["function"]["name"], json.loads(call["function"]["arguments"])
    called = json.dumps({"args": [], "kwargs": given})
    with telemetry.span_of(f"{name}.tool", entity("tool", name, called)) as span:
        result = act()
        span.set_attribute("traceloop.entity.output", json.dumps(result))
        return result


def run(turn):
    called = json.dumps({"args": [turn.asked], "kwargs": {}})
    with telemetry.span_of(f"{desk.AGENT}.agent", entity("agent", desk.AGENT, called)) as span:
        answer = desk.talk(desk.open_client(turn), turn, watch_tool)
        span.set_attribute("traceloop.entity.output", json.dumps(answer))


desk.each_turn(run)
telemetry.traces.shutdown()
