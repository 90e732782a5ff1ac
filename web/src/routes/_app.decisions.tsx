import { createFileRoute } from "@tanstack/react-router";

import { DecisionsPage } from "@/features/decisions/decisions-page";
import { readSearch } from "@/features/decisions/filter";

export const Route = createFileRoute("/_app/decisions")({
  validateSearch: readSearch,
  component: Shown,
});

function Shown() {
  return <DecisionsPage search={Route.useSearch()} />;
}
