import { createFileRoute } from "@tanstack/react-router";

import { Gate } from "@/features/auth/gate";
import { FAILURES } from "@/features/auth/provider";
import { SignInForm } from "@/features/auth/sign-in-form";
import { localPath } from "@/lib/local-path";

interface Search {
  to?: string;
  /** Why somebody who signed in elsewhere was not let in. */
  failure?: string;
}

export const Route = createFileRoute("/sign-in")({
  validateSearch: ({ to, failure }): Search => ({
    ...(to ? { to: localPath(to) } : {}),
    ...(typeof failure === "string" ? { failure } : {}),
  }),
  component: SignInPage,
});

function SignInPage() {
  const { to = "/", failure } = Route.useSearch();
  return (
    <Gate title="Sign in">
      <SignInForm to={to} reason={failure ? FAILURES[failure] : undefined} />
    </Gate>
  );
}
