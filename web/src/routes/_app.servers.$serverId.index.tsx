import { createFileRoute } from "@tanstack/react-router";

import { ServerPage } from "@/features/servers/server-page";

export const Route = createFileRoute("/_app/servers/$serverId/")({ component: Shown });

function Shown() {
  const { serverId } = Route.useParams();
  return <ServerPage key={serverId} serverId={serverId} />;
}
