import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";

import type { Server } from "@/api/types";

import { useServer } from "./queries";
import { ServerSettings } from "./server-settings";

vi.mock("@tanstack/react-router", () => ({ useNavigate: () => () => Promise.resolve() }));

afterEach(() => vi.unstubAllGlobals());

/** One server that is kept as the API keeps it: a change must start from the newest revision. */
function serve() {
  const server = {
    id: "srv_1",
    slug: "shop",
    name: "Shop",
    url: "https://a.example/mcp",
    on_tool_change: "quarantine",
    on_limits_unavailable: "deny",
  };
  let revision = 1;
  const asked: string[] = [];
  const change = (changes: object) => {
    Object.assign(server, changes);
    revision += 1;
  };
  const answer = async (request: Request) => {
    if (request.method === "PATCH") {
      const expected = request.headers.get("If-Match");
      asked.push(expected ?? "none");
      if (expected !== `"${revision}"`)
        return Response.json({ code: "stale_version", title: "", detail: "" }, { status: 412 });
      change((await request.json()) as object);
    }
    return Response.json(server, { headers: { ETag: `"${revision}"` } });
  };
  vi.stubGlobal("fetch", answer);
  return { server, change, asked };
}

function Page() {
  const server = useServer("srv_1");
  return server.data ? (
    <ServerSettings read={server.data as { value: Server; etag: string }} />
  ) : null;
}

it("saves over a newer version only what was typed, and only after saying so", async () => {
  const { server, change, asked } = serve();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Page />
    </QueryClientProvider>,
  );
  const name = await screen.findByLabelText("Name");
  await userEvent.clear(name);
  await userEvent.type(name, "My shop");
  change({ name: "Their shop", url: "https://b.example/mcp" });

  await userEvent.click(screen.getByRole("button", { name: "Save settings" }));
  await screen.findByText("Somebody else changed this meanwhile.");
  expect(screen.getByText("Name: Their shop")).toBeTruthy();
  expect(screen.getByText("URL: https://b.example/mcp")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("My shop");
  expect(server.name).toBe("Their shop");

  await userEvent.click(screen.getByRole("button", { name: "Save settings" }));
  await vi.waitFor(() => expect(server.name).toBe("My shop"));
  expect(server.url).toBe("https://b.example/mcp");
  expect(asked).toEqual(['"1"', '"2"']);
  await vi.waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});
