import { api, client } from "@/api/client";
import { byCursor } from "@/api/paging";
import { unwrap } from "@/api/problem";
import { useForget, useRefresh } from "@/api/refresh";
import type { paths } from "@/api/schema";
import { ifMatch, tagged, useChange, useTagged, type Tagged } from "@/api/tagged";
import type { Server } from "@/api/types";

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

const PATH = "/api/v1/servers/{id}";

export function useServer(id: string) {
  return useTagged(PATH, [id], async () =>
    tagged(await client.GET(PATH, { params: { path: { id } } })),
  );
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

const from = (read: Tagged<Server>) => ({
  path: { id: read.value.id },
  header: ifMatch(read),
});

export function useServerActions() {
  const refresh = useRefresh();
  const forget = useForget();
  const changed = () => refresh("/servers");
  const change = useChange("/servers", "/policies", "/grants");
  return {
    /** Registers a server; its inventory has been read when this returns. */
    register: async (body: NewServer) => {
      const server = unwrap(await client.POST("/api/v1/servers", { body }));
      await changed();
      return server;
    },
    change: (read: Tagged<Server>, body: ServerChange) =>
      change(client.PATCH(PATH, { params: from(read), body })),
    readInventory: async (id: string) => {
      const server = unwrap(
        await client.POST("/api/v1/servers/{id}/refresh", { params: { path: { id } } }),
      );
      await changed();
      return server;
    },
    remove: (read: Tagged<Server>) => change(client.DELETE(PATH, { params: from(read) }), forget),
  };
}
