"""Talks with `recount mcp` by the client of the protocol's official Python SDK.

    pip install mcp
    python examples/mcp_client.py target/release/recount try.db

Makes the transcript of docs/agents.md, on a memory into which tests/fixtures/garden.md was imported.
"""
import asyncio
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

CALLS = [
    ("ask", {"question": "What did Jonas repair?"}),
    ("search", {"query": "greyhound", "limit": 1}),
    ("read_session", {"turn": 2, "before": 1, "after": 1}),
    ("remember", {"text": "Mira's greyhound Pepper turned three on 7 May 2026."}),
    ("list_sessions", {}),
    ("search", {"query": "x", "since": "soon"}),
]


async def main(program, memory):
    server = StdioServerParameters(command=program, args=["--db", memory, "mcp"])
    async with stdio_client(server) as pipes, ClientSession(*pipes) as session:
        about = await session.initialize()
        print(f"server: {about.server_info.name} {about.server_info.version}, protocol {about.protocol_version}")
        print("tools:", ", ".join(tool.name for tool in (await session.list_tools()).tools))
        for tool, arguments in CALLS:
            result = await session.call_tool(tool, arguments)
            print(f"\n{tool} {arguments}{'  -> error' if result.is_error else ''}")
            print(result.content[0].text.rstrip())
        print("\nresources:", ", ".join(str(one.uri) for one in (await session.list_resources()).resources))


asyncio.run(main(*sys.argv[1:3]))
