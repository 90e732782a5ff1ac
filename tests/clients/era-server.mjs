// A server that speaks one era only, OSTIARY_ERA, with the same features in both. Prints its URL when it listens.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import {
  createMcpHandler,
  fromJsonSchema,
  inputRequired,
  isInitializeRequest,
  McpServer,
  ResourceTemplate,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";

import { Events } from "../conformance/events.mjs";

const isModern = process.env.OSTIARY_ERA === "modern";
let cancelled = 0;

const text = (text) => ({ content: [{ type: "text", text: String(text) }] });
const schema = (properties) => fromJsonSchema({ type: "object", properties, required: Object.keys(properties) });

const QUESTIONS = {
  elicit: {
    method: "elicitation/create",
    params: {
      message: "Which colour?",
      requestedSchema: { type: "object", properties: { colour: { type: "string" } }, required: ["colour"] },
    },
  },
  sample: {
    method: "sampling/createMessage",
    params: { messages: [{ role: "user", content: { type: "text", text: "Say hello" } }], maxTokens: 10 },
  },
  roots: { method: "roots/list", params: {} },
};

function offer({ changed, updated }) {
  const server = new McpServer(
    { name: "one-era", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
      instructions: "Be kind.",
    },
  );
  const add = (name, properties, call) =>
    server.registerTool(name, { description: `The tool ${name}.`, inputSchema: schema(properties) }, call);
  add("add", { a: { type: "number" }, b: { type: "number" } }, async ({ a, b }) => text(a + b));
  add("fail", {}, async () => ({ ...text("it failed"), isError: true }));
  add("large", {}, async () => text("x".repeat(300_000)));
  add("steps", {}, async (_, context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of [1, 2, 3]) {
      await context.mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total: 3 } });
      await sleep(20);
    }
    return text("done");
  });
  add("log", {}, async (_, context) => {
    await context.mcpReq.notify({ method: "notifications/message", params: { level: "warning", data: "a warning" } });
    return text("logged");
  });
  add("wait", {}, async (_, context) => {
    await new Promise((resolve) => context.mcpReq.signal.addEventListener("abort", resolve, { once: true }));
    cancelled += 1;
    return text("too late");
  });
  add("cancelled", {}, async () => text(cancelled));
  const note = { uri: "note://one", mimeType: "text/plain", text: "y".repeat(300_000) };
  add("links", {}, async () => ({
    content: [
      { type: "resource_link", uri: "note://all/alpha", name: "alpha" },
      { type: "resource", resource: note },
    ],
  }));
  add("pause", {}, async (_, context) => {
    // A server of sessions may end the stream of a request at any time, and the client comes back for the rest.
    context.http?.closeSSE?.();
    await sleep(100);
    return text("resumed");
  });
  add("touch", {}, async () => {
    updated(server);
    return text("touched");
  });
  add("change", {}, async () => {
    changed(server);
    return text("changed");
  });
  for (const [name, question] of Object.entries(QUESTIONS)) {
    add(name, {}, async (_, context) => {
      if (!isModern) return text(JSON.stringify(await context.mcpReq.send(question)));
      const answer = context.mcpReq.inputResponses?.q;
      return answer === undefined ? inputRequired({ inputRequests: { q: question } }) : text(JSON.stringify(answer));
    });
  }
  server.registerResource("note", "note://one", { mimeType: "text/plain" }, async () => ({
    contents: [{ uri: "note://one", mimeType: "text/plain", text: "first" }],
  }));
  const template = new ResourceTemplate("note://all/{id}", {
    list: undefined,
    complete: { id: (value) => ["alpha", "beta"].filter((id) => id.startsWith(value)) },
  });
  server.registerResource("notes", template, {}, async (uri, { id }) => ({ contents: [{ uri: uri.href, text: id }] }));
  server.registerPrompt("greet", { argsSchema: schema({ name: { type: "string" } }) }, async ({ name }) => ({
    messages: [{ role: "user", content: { type: "text", text: `Greet ${name}` } }],
  }));
  if (!isModern) {
    server.server.setRequestHandler("resources/subscribe", async ({ params }) => {
      subscribed.add(params.uri);
      return {};
    });
    server.server.setRequestHandler("resources/unsubscribe", async ({ params }) => {
      subscribed.delete(params.uri);
      return {};
    });
  }
  return server;
}

const subscribed = new Set();
const sessions = new Map();

async function legacy(request, body) {
  const id = request.headers.get("mcp-session-id");
  const refuse = (status) =>
    Response.json({ jsonrpc: "2.0", id: null, error: { code: -32000, message: "no session" } }, { status });
  if (id !== null) return sessions.get(id)?.handleRequest(request, { parsedBody: body }) ?? refuse(404);
  if (!isInitializeRequest(body)) return refuse(400);
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    eventStore: new Events(),
    retryInterval: 50,
  });
  const server = offer({
    changed: (server) => server.sendToolListChanged(),
    updated: ({ server }) => subscribed.has("note://one") && server.sendResourceUpdated({ uri: "note://one" }),
  });
  await server.connect(transport);
  return transport.handleRequest(request, { parsedBody: body });
}

const modern = createMcpHandler(
  () =>
    offer({
      changed: () => modern.notify.toolsChanged(),
      updated: () => modern.notify.resourceUpdated("note://one"),
    }),
  { legacy: "reject" },
);

const http = createServer(async (incoming, outgoing) => {
  const parts = [];
  for await (const part of incoming) parts.push(part);
  const text = Buffer.concat(parts).toString("utf8");
  const left = new AbortController();
  outgoing.on("close", () => left.abort());
  const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method,
    headers: incoming.headers,
    body: text === "" ? undefined : text,
    signal: left.signal,
  });
  const response = isModern ? await modern.fetch(request) : await legacy(request, text === "" ? undefined : JSON.parse(text));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.flushHeaders();
  if (response.body === null) return outgoing.end();
  const body = Readable.fromWeb(response.body);
  outgoing.on("close", () => body.destroy());
  body.on("error", () => outgoing.destroy());
  body.pipe(outgoing);
});

http.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${http.address().port}/mcp`));
