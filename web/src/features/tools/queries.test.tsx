import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";

import { useAllTools } from "./queries";

const PAGES: Record<string, unknown> = {
  "": { items: [{ name: "a" }], next_cursor: "x" },
  x: { items: [{ name: "b" }], next_cursor: "y" },
  y: { items: [{ name: "c" }], next_cursor: null },
};

afterEach(() => vi.unstubAllGlobals());

describe("useAllTools", () => {
  it("reads every page", async () => {
    const answer = (request: Request) => {
      const cursor = new URL(request.url).searchParams.get("cursor") ?? "";
      return Promise.resolve(Response.json(PAGES[cursor]));
    };
    vi.stubGlobal("fetch", answer);
    const wrapper = ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>
    );
    const { result } = renderHook(() => useAllTools("srv_1"), { wrapper });
    await waitFor(() => expect(result.current.data).toHaveLength(3));
    expect(result.current.data?.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });
});
