import { api, client } from "@/api/client";
import { byCursor } from "@/api/paging";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { paths } from "@/api/schema";
import { ifMatch, tagged, useChange, useTagged, type Tagged } from "@/api/tagged";
import type { Grant, Mode } from "@/api/types";

export type NewGrant =
  paths["/api/v1/grants"]["post"]["requestBody"]["content"]["application/json"];

export function useGrants() {
  return api.useInfiniteQuery(
    "get",
    "/api/v1/grants",
    { params: { query: { limit: 50 } } },
    byCursor,
  );
}

const PATH = "/api/v1/grants/{id}";
const BINDING = "/api/v1/grants/{id}/bindings/{server_id}";

export function useGrant(id: string) {
  return useTagged(PATH, [id], async () =>
    tagged(await client.GET(PATH, { params: { path: { id } } })),
  );
}

const from = (read: Tagged<Grant>) => ({
  path: { id: read.value.id },
  header: ifMatch(read),
});

export function useGrantActions() {
  const refresh = useRefresh();
  const change = useChange("/grants", "/policies");
  return {
    /** The answer holds the token, this once. */
    mint: async (body: NewGrant) => {
      const minted = unwrap(await client.POST("/api/v1/grants", { body }));
      await refresh("/grants", "/policies");
      return minted;
    },
    rotate: (read: Tagged<Grant>, overlap_seconds: number) =>
      change(
        client.POST("/api/v1/grants/{id}/rotate", {
          params: from(read),
          body: { overlap_seconds },
        }),
      ),
    bind: (read: Tagged<Grant>, server_id: string, policy_id: string | null, mode: Mode) => {
      const { path, header } = from(read);
      const params = { path: { ...path, server_id }, header };
      return change(client.PUT(BINDING, { params, body: { policy_id, mode } }));
    },
    unbind: (read: Tagged<Grant>, server_id: string) => {
      const { path, header } = from(read);
      return change(client.DELETE(BINDING, { params: { path: { ...path, server_id }, header } }));
    },
    revoke: (read: Tagged<Grant>) => change(client.DELETE(PATH, { params: from(read) })),
  };
}
