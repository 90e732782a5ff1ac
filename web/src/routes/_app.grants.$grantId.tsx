import { createFileRoute } from "@tanstack/react-router";

import { GrantPage } from "@/features/grants/grant-page";

export const Route = createFileRoute("/_app/grants/$grantId")({ component: Shown });

function Shown() {
  const { grantId } = Route.useParams();
  return <GrantPage key={grantId} grantId={grantId} />;
}
