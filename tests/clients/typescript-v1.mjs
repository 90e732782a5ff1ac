// The TypeScript SDK that most clients are built with: sessions, revisions up to 2025-11-25.

import assert from "node:assert/strict";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { authorization, check, endpoint, finish, walk } from "./checks.mjs";

const client = new Client({ name: "typescript-v1", version: "1.0.0" });
const transport = new StreamableHTTPClientTransport(endpoint, { requestInit: { headers: authorization } });

await check("connects", async () => {
  await client.connect(transport);
  assert.ok(transport.sessionId, "there is a session");
  assert.equal(client.getServerVersion()?.name, "mcp-servers/everything");
});
await walk(client, { optionsOfCall: (options) => [undefined, options] });
await check("ends its session", async () => {
  await transport.terminateSession();
  await client.close();
});
await check("is refused without a token", async () => {
  const stranger = new Client({ name: "typescript-v1", version: "1.0.0" });
  await assert.rejects(stranger.connect(new StreamableHTTPClientTransport(endpoint)));
});
finish();
