import { createFileRoute } from "@tanstack/react-router";

import { Gate } from "@/features/auth/gate";
import { VerifyPanel } from "@/features/auth/verify-panel";
import { useLinkToken } from "@/lib/link-token";

export const Route = createFileRoute("/verify-email")({ component: VerifyPage });

function VerifyPage() {
  const token = useLinkToken();
  return (
    <Gate title="Confirm your address">
      <VerifyPanel token={token} />
    </Gate>
  );
}
