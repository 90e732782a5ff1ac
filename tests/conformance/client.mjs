// The reference client: the official SDK, doing at the suite's server what its client scenarios want to see. With
// `OSTIARY_API` it goes through a gateway: the suite's server becomes an upstream there, under a policy that allows all.

import { randomUUID } from "node:crypto";

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const upstream = process.argv.at(-1);
const isModern = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION === "2026-07-28";
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}");

/** Registers the upstream with the gateway and mints a grant for it. */
async function throughGateway(api) {
  const post = async (path, body) => {
    const headers = { authorization: `Bearer ${process.env.OSTIARY_API_KEY}`, "content-type": "application/json" };
    const answer = await fetch(`${api}/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (answer.status !== 201) throw new Error(`${path} is answered with ${answer.status}: ${text}`);
    return JSON.parse(text);
  };
  const name = `suite-${randomUUID().slice(0, 8)}`;
  const server = await post("/servers", { slug: name, name, url: upstream });
  const document = { version: "1", default: "allow" };
  const policy = await post("/policies", { server_id: server.id, name, document });
  const bindings = [{ server_id: server.id, policy_id: policy.id }];
  const minted = await post("/grants", { label: name, bindings });
  return [minted.grant.bindings[0].gateway_url, { authorization: `Bearer ${minted.token}` }];
}

/** The calls that the scenario wants of a tool; one without arguments where it says nothing. */
function callsOf(tool, tools) {
  const wanted = context.toolCalls?.filter((call) => call.name === tool.name);
  if (wanted?.length > 0) return wanted;
  if (tool.name === "add_numbers") return [{ name: tool.name, arguments: { a: 5, b: 3 } }];
  if (tool.inputSchema.properties?.schema !== undefined) {
    const described = tools.find((other) => other.name.startsWith("json_schema"));
    return [{ name: tool.name, arguments: { schema: described.inputSchema } }];
  }
  return [{ name: tool.name, arguments: {} }];
}

const client = new Client(
  { name: "ostiary-reference-client", version: "1.0.0" },
  {
    capabilities: { elicitation: { form: { applyDefaults: true } } },
    versionNegotiation: { mode: isModern ? "auto" : "legacy" },
  },
);
client.setRequestHandler("elicitation/create", async ({ params }) => {
  // A person who leaves a form as it is accepts its defaults; what has none is confirmed.
  const fields = Object.entries(params.requestedSchema?.properties ?? {});
  const needed = fields.filter(([, field]) => field.default === undefined);
  return { action: "accept", content: Object.fromEntries(needed.map(([name]) => [name, true])) };
});

const [url, headers] = process.env.OSTIARY_API ? await throughGateway(process.env.OSTIARY_API) : [upstream, {}];
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
const { tools } = await client.listTools();
const calls = tools.flatMap((tool) => callsOf(tool, tools));
const answers = await Promise.allSettled(calls.map((call) => client.callTool(call)));
for (const { reason } of answers) if (reason !== undefined) console.error(String(reason));
const offers = client.getServerCapabilities() ?? {};
if (offers.resources) {
  const { resources } = await client.listResources();
  for (const { uri } of resources) await client.readResource({ uri });
  // A gateway before a server asks for these, too; a server may have none.
  await client.listResourceTemplates().catch(() => undefined);
}
if (offers.prompts) {
  const { prompts } = await client.listPrompts();
  for (const { name } of prompts) await client.getPrompt({ name });
}
await client.close();
