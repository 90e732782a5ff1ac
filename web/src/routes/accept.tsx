import { createFileRoute } from "@tanstack/react-router";

import { AcceptForm } from "@/features/auth/accept-form";
import { Gate } from "@/features/auth/gate";
import { currentMe } from "@/features/auth/session";
import { useLinkToken } from "@/lib/link-token";

export const Route = createFileRoute("/accept")({
  beforeLoad: async ({ context }) => ({ me: await currentMe(context.cache) }),
  component: AcceptPage,
});

function AcceptPage() {
  const { me } = Route.useRouteContext();
  const token = useLinkToken();
  return (
    <Gate title="Accept invitation">
      <AcceptForm token={token} signedInAs={me?.user?.email ?? null} />
    </Gate>
  );
}
