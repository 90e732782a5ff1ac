import { createFileRoute } from "@tanstack/react-router";

import { ForgotForm } from "@/features/auth/forgot-form";
import { Gate } from "@/features/auth/gate";

export const Route = createFileRoute("/forgot-password")({ component: ForgotPage });

function ForgotPage() {
  return (
    <Gate title="Forgot your password?">
      <ForgotForm />
    </Gate>
  );
}
