import { expect, it } from "vitest";

import { CLIENTS, shellQuote } from "./client-config";

const ENDPOINTS = [{ name: "sample", url: "http://127.0.0.1:8080/mcp/acme/sample" }];

function textFor(id: string): string {
  return CLIENTS.find((client) => client.id === id)?.text(ENDPOINTS, "ost_grant_x") ?? "";
}

it("writes the command for Claude Code", () => {
  expect(textFor("claude-code")).toBe(
    'claude mcp add --transport http sample http://127.0.0.1:8080/mcp/acme/sample --header "Authorization: Bearer ost_grant_x"',
  );
});

it("writes the files of Cursor and VS Code", () => {
  const url = ENDPOINTS[0]?.url;
  const headers = { Authorization: "Bearer ost_grant_x" };
  expect(JSON.parse(textFor("cursor"))).toEqual({ mcpServers: { sample: { url, headers } } });
  expect(JSON.parse(textFor("vscode"))).toEqual({
    servers: { sample: { type: "http", url, headers } },
  });
});

it("quotes what a shell would read otherwise", () => {
  expect(shellQuote("a b")).toBe("'a b'");
  expect(shellQuote("it's")).toBe(String.raw`'it'\''s'`);
  expect(shellQuote("plain-1.0")).toBe("plain-1.0");
});
