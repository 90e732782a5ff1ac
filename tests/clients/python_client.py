"""The Python SDK through the gateway; see README.md beside this file."""

import asyncio
import os
import sys
import traceback

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

URL = os.environ["OSTIARY_MCP_URL"]
TOKEN = os.environ["OSTIARY_MCP_TOKEN"]

passed = 0
failed = 0


async def check(name, body):
    """Runs one check. Those after it run even when it fails."""
    global passed, failed
    try:
        await body()
        passed += 1
        print(f"ok {name}")
    except Exception:
        failed += 1
        print(f"not ok {name}\n{traceback.format_exc()}")


def decision_of(result):
    assert result.is_error, "the result says it is an error"
    assert result.content[0].text.startswith("[POLICY DENIED] "), result.content[0].text
    return result.meta["ostiary/decision"]


async def walk(client):
    async def lists():
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert "echo" in names and "get-sum" in names, names
        assert "get-tiny-image" in names, "a tool that is denied outright stays visible"
        assert "get-env" not in names, "a hidden tool is not listed"

    async def calls():
        result = await client.call_tool("get-sum", {"a": 19, "b": 23})
        assert not result.is_error and "42" in result.content[0].text, result

    async def breaks_a_condition():
        assert decision_of(await client.call_tool("get-sum", {"a": 1001, "b": 1}))["code"] == "deny_if"

    async def is_denied():
        result = await client.call_tool("get-tiny-image", {})
        assert decision_of(result)["code"] == "denied"
        assert "No pictures here" in result.content[0].text

    async def is_hidden():
        assert decision_of(await client.call_tool("get-env", {}))["code"] == "unavailable"

    async def reads():
        resources = (await client.list_resources()).resources
        contents = (await client.read_resource(str(resources[0].uri))).contents
        assert contents[0].text

    async def prompts():
        names = [prompt.name for prompt in (await client.list_prompts()).prompts]
        assert "simple-prompt" in names, names
        assert (await client.get_prompt("simple-prompt")).messages

    async def progresses():
        seen = []

        async def on_progress(progress, _total, _message):
            seen.append(progress)

        result = await client.call_tool(
            "trigger-long-running-operation", {"duration": 0.6, "steps": 3}, progress_callback=on_progress
        )
        assert not result.is_error
        assert len(seen) >= 2, seen

    async def is_limited():
        for call in range(1, 11):
            result = await client.call_tool("echo", {"message": f"call {call}"})
            assert not result.is_error, result
        decision = decision_of(await client.call_tool("echo", {"message": "call 11"}))
        assert decision["code"] == "limit_exceeded", decision
        assert 0 < decision["retry_after_ms"] <= 60_000, decision
        assert decision["limit"]["max"] == 10 and decision["limit"]["used"] == 10, decision

    await check("lists the permitted tools only", lists)
    await check("calls a tool", calls)
    await check("is refused a call that breaks a condition", breaks_a_condition)
    await check("is refused a denied tool with its reason", is_denied)
    await check("is told that a hidden tool is not available", is_hidden)
    await check("reads a resource", reads)
    await check("gets a prompt", prompts)
    await check("sees progress while a call runs", progresses)
    await check("is refused the eleventh call within a minute", is_limited)


async def main():
    async def connects_and_walks():
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30) as http:
            async with Client(streamable_http_client(URL, http_client=http)) as client:
                assert client.server_info.name == "mcp-servers/everything", client.server_info
                await walk(client)

    await check("connects", connects_and_walks)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


asyncio.run(main())
