// The reference server: the official SDK, with what the conformance suite expects of a server, in both eras on one URL.
// Prints its URL when it listens.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

import { localhostHostValidation, localhostOriginValidation, NodeStreamableHTTPServerTransport, toNodeHandler, toWebRequest } from "@modelcontextprotocol/node";
import { createMcpHandler, isInitializeRequest, isLegacyRequest } from "@modelcontextprotocol/server";

import { Events } from "./events.mjs";
import { createServerOf } from "./features.mjs";

const sessions = new Map();
const modern = createMcpHandler(() => createServerOf({ changed: (kind) => modern.notify[kind]() }), { legacy: "reject" });
const serveModern = toNodeHandler(modern);
const isHostOurs = localhostHostValidation();
const isOriginOurs = localhostOriginValidation();

async function openSession() {
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: new Events(),
    retryInterval: 500,
    onsessioninitialized: (id) => sessions.set(id, transport),
    onsessionclosed: (id) => sessions.delete(id),
  });
  await createServerOf({}).connect(transport);
  return transport;
}

async function serveSession(request, response, body) {
  const id = request.headers["mcp-session-id"];
  if (id !== undefined) {
    const transport = sessions.get(id);
    return transport === undefined
      ? refuse(response, 404, "this session does not exist")
      : transport.handleRequest(request, response, body);
  }
  return isInitializeRequest(body)
    ? (await openSession()).handleRequest(request, response, body)
    : refuse(response, 400, "a session begins with `initialize`");
}

function refuse(response, status, message) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32000, message } }));
}

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const http = createServer(async (request, response) => {
  if (!isHostOurs(request, response) || !isOriginOurs(request, response)) return undefined;
  if (request.method !== "POST") return serveSession(request, response);
  const body = parse(await read(request));
  if (body === undefined) return refuse(response, 400, "the body is no JSON");
  const web = await toWebRequest(request, body);
  return (await isLegacyRequest(web, body))
    ? serveSession(request, response, body)
    : serveModern(request, response, body);
});

http.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${http.address().port}/mcp`);
});
