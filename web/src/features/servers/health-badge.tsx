import { api } from "@/api/client";
import { Badge } from "@/components/badges";
import { Time } from "@/components/time";

const LOOKS = {
  ok: "border-allow text-allow",
  failing: "border-deny text-deny",
  unknown: "border-line-strong text-dim",
};

/** Whether the upstream answers; asked again every half minute while in view. */
export function HealthBadge({ serverId }: { serverId: string }) {
  const health = api.useQuery(
    "get",
    "/api/v1/servers/{id}/health",
    { params: { path: { id: serverId } } },
    { refetchInterval: 30_000 },
  );
  const { status = "unknown", checked_at, error } = health.data ?? {};
  return (
    <span className="flex min-h-6 flex-wrap items-center gap-2">
      <Badge className={LOOKS[status]}>{status}</Badge>
      {error && <span className="text-deny">{error}</span>}
      {checked_at && (
        <span className="text-dim">
          checked <Time iso={checked_at} />
        </span>
      )}
    </span>
  );
}
