import { createFileRoute } from "@tanstack/react-router";

import { PolicyPage } from "@/features/policies/policy-page";

export const Route = createFileRoute("/_app/policies/$policyId/")({ component: Shown });

function Shown() {
  const { policyId } = Route.useParams();
  return <PolicyPage key={policyId} policyId={policyId} />;
}
