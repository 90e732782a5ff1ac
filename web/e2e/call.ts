// The official MCP client, as any agent would use it.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

export interface Agent {
  tools: () => Promise<string[]>;
  /** Calls a tool; the text of the result, and whether it is an error. */
  call: (name: string, args: Record<string, unknown>) => Promise<{ denied: boolean; text: string }>;
  close: () => Promise<void>;
}

export async function connect(gatewayUrl: string, token: string): Promise<Agent> {
  const client = new Client({ name: "e2e-agent", version: "1.0.0" });
  const transport = new StreamableHTTPClientTransport(new URL(gatewayUrl), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  return {
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, args) => {
      const result = await client.callTool({ name, arguments: args });
      const content = result.content as { type: string; text?: string }[];
      return {
        denied: result.isError === true,
        text: content.map((part) => part.text ?? "").join(""),
      };
    },
    close: () => client.close(),
  };
}
