"""An MCP server with the desk's tools and a client of it in one process; both sides write their own spans."""

import asyncio
import logging

import desk
import telemetry
from mcp import Client
from mcp.server.mcpserver import MCPServer

logging.disable(logging.CRITICAL)
telemetry.start()
server = MCPServer("desk-tools")
for tool in desk.TOOLS.values():
    server.tool()(tool)


async def run():
    attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": desk.AGENT,
        "gen_ai.conversation.id": desk.SESSION,
        "user.id": desk.USER,
    }
    async with Client(server) as client:
        with telemetry.span_of(f"invoke_agent {desk.AGENT}", attributes):
            for name in ("lookup_order", "track_parcel"):
                desk.pause()
                await client.call_tool(name, {"order": "A-1234"})


asyncio.run(run())
telemetry.traces.shutdown()
