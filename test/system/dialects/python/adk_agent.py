"""Google's Agent Development Kit, whose model is a class that asks the simulated one."""

import asyncio
import json

import desk
import httpx
import telemetry
from google.adk.agents import LlmAgent
from google.adk.events import Event
from google.adk.models import BaseLlm, LlmResponse
from google.adk.runners import Runner
from google.adk.sessions import InMemorySessionService
from google.genai import types

telemetry.start()


class SimulatedLlm(BaseLlm):
    base_url: str

    async def generate_content_async(self, llm_request, stream=False):
        desk.pause()
        body = {"model": desk.MODEL, "messages": messages_of(llm_request), "tools": desk.DEFINITIONS}
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{self.base_url}/chat/completions", json=body)
        answer.raise_for_status()
        completion = answer.json()
        yield LlmResponse(
            content=types.Content(role="model", parts=parts_of(completion["choices"][0]["message"])),
            model_version=completion["model"],
            finish_reason=types.FinishReason.STOP,
            usage_metadata=types.GenerateContentResponseUsageMetadata(
                prompt_token_count=completion["usage"]["prompt_tokens"],
                candidates_token_count=completion["usage"]["completion_tokens"],
                total_token_count=completion["usage"]["total_tokens"],
            ),
        )


def parts_of(message):
    if message.get("content"):
        return [types.Part(text=message["content"])]
    return [
        types.Part(
            function_call=types.FunctionCall(
                id=call["id"],
                name=call["function"]["name"],
                args=json.loads(call["function"]["arguments"]),
            )
        )
        for call in message["tool_calls"]
    ]


def messages_of(llm_request):
    messages = [{"role": "system", "content": desk.SYSTEM}]
    for content in llm_request.contents:
        for part in content.parts:
            if part.text:
                role = "assistant" if content.role == "model" else "user"
                messages.append({"role": role, "content": part.text})
            elif part.function_response:
                response = part.function_response.response
                text = response.get("result", response.get("error", ""))
                messages.append({"role": "tool", "content": text, "tool_call_id": "-"})
            else:
                messages.append({"role": "assistant", "content": None})
    return messages


def told(*, tool, args, tool_context, error):
    """A tool that fails is told to the model, which goes on."""
    return {"error": str(error)}


async def asked(turn):
    agent = LlmAgent(
        name=desk.AGENT,
        model=SimulatedLlm(model=desk.MODEL, base_url=turn.base_url),
        instruction=desk.SYSTEM,
        tools=list(desk.TOOLS.values()),
        on_tool_error_callback=told,
    )
    sessions = InMemorySessionService()
    session = await sessions.create_session(
        app_name=desk.AGENT, user_id=desk.USER, session_id=desk.SESSION
    )
    for message in turn.before:
        is_user = message["role"] == "user"
        content = types.Content(
            role="user" if is_user else "model", parts=[types.Part(text=message["content"])]
        )
        await sessions.append_event(
            session, Event(author="user" if is_user else desk.AGENT, content=content)
        )
    runner = Runner(app_name=desk.AGENT, agent=agent, session_service=sessions)
    words = types.Content(role="user", parts=[types.Part(text=turn.asked)])
    async for _ in runner.run_async(
        user_id=desk.USER, session_id=desk.SESSION, new_message=words
    ):
        pass


desk.each_turn(lambda turn: asyncio.run(asked(turn)))
telemetry.traces.shutdown()
