import { createFileRoute } from "@tanstack/react-router";

import { NewPolicy } from "@/features/policies/new-policy";

interface Search {
  server?: string;
  tool?: string;
}

export const Route = createFileRoute("/_app/policies/new")({
  validateSearch: ({ server, tool }): Search => ({
    ...(typeof server === "string" && { server }),
    ...(typeof tool === "string" && { tool }),
  }),
  component: Shown,
});

function Shown() {
  const { server, tool } = Route.useSearch();
  return <NewPolicy serverId={server} tool={tool} />;
}
