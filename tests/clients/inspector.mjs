// The MCP Inspector's command line: one process and one session a call.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { assertDenied, assertLimited, check, endpoint, finish, token } from "./checks.mjs";

const run = promisify(execFile);
const launcher = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json")),
  "clients/launcher/build/index.js",
);
// Its catalogue and its store of tokens are kept away from the person's own.
const home = await mkdtemp(join(tmpdir(), "inspector-"));

async function inspect(...args) {
  const command = [launcher, "--cli", endpoint.href, "--transport", "http", "--header", `Authorization: Bearer ${token}`];
  const env = { ...process.env, HOME: home };
  try {
    const { stdout } = await run(process.execPath, [...command, "--format", "json", "-q", ...args], { env, timeout: 30_000 });
    return unwrapped(stdout);
  } catch (error) {
    // A result that says it is an error has an exit code of its own; the result is printed all the same.
    if (error.stdout) return unwrapped(error.stdout);
    throw error;
  }
}

function unwrapped(text) {
  const answer = JSON.parse(text);
  return answer.result ?? answer;
}

const call = (name, args) =>
  inspect("--method", "tools/call", "--tool-name", name, "--tool-args-json", JSON.stringify(args));

await check("lists the permitted tools only", async () => {
  const names = (await inspect("--method", "tools/list")).tools.map((tool) => tool.name);
  assert.ok(names.includes("echo") && !names.includes("get-env"), names.join());
});
await check("calls a tool", async () => {
  assert.match((await call("get-sum", { a: 19, b: 23 })).content[0].text, /42/);
});
await check("reads a resource", async () => {
  const { resources } = await inspect("--method", "resources/list");
  assert.ok((await inspect("--method", "resources/read", "--uri", resources[0].uri)).contents.length > 0);
});
await check("gets a prompt", async () => {
  assert.ok((await inspect("--method", "prompts/get", "--prompt-name", "simple-prompt")).messages.length > 0);
});
await check("is refused a denied tool", async () => {
  assertDenied(await call("get-tiny-image", {}), "denied");
});
await check("is refused the eleventh call within a minute", async () => {
  for (let count = 1; count <= 10; count += 1) {
    assert.ok(!(await call("echo", { message: `call ${count}` })).isError, `call ${count}`);
  }
  assertLimited(await call("echo", { message: "call 11" }));
});
await rm(home, { recursive: true });
finish();
