// What the reference server offers: the names and answers that the suite's scenarios ask for.

import { createRequestStateCodec, McpServer } from "@modelcontextprotocol/server";

import { addPrompts } from "./prompts.mjs";
import { addQuestions } from "./questions.mjs";
import { addResources } from "./resources.mjs";
import { addTools } from "./tools.mjs";

/** One server: for a session, or for a request of the stateless revision. `changed` tells its listeners of a change. */
export function createServerOf({ changed }) {
  const states = createRequestStateCodec({ key: Buffer.alloc(32, "a key for tests"), ttlSeconds: 600 });
  const server = new McpServer(
    { name: "ostiary-reference-server", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: states.verify },
    },
  );
  addTools(server, changed);
  addQuestions(server, states);
  addResources(server);
  addPrompts(server);
  return server;
}

/** A picture of one pixel, and a sound of none. */
export const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
export const SOUND = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

/** A result of a tool that is one text. */
export function text(text) {
  return { content: [{ type: "text", text }] };
}
