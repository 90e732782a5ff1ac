import { createFileRoute } from "@tanstack/react-router";

import { Gate } from "@/features/auth/gate";
import { SignInForm } from "@/features/auth/sign-in-form";
import { localPath } from "@/lib/local-path";

interface Search {
  to?: string;
}

export const Route = createFileRoute("/sign-in")({
  validateSearch: (search): Search => (search["to"] ? { to: localPath(search["to"]) } : {}),
  component: SignInPage,
});

function SignInPage() {
  const { to = "/" } = Route.useSearch();
  return (
    <Gate title="Sign in">
      <SignInForm to={to} />
    </Gate>
  );
}
