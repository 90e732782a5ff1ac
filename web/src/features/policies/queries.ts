import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api, client } from "@/api/client";
import { byCursor } from "@/api/paging";
import { unwrap } from "@/api/problem";
import { useForget, useRefresh } from "@/api/refresh";
import type { Policy } from "@/api/types";
import type { Schema } from "@/components/editor/json-schema";

const PATH = "/api/v1/policies/{id}";

/** A policy with the tag of the version that was read, for saving it without overwriting another's work. */
export interface PolicyRead {
  policy: Policy;
  etag: string;
}

export async function readPolicy(id: string): Promise<PolicyRead> {
  const answer = await client.GET(PATH, { params: { path: { id } } });
  const policy = unwrap(answer);
  return { policy, etag: answer.response.headers.get("ETag") ?? `"${policy.version}"` };
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
  return useQuery({ queryKey: ["get", PATH, id], queryFn: () => readPolicy(id) });
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

export function usePolicyActions() {
  const refresh = useRefresh();
  const forget = useForget();
  return {
    create: async ({ serverId, name, text }: Draft) => {
      const body = { server_id: serverId, name, document: text };
      const policy = unwrap(await client.POST("/api/v1/policies", { body }));
      await refresh("/policies");
      return policy;
    },
    save: async (id: string, etag: string, { name, text }: Draft) => {
      const params = { path: { id }, header: { "If-Match": etag } };
      const policy = unwrap(await client.PUT(PATH, { params, body: { name, document: text } }));
      await refresh("/policies");
      return policy;
    },
    rollBack: async (id: string, etag: string, version: number) => {
      const params = { path: { id }, header: { "If-Match": etag } };
      const policy = unwrap(
        await client.POST("/api/v1/policies/{id}/rollback", { params, body: { version } }),
      );
      await refresh("/policies");
      return policy;
    },
    remove: async (id: string) => {
      unwrap(await client.DELETE(PATH, { params: { path: { id } } }));
      await forget("/policies");
    },
  };
}
