import { useQuery } from "@tanstack/react-query";

import { api, client } from "@/api/client";
import { byCursor, type PageOf } from "@/api/paging";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { Category, Risk, Tool } from "@/api/types";

export interface ToolFilter {
  q: string;
  category: Category | "";
  risk: Risk | "";
  /** Only tools that something is wrong with. */
  findings: boolean;
}

export function useTools(serverId: string, { q, category, risk, findings }: ToolFilter) {
  const query = {
    limit: 100,
    ...(q && { q }),
    ...(category && { category }),
    ...(risk && { risk }),
    ...(findings && { finding: "any" }),
  };
  return api.useInfiniteQuery(
    "get",
    "/api/v1/servers/{id}/tools",
    { params: { path: { id: serverId }, query } },
    // While a filter is being typed the last rows stay where they are.
    { ...byCursor, placeholderData: (previous) => previous },
  );
}

/** Every tool of a server, for what needs them all: page by page, the largest there are. */
export function useAllTools(serverId: string) {
  const path = "/api/v1/servers/{id}/tools";
  return useQuery({
    queryKey: ["get", path, serverId, "all"],
    queryFn: async ({ signal }) => {
      const tools: Tool[] = [];
      let cursor: string | null = null;
      do {
        const page: PageOf<Tool> = unwrap(
          await client.GET(path, {
            params: { path: { id: serverId }, query: { limit: 200, ...(cursor && { cursor }) } },
            signal,
          }),
        );
        tools.push(...page.items);
        cursor = page.next_cursor ?? null;
      } while (cursor);
      return tools;
    },
  });
}

export function useTool(serverId: string, name: string) {
  return api.useQuery("get", "/api/v1/servers/{id}/tools/{name}", {
    params: { path: { id: serverId, name } },
  });
}

/** Accepts a tool's definition as it is now; the fingerprint says which one was looked at. */
export function useAcceptTool(serverId: string) {
  const refresh = useRefresh();
  return async ({ name, fingerprint }: Pick<Tool, "name" | "fingerprint">) => {
    unwrap(
      await client.PATCH("/api/v1/servers/{id}/tools/{name}", {
        params: { path: { id: serverId, name } },
        body: { accept: true, fingerprint },
      }),
    );
    await refresh("/servers");
  };
}

/** Says another category or risk of a tool than its definition does; null goes back to that. */
export function useOverrideTool(serverId: string) {
  const refresh = useRefresh();
  return async (name: string, category: Category | null, risk: Risk | null) => {
    unwrap(
      await client.PATCH("/api/v1/servers/{id}/tools/{name}", {
        params: { path: { id: serverId, name } },
        body: { category, risk },
      }),
    );
    await refresh("/servers");
  };
}
