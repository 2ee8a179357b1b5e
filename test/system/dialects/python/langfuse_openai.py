"""Langfuse: its wrapper of openai, its observations of agents and tools, and its span processor."""

import json

import desk
import telemetry
from langfuse import Langfuse, propagate_attributes
from langfuse.openai import OpenAI

langfuse = Langfuse(
    public_key="pk-simulated",
    secret_key="sk-simulated",
    base_url="http://127.0.0.1:9",
    tracer_provider=telemetry.traces,
    span_exporter=telemetry.OTLPSpanExporter(),
)


def watch_tool(call, act):
    name, given = call["function"]["name"], json.loads(call["function"]["arguments"])
    with langfuse.start_as_current_observation(name=name, as_type="tool", input=given) as tool:
        try:
            result = act()
        except RuntimeError as error:
            tool.update(level="ERROR", status_message=str(error))
            raise
        tool.update(output=result)
        return result


def run(turn):
    client = OpenAI(base_url=turn.base_url, max_retries=0)
    with propagate_attributes(session_id=desk.SESSION, user_id=desk.USER):
        with langfuse.start_as_current_observation(
            name=desk.AGENT, as_type="agent", input=turn.asked
        ) as agent:
            answer = desk.talk(client, turn, watch_tool)
            agent.update(output=answer)


desk.each_turn(run)
langfuse.shutdown()
telemetry.traces.shutdown()
