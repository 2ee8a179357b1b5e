"""OpenTelemetry's instrumentation of openai; the agent's own spans in the words of the GenAI conventions."""

import desk
import telemetry
from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

telemetry.start()
logs = telemetry.open_logs()
OpenAIInstrumentor().instrument(tracer_provider=telemetry.traces, logger_provider=logs)


def watch_tool(call, act):
    name = call["function"]["name"]
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": name,
        "gen_ai.tool.call.id": call["id"],
        "gen_ai.tool.call.arguments": call["function"]["arguments"],
    }
    with telemetry.span_of(f"execute_tool {name}", attributes) as span:
        result = act()
        span.set_attribute("gen_ai.tool.call.result", result)
        return result


def run(turn):
    attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": desk.AGENT,
        "gen_ai.conversation.id": desk.SESSION,
        "user.id": desk.USER,
    }
    with telemetry.span_of(f"invoke_agent {desk.AGENT}", attributes):
        return desk.talk(desk.open_client(turn), turn, watch_tool)


desk.each_turn(run)
telemetry.traces.shutdown()
logs.shutdown()
