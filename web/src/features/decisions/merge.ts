import type { Decision } from "@/api/types";

/**
 * Puts decisions that have just arrived before those that were read, newest first. A decision comes a second time when
 * its ending is known, and then takes the place of the first.
 */
export function merge(arrived: readonly Decision[], read: readonly Decision[]): Decision[] {
  const byId = new Map<string, Decision>();
  for (const decision of read) byId.set(decision.id, decision);
  for (const decision of arrived) {
    const known = byId.get(decision.id);
    if (!known?.ending || decision.ending) byId.set(decision.id, decision);
  }
  return [...byId.values()].sort(
    (a, b) => b.time.localeCompare(a.time) || b.id.localeCompare(a.id),
  );
}
