import { createFileRoute } from "@tanstack/react-router";

import { HistoryPage } from "@/features/policies/history-page";

export const Route = createFileRoute("/_app/policies/$policyId/history")({ component: Shown });

function Shown() {
  const { policyId } = Route.useParams();
  return <HistoryPage key={policyId} policyId={policyId} />;
}
