// The public catalogue, as far as the dashboard starts from it.
import { api } from "@/api/client";

export function useCatalogueServer(slug: string | undefined) {
  const path = { slug: slug ?? "" };
  return api.useQuery(
    "get",
    "/api/v1/catalogue/servers/{slug}",
    { params: { path } },
    { enabled: slug !== undefined },
  );
}

export function useCatalogueTool(slug: string | undefined, tool: string | undefined) {
  const path = { slug: slug ?? "", tool: tool ?? "" };
  return api.useQuery(
    "get",
    "/api/v1/catalogue/servers/{slug}/tools/{tool}",
    { params: { path } },
    { enabled: slug !== undefined && tool !== undefined },
  );
}
