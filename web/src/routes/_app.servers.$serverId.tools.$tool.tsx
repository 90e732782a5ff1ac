import { createFileRoute } from "@tanstack/react-router";

import { ToolPage } from "@/features/tools/tool-page";

export const Route = createFileRoute("/_app/servers/$serverId/tools/$tool")({ component: Shown });

function Shown() {
  const { serverId, tool } = Route.useParams();
  return <ToolPage key={tool} serverId={serverId} name={tool} />;
}
