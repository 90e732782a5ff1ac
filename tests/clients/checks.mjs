// Checks in a row, one line each; the process fails when one of them does.

import assert from "node:assert/strict";

export const endpoint = new URL(need("OSTIARY_MCP_URL"));
export const token = need("OSTIARY_MCP_TOKEN");
export const authorization = { Authorization: `Bearer ${token}` };

let passed = 0;
let failed = 0;

function need(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

/** Runs one check. Those after it run even when it fails. */
export async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok ${name}\n${error.stack ?? error}`);
  }
}

/** Prints the closing line and sets the exit code. */
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** A result that the policy refused: readable by a model, and by a machine. */
export function assertDenied(result, code) {
  assert.equal(result.isError, true);
  assert.match(result.content[0].text, /^\[POLICY DENIED\] /);
  const decision = result._meta?.["ostiary/decision"];
  assert.equal(decision?.code, code);
  return decision;
}

/** A refusal by a limit says when to try again. */
export function assertLimited(result) {
  const decision = assertDenied(result, "limit_exceeded");
  assert.ok(decision.retry_after_ms > 0 && decision.retry_after_ms <= 60_000, `retry after ${decision.retry_after_ms}`);
  assert.equal(decision.rule, "/tools/echo/limits/0");
  assert.deepEqual(
    { max: decision.limit.max, used: decision.limit.used, window: decision.limit.window },
    { max: 10, used: 10, window: "minute" },
  );
}

/**
 * What every client of the TypeScript SDK goes through; both of its generations have these methods.
 * `optionsOfCall` puts options where the generation wants them: behind a schema, or alone. There are no pings in the
 * stateless revision.
 */
export async function walk(client, { optionsOfCall, hasPing = true }) {
  await check("lists the permitted tools only", async () => {
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    assert.ok(names.includes("echo") && names.includes("get-sum"), names.join());
    assert.ok(names.includes("get-tiny-image"), "a tool that is denied outright stays visible");
    assert.ok(!names.includes("get-env"), "a hidden tool is not listed");
  });
  await check("calls a tool", async () => {
    const result = await client.callTool({ name: "get-sum", arguments: { a: 19, b: 23 } });
    assert.ok(!result.isError);
    assert.match(result.content[0].text, /42/);
  });
  await check("is refused a call that breaks a condition", async () => {
    assertDenied(await client.callTool({ name: "get-sum", arguments: { a: 1001, b: 1 } }), "deny_if");
  });
  await check("is refused a denied tool with its reason", async () => {
    const result = await client.callTool({ name: "get-tiny-image", arguments: {} });
    assertDenied(result, "denied");
    assert.match(result.content[0].text, /No pictures here/);
  });
  await check("is told that a hidden tool is not available", async () => {
    assertDenied(await client.callTool({ name: "get-env", arguments: {} }), "unavailable");
  });
  await check("reads a resource", async () => {
    const { resources } = await client.listResources();
    assert.ok(resources.length > 0);
    const { contents } = await client.readResource({ uri: resources[0].uri });
    assert.ok(contents[0].text.length > 0);
  });
  await check("gets a prompt", async () => {
    const { prompts } = await client.listPrompts();
    assert.ok(prompts.some((prompt) => prompt.name === "simple-prompt"));
    const { messages } = await client.getPrompt({ name: "simple-prompt" });
    assert.ok(messages.length > 0);
  });
  await check("sees progress while a call runs", async () => {
    const seen = [];
    const result = await client.callTool(
      { name: "trigger-long-running-operation", arguments: { duration: 0.6, steps: 3 } },
      ...optionsOfCall({ onprogress: (progress) => seen.push(progress.progress) }),
    );
    assert.ok(!result.isError);
    assert.ok(seen.length >= 2, `saw ${seen.length}`);
  });
  await check("is refused the eleventh call within a minute", async () => {
    for (let call = 1; call <= 10; call += 1) {
      const result = await client.callTool({ name: "echo", arguments: { message: `call ${call}` } });
      assert.ok(!result.isError, `call ${call}: ${result.content[0]?.text}`);
      assert.match(result.content[0].text, new RegExp(`call ${call}$`));
    }
    assertLimited(await client.callTool({ name: "echo", arguments: { message: "call 11" } }));
  });
  if (!hasPing) return;
  await check("pings", async () => {
    await client.ping();
  });
}
