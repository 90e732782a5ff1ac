import { createFileRoute } from "@tanstack/react-router";

import { Gate } from "@/features/auth/gate";
import { ResetForm } from "@/features/auth/reset-form";
import { useLinkToken } from "@/lib/link-token";

export const Route = createFileRoute("/reset-password")({ component: ResetPage });

function ResetPage() {
  const token = useLinkToken();
  return (
    <Gate title="Set a new password">
      <ResetForm token={token} />
    </Gate>
  );
}
