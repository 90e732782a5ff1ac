// The filters of the audit events as they stand in the page's address.
import type { AuditEvent } from "@/api/types";

export interface AuditFilter {
  actor_kind?: AuditEvent["actor"]["kind"];
  actor_id?: string;
  object_kind?: AuditEvent["object"]["kind"];
  object_id?: string;
}

export const ACTOR_KINDS = ["user", "api_key", "system"] as const;
export const OBJECT_KINDS = [
  "account",
  "user",
  "session",
  "api_key",
  "server",
  "tool",
  "policy",
  "grant",
] as const satisfies readonly AuditEvent["object"]["kind"][];

/** Reads an address; what is not understood is left out. */
export function readSearch(search: Record<string, unknown>): AuditFilter {
  const text = (name: string) => {
    const value = search[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const actorKind = ACTOR_KINDS.find((kind) => kind === search["actor_kind"]);
  const objectKind = OBJECT_KINDS.find((kind) => kind === search["object_kind"]);
  const [actorId, objectId] = [text("actor_id"), text("object_id")];
  return {
    ...(actorKind && { actor_kind: actorKind }),
    ...(actorId && { actor_id: actorId }),
    ...(objectKind && { object_kind: objectKind }),
    ...(objectId && { object_id: objectId }),
  };
}
