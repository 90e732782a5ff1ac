import type { Grant } from "@/api/types";
import { Badge } from "@/components/badges";

const LOOKS = {
  active: "border-allow text-allow",
  expired: "border-hold text-hold",
  revoked: "border-deny text-deny",
};

export function StatusBadge({ status }: { status: Grant["status"] }) {
  return <Badge className={LOOKS[status]}>{status}</Badge>;
}
