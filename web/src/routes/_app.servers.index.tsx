import { createFileRoute } from "@tanstack/react-router";

import { ServerList } from "@/features/servers/server-list";

export const Route = createFileRoute("/_app/servers/")({ component: ServerList });
