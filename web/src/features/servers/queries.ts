import { api, client } from "@/api/client";
import { byCursor } from "@/api/paging";
import { unwrap } from "@/api/problem";
import { useForget, useRefresh } from "@/api/refresh";
import type { paths } from "@/api/schema";

export type NewServer =
  paths["/api/v1/servers"]["post"]["requestBody"]["content"]["application/json"];
export type ServerChange =
  paths["/api/v1/servers/{id}"]["patch"]["requestBody"]["content"]["application/json"];

export function useServers() {
  return api.useInfiniteQuery(
    "get",
    "/api/v1/servers",
    { params: { query: { limit: 50 } } },
    byCursor,
  );
}

/** The servers to choose from in a form. */
export function useServerChoices() {
  return api.useQuery("get", "/api/v1/servers", { params: { query: { limit: 200 } } });
}

export function useServer(id: string) {
  return api.useQuery("get", "/api/v1/servers/{id}", { params: { path: { id } } });
}

/** What a server offers beside its tools. */
export function useResources(id: string) {
  return api.useInfiniteQuery("get", "/api/v1/servers/{id}/resources", pageOf(id), byCursor);
}

export function useResourceTemplates(id: string) {
  return api.useInfiniteQuery(
    "get",
    "/api/v1/servers/{id}/resource-templates",
    pageOf(id),
    byCursor,
  );
}

export function usePrompts(id: string) {
  return api.useInfiniteQuery("get", "/api/v1/servers/{id}/prompts", pageOf(id), byCursor);
}

const pageOf = (id: string) => ({ params: { path: { id }, query: { limit: 100 } } });

export function useServerActions() {
  const refresh = useRefresh();
  const forget = useForget();
  const changed = () => refresh("/servers");
  return {
    /** Registers a server; its inventory has been read when this returns. */
    register: async (body: NewServer) => {
      const server = unwrap(await client.POST("/api/v1/servers", { body }));
      await changed();
      return server;
    },
    change: async (id: string, body: ServerChange) => {
      const server = unwrap(
        await client.PATCH("/api/v1/servers/{id}", { params: { path: { id } }, body }),
      );
      await changed();
      return server;
    },
    readInventory: async (id: string) => {
      const server = unwrap(
        await client.POST("/api/v1/servers/{id}/refresh", { params: { path: { id } } }),
      );
      await changed();
      return server;
    },
    remove: async (id: string) => {
      unwrap(await client.DELETE("/api/v1/servers/{id}", { params: { path: { id } } }));
      await forget("/servers", "/policies", "/grants");
    },
  };
}
