import type { AuditEvent } from "@/api/types";
import { TextDiff } from "@/components/text-diff";
import { changes, type Change } from "@/features/audit/changes";
import { dateTime } from "@/lib/format";

/** The two sides of an event, and its place in the chain. */
export function AuditDetail({ event }: { event: AuditEvent }) {
  const found = changes(event.before, event.after);
  return (
    <div className="grid gap-3">
      {found.length > 0 && (
        <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[max-content_minmax(0,1fr)]">
          {found.map((change) => (
            <Member key={change.name} change={change} />
          ))}
        </dl>
      )}
      <p className="text-sm text-dim">
        Event {event.number}, {dateTime(event.time)}, on{" "}
        <span className="font-mono break-all">{event.object.id}</span>. Hash{" "}
        <span className="font-mono break-all">{event.hash}</span>
      </p>
    </div>
  );
}

function Member({ change: { name, before, after } }: { change: Change }) {
  const isLong = [before, after].some((side) => side?.includes("\n") || (side?.length ?? 0) > 100);
  return (
    <>
      <dt className="font-mono text-sm text-dim">{name}</dt>
      <dd className="min-w-0">
        {isLong ? (
          <TextDiff label={name} before={before ?? ""} after={after ?? ""} />
        ) : (
          <span className="font-mono text-sm break-all">
            {before !== undefined && <del className="text-deny">{before}</del>}
            {before !== undefined && after !== undefined && " → "}
            {after !== undefined && <ins className="text-allow no-underline">{after}</ins>}
          </span>
        )}
      </dd>
    </>
  );
}
