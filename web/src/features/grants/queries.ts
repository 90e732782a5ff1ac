import { api, client } from "@/api/client";
import { byCursor } from "@/api/paging";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { paths } from "@/api/schema";
import type { Mode } from "@/api/types";

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

export function useGrant(id: string) {
  return api.useQuery("get", "/api/v1/grants/{id}", { params: { path: { id } } });
}

export function useGrantActions() {
  const refresh = useRefresh();
  const changed = () => refresh("/grants", "/policies");
  return {
    /** The answer holds the token, this once. */
    mint: async (body: NewGrant) => {
      const minted = unwrap(await client.POST("/api/v1/grants", { body }));
      await changed();
      return minted;
    },
    rotate: async (id: string, overlap_seconds: number) => {
      const params = { path: { id } };
      const rotated = unwrap(
        await client.POST("/api/v1/grants/{id}/rotate", { params, body: { overlap_seconds } }),
      );
      await changed();
      return rotated;
    },
    rename: async (id: string, label: string) => {
      unwrap(
        await client.PATCH("/api/v1/grants/{id}", { params: { path: { id } }, body: { label } }),
      );
      await changed();
    },
    bind: async (id: string, server_id: string, policy_id: string | null, mode: Mode) => {
      const params = { path: { id, server_id } };
      unwrap(
        await client.PUT("/api/v1/grants/{id}/bindings/{server_id}", {
          params,
          body: { policy_id, mode },
        }),
      );
      await changed();
    },
    unbind: async (id: string, server_id: string) => {
      const params = { path: { id, server_id } };
      unwrap(await client.DELETE("/api/v1/grants/{id}/bindings/{server_id}", { params }));
      await changed();
    },
    revoke: async (id: string) => {
      unwrap(await client.DELETE("/api/v1/grants/{id}", { params: { path: { id } } }));
      await changed();
    },
  };
}
