import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";

import { MemberList } from "./member-list";

afterEach(() => vi.unstubAllGlobals());

/** One member beside the owner who looks; what was asked for with which tag. */
function serve() {
  const member = {
    id: "usr_2",
    email: "grace@x.org",
    role: "viewer",
    created_at: "2026-11-01T00:00:00Z",
  };
  const asked: [role: unknown, etag: string | null][] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/members")) return Response.json({ items: [member], next_cursor: null });
    if (request.method === "PATCH") {
      const { role } = (await request.json()) as { role: string };
      asked.push([role, request.headers.get("If-Match")]);
      member.role = role;
    }
    return Response.json(member, { headers: { ETag: `"${member.role}"` } });
  });
  return { member, asked };
}

it("changes the role that was looked at, and no other", async () => {
  const { member, asked } = serve();
  const cache = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  cache.setQueryData(["get", "/api/v1/me"], { role: "owner", user: { id: "usr_1" } });
  render(
    <QueryClientProvider client={cache}>
      <MemberList />
    </QueryClientProvider>,
  );
  const role = () => screen.findByLabelText<HTMLSelectElement>("Role of grace@x.org");
  await userEvent.selectOptions(await role(), "admin");
  await vi.waitFor(() => expect(asked).toEqual([["admin", '"viewer"']]));
  await vi.waitFor(async () => expect((await role()).value).toBe("admin"));

  member.role = "viewer";
  await userEvent.selectOptions(await role(), "policy_manager");
  await screen.findByText(/^Somebody else changed this meanwhile/);
  await vi.waitFor(async () => expect((await role()).value).toBe("viewer"));
  expect(asked).toHaveLength(1);
});
