// The second generation of the TypeScript SDK: asks for the stateless revision first, and falls back to sessions.

import assert from "node:assert/strict";

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

import { authorization, check, endpoint, finish, walk } from "./checks.mjs";

const client = new Client({ name: "typescript-v2", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
const transport = new StreamableHTTPClientTransport(endpoint, { requestInit: { headers: authorization } });

await check("connects", async () => {
  await client.connect(transport);
  assert.equal(client.getServerVersion()?.name, "mcp-servers/everything");
});
await walk(client, { optionsOfCall: (options) => [options] });
await check("closes", async () => {
  await client.close();
});
finish();
