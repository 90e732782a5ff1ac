import { createFileRoute } from "@tanstack/react-router";

import { Gate } from "@/features/auth/gate";
import { SignUpForm } from "@/features/auth/sign-up-form";

export const Route = createFileRoute("/sign-up")({ component: SignUpPage });

function SignUpPage() {
  return (
    <Gate title="Create an account">
      <SignUpForm />
    </Gate>
  );
}
