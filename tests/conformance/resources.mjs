// Resources that are there, and one for every name.

import { ResourceTemplate } from "@modelcontextprotocol/server";

import { PICTURE } from "./features.mjs";

export function addResources(server) {
  const add = (name, uri, mimeType, content) =>
    server.registerResource(name, uri, { description: `The resource ${name}.`, mimeType }, async () => ({
      contents: [{ uri, mimeType, ...content }],
    }));
  add("static-text", "test://static-text", "text/plain", { text: "This is the content of the static text resource." });
  add("static-binary", "test://static-binary", "image/png", { blob: PICTURE });
  add("watched-resource", "test://watched-resource", "text/plain", { text: "Watched." });

  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined });
  const metadata = { description: "A resource for every id.", mimeType: "application/json" };
  server.registerResource("template", template, metadata, async (uri, { id }) => {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { contents: [{ uri: uri.href, mimeType: "application/json", text }] };
  });

  const watched = new Set();
  server.server.setRequestHandler("resources/subscribe", async ({ params }) => {
    watched.add(params.uri);
    return {};
  });
  server.server.setRequestHandler("resources/unsubscribe", async ({ params }) => {
    watched.delete(params.uri);
    return {};
  });
}
