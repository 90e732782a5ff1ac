import { createFileRoute } from "@tanstack/react-router";

import { FAILURES } from "@/features/auth/provider";
import { SecurityPage } from "@/features/security/security-page";

interface Search {
  /** Why an identity was not linked. */
  failure?: string;
}

export const Route = createFileRoute("/_app/security")({
  validateSearch: ({ failure }): Search => (typeof failure === "string" ? { failure } : {}),
  component: Security,
});

function Security() {
  const { failure } = Route.useSearch();
  return <SecurityPage reason={failure ? FAILURES[failure] : undefined} />;
}
