import type { Server } from "@/api/types";
import { Badge } from "@/components/badges";

/** Whether what is known of the server's tools is what it offers now. */
export function InventoryState({ inventory }: { inventory: Server["inventory"] }) {
  if (inventory.error) return <Badge className="border-deny text-deny">last read failed</Badge>;
  if (inventory.stale) return <Badge className="border-hold text-hold">stale</Badge>;
  return <Badge className="border-allow text-allow">current</Badge>;
}
