// Goes through every feature of the protocol in one era, OSTIARY_ERA, and says what it saw: one JSON line a feature. What
// it sees is compared, so nothing in it depends on the time or on who is asked. At the account's endpoint names begin with
// the server, OSTIARY_SERVER; they are said as the server has them.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const isModern = process.env.OSTIARY_ERA === "modern";
const token = process.env.OSTIARY_MCP_TOKEN;
const server = process.env.OSTIARY_SERVER;
const PATIENCE = 5_000;

const named = (name) => (server ? `${server}__${name}` : name);
const placed = (uri) => (server ? `ostiary+${server}:${uri}` : uri);
const bare = (text) => (!server ? text : [placed(""), named("")].reduce((text, own) => text.replace(own, ""), `${text}`));

const client = new Client(
  { name: "features", version: "1.0.0" },
  {
    capabilities: { elicitation: {}, sampling: {}, roots: {} },
    versionNegotiation: { mode: isModern ? { pin: "2026-07-28" } : "legacy" },
  },
);
const logged = [];
const updated = [];
let changes = 0;
client.setRequestHandler("elicitation/create", async () => ({ action: "accept", content: { colour: "blue" } }));
client.setRequestHandler("sampling/createMessage", async () => ({
  model: "none",
  role: "assistant",
  content: { type: "text", text: "hello" },
}));
client.setRequestHandler("roots/list", async () => ({ roots: [{ uri: "file:///home" }] }));
client.setNotificationHandler("notifications/message", ({ params }) => void logged.push(params.data));
client.setNotificationHandler("notifications/resources/updated", ({ params }) => void updated.push(bare(params.uri)));
client.setNotificationHandler("notifications/tools/list_changed", () => void (changes += 1));

/** The first value that is one, asked for again and again. */
async function until(ask) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const value = await ask();
    if (value || Date.now() > end) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const call = (name, args = {}, options = {}, meta = undefined) =>
  client.callTool({ name: named(name), arguments: args, ...(meta && { _meta: meta }) }, { timeout: PATIENCE, ...options });
const said = (result) => result.content[0].text;

async function see(feature, look) {
  let saw;
  try {
    saw = await look();
  } catch (error) {
    saw = { error: error.code ?? error.message };
  }
  console.log(JSON.stringify({ feature, saw }));
}

await client.connect(
  new StreamableHTTPClientTransport(new URL(process.env.OSTIARY_MCP_URL), {
    requestInit: token ? { headers: { Authorization: `Bearer ${token}` } } : undefined,
  }),
);

await see("discovery", () => {
  // The account's endpoint is a server of its own, and says what those behind it say.
  if (server) return client.getInstructions().includes("Be kind.") ? "of several servers" : client.getInstructions();
  return { server: client.getServerVersion(), instructions: client.getInstructions() };
});
await see("tools", async () => {
  const { tools } = await client.listTools();
  return { names: tools.map((tool) => bare(tool.name)), sum: said(await call("add", { a: 19, b: 23 })) };
});
await see("tool errors", async () => {
  const result = await call("fail");
  return { isError: result.isError, said: said(result) };
});
await see("large results", async () => said(await call("large")).length);
await see("resources", async () => {
  const { resources } = await client.listResources();
  const { resourceTemplates } = await client.listResourceTemplates();
  const { contents } = await client.readResource({ uri: placed("note://one") });
  // The eras have different codes for what is not there, and servers of the older one use both.
  const code = await client.readResource({ uri: placed("note://two") }).catch((error) => error.code);
  const missing = code === -32602 || code === -32002;
  const uris = [...resources.map(({ uri }) => uri), ...resourceTemplates.map(({ uriTemplate }) => uriTemplate)];
  return { uris: uris.map(bare), read: contents[0].text, of: bare(contents[0].uri), missing };
});
await see("resources in results", async () => {
  const { content } = await call("links");
  const [link, { resource }] = content;
  return [bare(link.uri), bare(resource.uri), resource.text.length, new URL(link.uri).protocol !== "note:" || !server];
});
await see("prompts", async () => {
  const { prompts } = await client.listPrompts();
  const { messages } = await client.getPrompt({ name: named("greet"), arguments: { name: "Ann" } });
  return { names: prompts.map(({ name }) => bare(name)), message: messages[0].content.text };
});
await see("completion", async () => {
  const params = { ref: { type: "ref/resource", uri: placed("note://all/{id}") }, argument: { name: "id", value: "al" } };
  return (await client.complete(params)).completion.values;
});
await see("progress", async () => {
  const steps = [];
  await call("steps", {}, { onprogress: ({ progress }) => steps.push(progress) });
  return steps;
});
await see("logging", async () => {
  if (!isModern) await client.setLoggingLevel("warning");
  await call("log", {}, {}, isModern ? { "io.modelcontextprotocol/logLevel": "warning" } : undefined);
  return logged;
});
await see("cancellation", async () => {
  const before = Number(said(await call("cancelled")));
  const controller = new AbortController();
  const waiting = call("wait", {}, { signal: controller.signal }).then(
    () => "answered",
    () => "given up",
  );
  setTimeout(() => controller.abort(), 300);
  const outcome = await waiting;
  return { outcome, seen: await until(async () => Number(said(await call("cancelled"))) > before) };
});
await see("list changes", async () => {
  const listening = isModern ? await client.listen({ toolsListChanged: true }) : undefined;
  const seen = await until(async () => {
    await call("change");
    return changes > 0;
  });
  await listening?.close();
  return seen;
});
await see("resource updates", async () => {
  if (!client.getServerCapabilities().resources?.subscribe) return "cannot";
  const uri = placed("note://one");
  const listening = isModern ? await client.listen({ resourceSubscriptions: [uri] }) : await client.subscribeResource({ uri });
  await until(async () => {
    await call("touch");
    return updated.length > 0;
  });
  await (isModern ? listening.close() : client.unsubscribeResource({ uri }));
  return updated[0];
});
await see("resumption", async () => said(await call("pause")));
for (const [feature, name] of [
  ["elicitation", "elicit"],
  ["sampling", "sample"],
  ["roots", "roots"],
]) {
  await see(feature, async () => {
    const result = await call(name);
    return result.isError ? "cannot" : JSON.parse(said(result));
  });
}
await client.close();
process.exit(0);
