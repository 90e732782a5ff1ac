// Ready-made configuration of MCP clients. Names follow each client's own documentation.

export interface Endpoint {
  /** How the client will call the server. */
  name: string;
  url: string;
}

export interface ClientConfig {
  id: string;
  label: string;
  /** What to do with the text. */
  how: string;
  file: string;
  text: (endpoints: Endpoint[], token: string) => string;
}

function print(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function servers(
  endpoints: Endpoint[],
  token: string,
  extra: object = {},
): Record<string, unknown> {
  const headers = { Authorization: `Bearer ${token}` };
  return Object.fromEntries(endpoints.map(({ name, url }) => [name, { ...extra, url, headers }]));
}

/** An argument for a POSIX shell. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

export const CLIENTS: ClientConfig[] = [
  {
    id: "claude-code",
    label: "Claude Code",
    how: "Run it in a terminal, in the project that needs the server.",
    file: "Terminal",
    text: (endpoints, token) =>
      endpoints
        .map(
          ({ name, url }) =>
            `claude mcp add --transport http ${shellQuote(name)} ${shellQuote(url)} --header "Authorization: Bearer ${token}"`,
        )
        .join("\n"),
  },
  {
    id: "cursor",
    label: "Cursor",
    how: "Put it into .cursor/mcp.json of the project, or ~/.cursor/mcp.json for all projects.",
    file: "mcp.json",
    text: (endpoints, token) => print({ mcpServers: servers(endpoints, token) }),
  },
  {
    id: "vscode",
    label: "VS Code",
    how: "Put it into .vscode/mcp.json of the workspace. Keep the file out of version control: it holds the token.",
    file: ".vscode/mcp.json",
    text: (endpoints, token) => print({ servers: servers(endpoints, token, { type: "http" }) }),
  },
  {
    id: "json",
    label: "JSON",
    how: "For any client that speaks Streamable HTTP and takes headers.",
    file: "JSON",
    text: (endpoints, token) =>
      print({ mcpServers: servers(endpoints, token, { type: "streamable-http" }) }),
  },
];
