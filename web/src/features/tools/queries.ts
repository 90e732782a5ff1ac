import { useQuery } from "@tanstack/react-query";

import { api, client } from "@/api/client";
import { byCursor, type PageOf } from "@/api/paging";
import { unwrap } from "@/api/problem";
import { ifMatch, tagged, useChange, useTagged, type Tagged } from "@/api/tagged";
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

const PATH = "/api/v1/servers/{id}/tools/{name}";

export function useTool(serverId: string, name: string) {
  return useTagged(PATH, [serverId, name], async () =>
    tagged(await client.GET(PATH, { params: { path: { id: serverId, name } } })),
  );
}

export function useToolActions(serverId: string) {
  const change = useChange("/servers");
  const from = (read: Tagged<Tool>) => ({
    path: { id: serverId, name: read.value.name },
    header: ifMatch(read),
  });
  return {
    /** Accepts a tool's definition as it is now; the fingerprint says which one was looked at. */
    accept: (read: Tagged<Tool>) => {
      const body = { accept: true, fingerprint: read.value.fingerprint };
      return change(client.PATCH(PATH, { params: from(read), body }));
    },
    /** Says another category or risk of a tool than its definition does; null goes back to that. */
    override: (read: Tagged<Tool>, category: Category | null, risk: Risk | null) =>
      change(client.PATCH(PATH, { params: from(read), body: { category, risk } })),
  };
}
