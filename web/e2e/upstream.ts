// A small MCP server whose tools a test may change while it runs.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface ToolDefinition {
  name: string;
  description: string;
  inputSchema: Record<string, unknown>;
}

export interface ChangingServer {
  url: string;
  /** What `tools/list` answers from now on. */
  offer: (tools: ToolDefinition[]) => void;
  close: () => void;
}

async function read(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += String(part);
  return text;
}

export async function startServer(first: ToolDefinition[]): Promise<ChangingServer> {
  let tools = first;
  const results: Record<string, () => unknown> = {
    initialize: () => ({
      protocolVersion: "2025-06-18",
      capabilities: { tools: {} },
      serverInfo: { name: "changing", version: "1" },
    }),
    "tools/list": () => ({ tools }),
    "tools/call": () => ({ content: [{ type: "text", text: "done" }] }),
  };
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      if (request.method !== "POST") return response.writeHead(405).end();
      const { id, method } = JSON.parse(body) as { id?: number; method: string };
      const result = results[method];
      if (id === undefined || !result) return response.writeHead(202).end();
      response.writeHead(200, { "Content-Type": "application/json" });
      return response.end(JSON.stringify({ jsonrpc: "2.0", id, result: result() }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    offer: (next) => {
      tools = next;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
