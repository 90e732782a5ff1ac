// Tools that answer, report and ask.

import { setTimeout as sleep } from "node:timers/promises";

import { fromJsonSchema } from "@modelcontextprotocol/server";

import { PICTURE, SOUND, text } from "./features.mjs";

const NOTHING = { type: "object", properties: {} };

const RICH_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
};

const MIRRORED_SCHEMA = {
  type: "object",
  properties: { region: { type: "string", "x-mcp-header": "Region" }, query: { type: "string" } },
  required: ["region"],
};

export function addTools(server, changed) {
  const add = (name, description, call, inputSchema = NOTHING) =>
    server.registerTool(name, { description, inputSchema: fromJsonSchema(inputSchema) }, call);

  add("test_simple_text", "Answers with a text.", async () => text("This is a simple text response for testing."));
  add("test_image_content", "Answers with a picture.", async () => ({
    content: [{ type: "image", data: PICTURE, mimeType: "image/png" }],
  }));
  add("test_audio_content", "Answers with a sound.", async () => ({
    content: [{ type: "audio", data: SOUND, mimeType: "audio/wav" }],
  }));
  add("test_embedded_resource", "Answers with a resource.", async () => ({
    content: [resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  }));
  add("test_multiple_content_types", "Answers with several kinds of content.", async () => ({
    content: [
      { type: "text", text: "Multiple content types test:" },
      { type: "image", data: PICTURE, mimeType: "image/png" },
      resource("test://mixed-content-resource", "application/json", JSON.stringify({ test: "data", value: 123 })),
    ],
  }));
  add("test_error_handling", "Fails.", async () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  add("json_schema_2020_12_tool", "Takes what only a whole dialect can describe.", async () => text("ok"), RICH_SCHEMA);
  add("test_mirrored_header", "Mirrors an argument into a header.", async ({ region }) => text(region), MIRRORED_SCHEMA);
  addReports(add);
  addRequests(add);
  add("test_trigger_tool_change", "Says that the tools changed.", async () => {
    changed?.("toolsChanged");
    return text("ok");
  });
  add("test_trigger_prompt_change", "Says that the prompts changed.", async () => {
    changed?.("promptsChanged");
    return text("ok");
  });
}

/** What the client of a stateless request can do. */
export function capabilities(context) {
  return context.mcpReq.envelope?.["io.modelcontextprotocol/clientCapabilities"] ?? {};
}

function resource(uri, mimeType, text) {
  return { type: "resource", resource: { uri, mimeType, text } };
}

function addReports(add) {
  const log = (context, data) =>
    context.mcpReq.notify({ method: "notifications/message", params: { level: "info", data } });
  add("test_tool_with_logging", "Logs while it works.", async (_, context) => {
    await log(context, "Tool execution started");
    await sleep(50);
    await log(context, "Tool processing data");
    await sleep(50);
    await log(context, "Tool execution completed");
    return text("Tool with logging executed successfully");
  });
  add("test_logging_tool", "Logs where the request asks for it.", async (_, context) => {
    if (context.mcpReq.envelope?.["io.modelcontextprotocol/logLevel"] !== undefined) await log(context, "logged");
    return text("ok");
  });
  add("test_tool_with_progress", "Reports its progress.", async (_, context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) {
        const params = { progressToken, progress, total: 100, message: `${progress} of 100` };
        await context.mcpReq.notify({ method: "notifications/progress", params });
      }
      if (progress < 100) await sleep(50);
    }
    return text("ok");
  });
  add("test_reconnection", "Hangs up and answers to whom comes back.", async (_, context) => {
    context.http?.closeSSE?.();
    await sleep(100);
    return text("Reconnection test completed successfully.");
  });
}

/** Tools of sessions: they ask the client while it waits for them. */
function addRequests(add) {
  const object = (properties) => ({ type: "object", properties, required: Object.keys(properties) });
  add(
    "test_sampling",
    "Asks the client's model.",
    async ({ prompt }, context) => {
      const messages = [{ role: "user", content: { type: "text", text: prompt } }];
      const answer = await context.mcpReq.send({ method: "sampling/createMessage", params: { messages, maxTokens: 100 } });
      return text(`LLM response: ${answer.content?.text}`);
    },
    object({ prompt: { type: "string" } }),
  );
  const elicit = async (context, message, properties, required) => {
    const requestedSchema = { type: "object", properties, required };
    return context.mcpReq.send({ method: "elicitation/create", params: { message, requestedSchema } });
  };
  add(
    "test_elicitation",
    "Asks the person.",
    async ({ message }, context) => {
      const properties = {
        username: { type: "string", description: "User's response" },
        email: { type: "string", description: "User's email address" },
      };
      const answer = await elicit(context, message, properties, ["username", "email"]);
      return text(`User response: action=${answer.action}, content=${JSON.stringify(answer.content)}`);
    },
    object({ message: { type: "string" } }),
  );
  const completed = (answer) =>
    text(`Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content)}`);
  add("test_elicitation_sep1034_defaults", "Asks with defaults.", async (_, context) => {
    const properties = {
      name: { type: "string", description: "User name", default: "John Doe" },
      age: { type: "integer", description: "User age", default: 30 },
      score: { type: "number", description: "User score", default: 95.5 },
      status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
      verified: { type: "boolean", description: "Verified", default: true },
    };
    return completed(await elicit(context, "Please review", properties, []));
  });
  add("test_elicitation_sep1330_enums", "Asks for choices.", async (_, context) => {
    const titled = (prefix, titles) => titles.map((title, index) => ({ const: `${prefix}${index + 1}`, title }));
    const options = ["option1", "option2", "option3"];
    const properties = {
      untitledSingle: { type: "string", enum: options },
      titledSingle: { type: "string", oneOf: titled("value", ["First Option", "Second Option", "Third Option"]) },
      legacyEnum: {
        type: "string",
        enum: ["opt1", "opt2", "opt3"],
        enumNames: ["Option One", "Option Two", "Option Three"],
      },
      untitledMulti: { type: "array", minItems: 1, maxItems: 3, items: { type: "string", enum: options } },
      titledMulti: {
        type: "array",
        minItems: 1,
        maxItems: 3,
        items: { anyOf: titled("value", ["First Choice", "Second Choice", "Third Choice"]) },
      },
    };
    return completed(await elicit(context, "Please choose", properties, []));
  });
}
