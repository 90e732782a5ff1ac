// The second generation of the TypeScript SDK: asks for the stateless revision first, and gets it, whatever the server
// behind the gateway speaks.

import assert from "node:assert/strict";

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

import { authorization, check, endpoint, finish, walk } from "./checks.mjs";

const client = new Client({ name: "typescript-v2", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
const transport = new StreamableHTTPClientTransport(endpoint, { requestInit: { headers: authorization } });

await check("connects", async () => {
  await client.connect(transport);
  assert.equal(client.getServerVersion()?.name, "mcp-servers/everything");
  assert.equal(client.getNegotiatedProtocolVersion(), "2026-07-28");
});
await walk(client, { optionsOfCall: (options) => [options], hasPing: false });
await check("closes", async () => {
  await client.close();
});
finish();
