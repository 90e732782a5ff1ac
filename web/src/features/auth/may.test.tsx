import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import type { Role } from "@/api/types";
import { allows, May } from "./may";

describe("allows", () => {
  it("is the table of roles", () => {
    const may = (role: Role) =>
      (["manage_policies", "manage_access", "manage_members"] as const).filter((permission) =>
        allows(role, permission),
      );
    expect(may("owner")).toHaveLength(3);
    expect(may("admin")).toHaveLength(3);
    expect(may("policy_manager")).toEqual(["manage_policies"]);
    expect(may("viewer")).toEqual([]);
  });
});

function show(role: Role) {
  const cache = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  cache.setQueryData(["get", "/api/v1/me"], { role });
  render(
    <QueryClientProvider client={cache}>
      <May permission="manage_policies" otherwise="no">
        yes
      </May>
    </QueryClientProvider>,
  );
}

describe("May", () => {
  it("shows what the role may do", () => {
    show("policy_manager");
    expect(screen.getByText("yes")).toBeTruthy();
  });

  it("shows something else for what it may not", () => {
    show("viewer");
    expect(screen.getByText("no")).toBeTruthy();
  });
});
