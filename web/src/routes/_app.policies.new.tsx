import { createFileRoute } from "@tanstack/react-router";

import { NewPolicy } from "@/features/policies/new-policy";

interface Search {
  server?: string;
  tool?: string;
  /** A server of the public catalogue whose recommended policy is wanted; of the tool only, where there is one. */
  catalogue?: string;
}

export const Route = createFileRoute("/_app/policies/new")({
  validateSearch: ({ server, tool, catalogue }): Search => ({
    ...(typeof server === "string" && { server }),
    ...(typeof tool === "string" && { tool }),
    ...(typeof catalogue === "string" && { catalogue }),
  }),
  component: Shown,
});

function Shown() {
  const { server, tool, catalogue } = Route.useSearch();
  return <NewPolicy serverId={server} tool={tool} catalogue={catalogue} />;
}
