"""The same as observe.mjs, with the official Python client."""

import asyncio
import json
import os
import sys

import httpx2
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client

URL = os.environ["OSTIARY_MCP_URL"]
TOKEN = os.environ["OSTIARY_MCP_TOKEN"]
CALLS = json.loads(os.environ["OSTIARY_CALLS"])
IS_MODERN = os.environ["OSTIARY_ERA"] == "modern"


def plain(value):
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


async def see(step, look):
    try:
        saw = await look()
    except Exception as error:  # What kind of failure it is does matter, and nothing else of it.
        saw = {"error": getattr(getattr(error, "error", None), "code", type(error).__name__)}
    print(json.dumps({"step": step, "saw": saw}), flush=True)


async def sample(_context, _params):
    return types.CreateMessageResult(
        role="assistant", content=types.TextContent(type="text", text="hello"), model="none"
    )


async def elicit(_context, _params):
    return types.ElicitResult(action="decline")


async def look(client):
    async def server():
        return {**plain(client.server_info), "instructions": client.instructions}

    async def capabilities():
        return sorted(name for name in plain(client.server_capabilities) if name != "tasks")

    async def tools():
        listed = plain((await client.list_tools()).tools)
        return [{name: value for name, value in tool.items() if name != "execution"} for tool in listed]

    async def resources():
        return plain((await client.list_resources()).resources)

    async def templates():
        return plain((await client.list_resource_templates()).resource_templates)

    async def reads():
        listed = (await client.list_resources()).resources[:2]
        return [plain((await client.read_resource(str(resource.uri))).contents) for resource in listed]

    async def prompts():
        return plain((await client.list_prompts()).prompts)

    async def prompt():
        for listed in (await client.list_prompts()).prompts:
            if not any(argument.required for argument in listed.arguments or []):
                return plain((await client.get_prompt(listed.name)).messages)

    await see("server", server)
    await see("capabilities", capabilities)
    await see("tools", tools)
    if client.server_capabilities.resources:
        await see("resources", resources)
        await see("templates", templates)
        await see("reads", reads)
    if client.server_capabilities.prompts:
        await see("prompts", prompts)
        await see("prompt", prompt)
    for call in CALLS:

        async def called(call=call):
            steps = []

            async def on_progress(progress, total, _message):
                steps.append([progress, total])

            result = await client.call_tool(call["name"], call["args"], progress_callback=on_progress)
            saw = plain(result)
            return {
                "content": saw["content"],
                "structured": saw.get("structuredContent"),
                "isError": saw.get("isError", False),
                "steps": steps,
            }

        await see(f"calls {call['name']}", called)
    print(client.protocol_version, file=sys.stderr)


async def main():
    headers = {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}
    asked = {} if IS_MODERN else {"sampling_callback": sample, "elicitation_callback": elicit}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        transport = streamable_http_client(URL, http_client=http)
        async with Client(transport, mode="auto" if IS_MODERN else "legacy", **asked) as client:
            await look(client)


asyncio.run(main())
