// The policy that the public catalogue recommends, as something that a new one may start from.
import { useCatalogueServer, useCatalogueTool } from "@/features/catalogue/queries";
import { print, type Template } from "@/features/policies/templates";

/** For the tool where there is one, else for all of the server. Without a place in the catalogue, nothing is offered. */
export function useCatalogueTemplate(
  slug: string | undefined,
  tool: string | undefined,
): "loading" | (Template & { server: string }) | null {
  const ofServer = useCatalogueServer(slug);
  const ofTool = useCatalogueTool(slug, tool);
  if (slug === undefined || ofServer.error) return null;
  if (!ofServer.data || (tool !== undefined && !ofTool.data && !ofTool.error)) return "loading";
  const server = ofServer.data.server.name;
  const { recommended_policy } = ofTool.data ?? ofServer.data;
  return {
    id: "catalogue",
    label: ofTool.data
      ? `From the catalogue: ${ofTool.data.name} of ${server}`
      : `From the catalogue: ${server}`,
    text: print(recommended_policy.document),
    server,
  };
}
