"""The agent that every package watches: what it is asked, its tools, and its loop on the openai package."""

import json
import os
import time
from types import SimpleNamespace

AGENT, MODEL, SESSION, USER = "desk", "gpt-sim", "session-1", "user-1"
SYSTEM = "You are the desk of a shop. Use your tools."
MODEL_URL = os.environ["OPENAI_BASE_URL"]
REFUND, REFUNDED = "Please refund order A-1234.", "Order A-1234 has been refunded."

# Two turns of one conversation, the second streamed and with a tool that fails, and a model that is not there.
TURNS = [
    SimpleNamespace(name="tools", before=[], asked=REFUND, is_streamed=False, base_url=MODEL_URL),
    SimpleNamespace(
        name="stream",
        before=[{"role": "user", "content": REFUND}, {"role": "assistant", "content": REFUNDED}],
        asked="Where is my parcel B-77?",
        is_streamed=True,
        base_url=MODEL_URL,
    ),
    SimpleNamespace(
        name="error", before=[], asked=REFUND, is_streamed=False, base_url=f"{MODEL_URL}/nowhere"
    ),
]


def pause():
    """Spans that follow one another start so far apart that no clock puts them the other way round."""
    time.sleep(0.005)


def lookup_order(order: str) -> str:
    """Reads an order"""
    pause()
    return '{"status":"delivered"}'


def refund_order(order: str) -> str:
    """Pays an order back"""
    pause()
    return '{"refunded":true}'


def track_parcel(order: str) -> str:
    """Says where a parcel is"""
    pause()
    raise RuntimeError("503 the parcel service is away")


TOOLS = {tool.__name__: tool for tool in (lookup_order, refund_order, track_parcel)}
PARAMETERS = {
    "type": "object",
    "properties": {"order": {"type": "string"}},
    "required": ["order"],
}
DEFINITIONS = [
    {
        "type": "function",
        "function": {"name": name, "description": tool.__doc__, "parameters": PARAMETERS},
    }
    for name, tool in TOOLS.items()
]


def each_turn(run):
    """Every turn after the other; one that fails has done so within its spans."""
    for turn in TURNS:
        try:
            run(turn)
        except Exception:
            if turn.name != "error":
                raise


def talk(client, turn, watch_tool):
    """Asks the model until it answers, and calls the tools that it asks for by watch_tool(call, act)."""
    messages = [
        {"role": "system", "content": SYSTEM},
        *turn.before,
        {"role": "user", "content": turn.asked},
    ]
    while True:
        pause()
        message = (streamed if turn.is_streamed else asked)(client, messages)
        calls = message.get("tool_calls")
        if not calls:
            return message["content"]
        messages.append(message)
        for call in calls:
            messages.append(
                {"role": "tool", "tool_call_id": call["id"], "content": result_of(call, watch_tool)}
            )


def asked(client, messages):
    completion = client.chat.completions.create(
        model=MODEL, messages=messages, tools=DEFINITIONS
    )
    message = completion.choices[0].message.model_dump(exclude_none=True)
    return {key: message[key] for key in ("role", "content", "tool_calls") if key in message}


def streamed(client, messages):
    chunks = client.chat.completions.create(
        model=MODEL,
        messages=messages,
        tools=DEFINITIONS,
        stream=True,
        stream_options={"include_usage": True},
    )
    content, calls = "", []
    for chunk in chunks:
        for choice in chunk.choices:
            content += choice.delta.content or ""
            for call in choice.delta.tool_calls or []:
                calls.append(call.model_dump(include={"id": True, "type": True, "function": True}))
    message = {"role": "assistant"}
    return {**message, "tool_calls": calls} if calls else {**message, "content": content}


def result_of(call, watch_tool):
    """A tool that fails is told to the model, which goes on."""
    name, given = call["function"]["name"], json.loads(call["function"]["arguments"])
    try:
        return watch_tool(call, lambda: TOOLS[name](**given))
    except RuntimeError as error:
        return str(error)


def open_client(turn):
    from openai import OpenAI

    return OpenAI(base_url=turn.base_url, max_retries=0)
