import { createFileRoute } from "@tanstack/react-router";

import { ChangesPage } from "@/features/changes/changes-page";

export const Route = createFileRoute("/_app/servers/$serverId/changes")({ component: Shown });

function Shown() {
  const { serverId } = Route.useParams();
  return <ChangesPage key={serverId} serverId={serverId} />;
}
