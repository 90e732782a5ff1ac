// Says what an official TypeScript client sees of a server: its lists, its resources and prompts, and the answers to the
// calls of OSTIARY_CALLS. One JSON line a step. OSTIARY_SDK is the generation of the SDK, OSTIARY_ERA the era that it
// asks for; a modern client falls back to sessions where the server knows nothing else. Long-running tasks are left out:
// the gateway does not carry them, and the newest revision has none of that kind.

import * as v2 from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { CreateMessageRequestSchema, ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const isFirst = process.env.OSTIARY_SDK === "v1";
const isModern = process.env.OSTIARY_ERA === "modern";
const token = process.env.OSTIARY_MCP_TOKEN;
const calls = JSON.parse(process.env.OSTIARY_CALLS);

const say = (step, saw) => console.log(JSON.stringify({ step, saw }));

async function see(step, look) {
  try {
    say(step, await look());
  } catch (error) {
    say(step, { error: error.code ?? error.message });
  }
}

// Only a client with a session can be asked by every server; the tools that a server lists may depend on it. Not for its
// roots: a server behind the bridge asks when nobody may listen yet, so that it is a matter of milliseconds what it knows.
const capabilities = isModern ? {} : { elicitation: {}, sampling: {} };
const info = { name: "observer", version: "1.0.0" };
const client = isFirst
  ? new ClientV1(info, { capabilities })
  : new v2.Client(info, { capabilities, versionNegotiation: { mode: isModern ? "auto" : "legacy" } });
if (!isModern) {
  const answers = {
    "elicitation/create": [ElicitRequestSchema, async () => ({ action: "decline" })],
    "sampling/createMessage": [
      CreateMessageRequestSchema,
      async () => ({ model: "none", role: "assistant", content: { type: "text", text: "hello" } }),
    ],
  };
  for (const [method, [schema, answer]] of Object.entries(answers)) {
    client.setRequestHandler(isFirst ? schema : method, answer);
  }
}

const Transport = isFirst ? TransportV1 : v2.StreamableHTTPClientTransport;
const transport = new Transport(new URL(process.env.OSTIARY_MCP_URL), {
  requestInit: token ? { headers: { Authorization: `Bearer ${token}` } } : undefined,
});
await client.connect(transport);

await see("server", () => ({ ...client.getServerVersion(), instructions: client.getInstructions() }));
await see("capabilities", () => Object.keys(client.getServerCapabilities()).filter((name) => name !== "tasks").sort());
await see("tools", async () => (await client.listTools()).tools.map(({ execution, ...tool }) => tool));
const has = (capability) => capability in (client.getServerCapabilities() ?? {});
if (has("resources")) {
  await see("resources", async () => (await client.listResources()).resources);
  await see("templates", async () => (await client.listResourceTemplates()).resourceTemplates);
  await see("reads", async () => {
    const { resources } = await client.listResources();
    return Promise.all(resources.slice(0, 2).map(async ({ uri }) => (await client.readResource({ uri })).contents));
  });
}
if (has("prompts")) {
  await see("prompts", async () => (await client.listPrompts()).prompts);
  await see("prompt", async () => {
    const { prompts } = await client.listPrompts();
    const free = prompts.find((prompt) => !prompt.arguments?.some(({ required }) => required));
    return free && (await client.getPrompt({ name: free.name, arguments: {} })).messages;
  });
}
for (const { name, args } of calls) {
  await see(`calls ${name}`, async () => {
    const steps = [];
    const options = { onprogress: ({ progress, total }) => steps.push([progress, total]), timeout: 20_000 };
    const params = { name, arguments: args };
    const result = await (isFirst ? client.callTool(params, undefined, options) : client.callTool(params, options));
    return { content: result.content, structured: result.structuredContent, isError: result.isError ?? false, steps };
  });
}
if (!isFirst) console.error(client.getNegotiatedProtocolVersion());
if (!isModern) await transport.terminateSession();
await client.close();
// What was said may be more than a pipe takes at once.
process.stdout.write("", () => process.exit(0));
