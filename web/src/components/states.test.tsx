import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { Loaded } from "./states";

const PROBLEM = {
  type: "urn:x",
  title: "Unavailable",
  status: 503,
  detail: "The database is away.",
  code: "unavailable",
};

function show(query: { data: string | undefined; error: unknown }, refetch = vi.fn()) {
  render(<Loaded query={{ ...query, refetch }}>{(data) => <p>{data}</p>}</Loaded>);
  return refetch;
}

describe("Loaded", () => {
  it("says that it loads", () => {
    show({ data: undefined, error: null });
    expect(screen.getByRole("status", { name: "Loading" })).toBeTruthy();
  });

  it("says what failed, in the words of the server, and asks again", async () => {
    const refetch = show({ data: undefined, error: PROBLEM });
    expect(screen.getByRole("alert").textContent).toContain("The database is away.");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(refetch).toHaveBeenCalledOnce();
  });

  it("does not offer to ask again for what is not there", () => {
    show({ data: undefined, error: { ...PROBLEM, code: "not_found" } });
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("keeps what it has when a later answer fails", () => {
    show({ data: "filled", error: PROBLEM });
    expect(screen.getByText("filled")).toBeTruthy();
  });
});
