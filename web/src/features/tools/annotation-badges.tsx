import { Badge } from "@/components/badges";

const HINTS: Record<string, [whenTrue: string, whenFalse: string]> = {
  readOnlyHint: ["read-only", "not read-only"],
  destructiveHint: ["destructive", "not destructive"],
  idempotentHint: ["idempotent", "not idempotent"],
  openWorldHint: ["open world", "closed world"],
};

const BRIEF = new Set(["readOnlyHint", "destructiveHint"]);

interface AnnotationBadgesProps {
  annotations: unknown;
  /** Only what stands out: a list of tools is read down, not across. */
  brief?: boolean;
}

/** What the server itself says of the tool: a claim, nothing to rely on. */
export function AnnotationBadges({ annotations, brief = false }: AnnotationBadgesProps) {
  const claims = Object.entries((annotations ?? {}) as Record<string, unknown>).flatMap(
    ([hint, value]) => {
      const words = HINTS[hint];
      if (!words || typeof value !== "boolean") return [];
      if (brief && !(value && BRIEF.has(hint))) return [];
      return [value ? words[0] : words[1]];
    },
  );
  if (claims.length === 0) return <span className="text-dim">–</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {claims.map((claim) => (
        <Badge key={claim}>{claim}</Badge>
      ))}
    </span>
  );
}
