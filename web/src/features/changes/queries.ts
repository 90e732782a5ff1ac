import { api, client } from "@/api/client";
import { byCursor } from "@/api/paging";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { ToolChange } from "@/api/types";

/** What is different to what was accepted of a server; or what was accepted before. */
export function useChanges(serverId: string, accepted: boolean) {
  return api.useInfiniteQuery(
    "get",
    "/api/v1/servers/{id}/changes",
    { params: { path: { id: serverId }, query: { limit: 50, accepted } } },
    byCursor,
  );
}

/** Accepts a change as it was looked at; its fingerprint says which that was. */
export function useAcceptChange(serverId: string) {
  const refresh = useRefresh();
  return async ({ id, fingerprint }: ToolChange) => {
    unwrap(
      await client.POST("/api/v1/servers/{id}/changes/{change_id}/accept", {
        params: { path: { id: serverId, change_id: id } },
        body: { fingerprint },
      }),
    );
    await refresh("/servers");
  };
}
