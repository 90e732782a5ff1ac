import { createFileRoute } from "@tanstack/react-router";

import { Gate } from "@/features/auth/gate";
import { SignUpForm } from "@/features/auth/sign-up-form";
import { localPath } from "@/lib/local-path";

interface Search {
  to?: string;
}

export const Route = createFileRoute("/sign-up")({
  validateSearch: (search): Search => (search["to"] ? { to: localPath(search["to"]) } : {}),
  component: SignUpPage,
});

function SignUpPage() {
  const { to = "/" } = Route.useSearch();
  return (
    <Gate title="Create an account">
      <SignUpForm to={to} />
    </Gate>
  );
}
