import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api, client } from "@/api/client";
import { byCursor } from "@/api/paging";
import { unwrap } from "@/api/problem";
import { useForget, useRefresh } from "@/api/refresh";
import { ifMatch, tagged, useChange, useTagged, type Tagged } from "@/api/tagged";
import type { Policy } from "@/api/types";
import type { Schema } from "@/components/editor/json-schema";

const PATH = "/api/v1/policies/{id}";

export async function readPolicy(id: string): Promise<Tagged<Policy>> {
  return tagged(await client.GET(PATH, { params: { path: { id } } }));
}

export function usePolicies() {
  return api.useInfiniteQuery(
    "get",
    "/api/v1/policies",
    { params: { query: { limit: 50 } } },
    byCursor,
  );
}

export function usePolicyChoices(serverId: string | undefined) {
  return api.useQuery(
    "get",
    "/api/v1/policies",
    { params: { query: { limit: 200, ...(serverId && { server_id: serverId }) } } },
    { enabled: serverId !== undefined },
  );
}

export function usePolicy(id: string) {
  return useTagged(PATH, [id], () => readPolicy(id));
}

/** What the server says of a draft; the last answer stays until the next is there. */
export function useValidation(document: string, serverId: string | undefined) {
  return useQuery({
    queryKey: ["validate", document, serverId],
    queryFn: async () =>
      unwrap(
        await client.POST("/api/v1/policies/validate", {
          body: { document, ...(serverId && { server_id: serverId }) },
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

/** The JSON Schema of the language. Without it the editor completes nothing, and is otherwise the same. */
export function usePolicySchema(): Schema | null {
  const schema = useQuery({
    queryKey: ["policy-schema"],
    queryFn: async () => {
      const response = await fetch("/schemas/policy-v1.json");
      if (!response.ok) throw new Error(`the schema answered ${response.status}`);
      return (await response.json()) as Schema;
    },
    staleTime: Infinity,
  });
  return schema.data ?? null;
}

export interface Draft {
  serverId: string;
  name: string;
  text: string;
}

const from = (read: Tagged<Policy>) => ({
  path: { id: read.value.id },
  header: ifMatch(read),
});

export function usePolicyActions() {
  const refresh = useRefresh();
  const forget = useForget();
  const change = useChange("/policies");
  return {
    create: async ({ serverId, name, text }: Draft) => {
      const body = { server_id: serverId, name, document: text };
      const policy = unwrap(await client.POST("/api/v1/policies", { body }));
      await refresh("/policies");
      return policy;
    },
    save: (read: Tagged<Policy>, { name, text }: { name: string; text: string }) =>
      change(client.PUT(PATH, { params: from(read), body: { name, document: text } })),
    rollBack: (read: Tagged<Policy>, version: number) =>
      change(
        client.POST("/api/v1/policies/{id}/rollback", { params: from(read), body: { version } }),
      ),
    remove: (read: Tagged<Policy>) => change(client.DELETE(PATH, { params: from(read) }), forget),
  };
}
