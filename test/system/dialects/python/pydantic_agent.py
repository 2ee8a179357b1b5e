"""Pydantic AI, watched by Logfire; the loop, the tools and the spans are theirs."""

import asyncio

import desk
import logfire
from pydantic_ai import Agent, ModelRetry
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from openai import AsyncOpenAI

# It exports by itself, to OTEL_EXPORTER_OTLP_ENDPOINT.
logfire.configure(
    send_to_logfire=False,
    console=False,
    service_name="desk-service",
)
logfire.instrument_pydantic_ai()


def told(tool):
    """A tool that fails is told to the model in the way that Pydantic AI has for it."""

    def act(order: str) -> str:
        try:
            return tool(order)
        except RuntimeError as error:
            raise ModelRetry(str(error)) from error

    act.__name__, act.__doc__ = tool.__name__, tool.__doc__
    return act


def history(turn):
    parts = {
        "user": lambda text: ModelRequest(parts=[UserPromptPart(content=text)]),
        "assistant": lambda text: ModelResponse(parts=[TextPart(content=text)]),
    }
    return [parts[message["role"]](message["content"]) for message in turn.before]


def run(turn):
    client = AsyncOpenAI(base_url=turn.base_url, max_retries=0)
    agent = Agent(
        OpenAIChatModel(desk.MODEL, provider=OpenAIProvider(openai_client=client)),
        name=desk.AGENT,
        instructions=desk.SYSTEM,
        tools=[told(tool) for tool in desk.TOOLS.values()],
    )

    async def streamed():
        async with agent.run_stream(
            turn.asked, message_history=history(turn), conversation_id=desk.SESSION
        ) as result:
            async for _ in result.stream_text():
                pass

    if turn.is_streamed:
        return asyncio.run(streamed())
    return agent.run_sync(
        turn.asked, message_history=history(turn), conversation_id=desk.SESSION
    )


desk.each_turn(run)
logfire.force_flush()
