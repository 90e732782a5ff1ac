import { createFileRoute } from "@tanstack/react-router";

import { MintPage } from "@/features/grants/mint-form";

interface Search {
  server?: string;
  policy?: string;
}

export const Route = createFileRoute("/_app/grants/new")({
  validateSearch: ({ server, policy }): Search => ({
    ...(typeof server === "string" && { server }),
    ...(typeof policy === "string" && { policy }),
  }),
  component: Shown,
});

function Shown() {
  const { server, policy } = Route.useSearch();
  return <MintPage serverId={server} policyId={policy} />;
}
