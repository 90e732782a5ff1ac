import { createFileRoute } from "@tanstack/react-router";

import { AuditPage } from "@/features/audit/audit-page";
import { readSearch } from "@/features/audit/filter";

export const Route = createFileRoute("/_app/audit-events")({
  validateSearch: readSearch,
  component: Shown,
});

function Shown() {
  return <AuditPage filter={Route.useSearch()} />;
}
