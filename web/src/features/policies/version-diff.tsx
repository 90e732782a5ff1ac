import { api } from "@/api/client";
import { Loaded } from "@/components/states";
import { TextDiff } from "@/components/text-diff";
import { CodeBlock } from "@/components/ui/code-block";

const PATH = "/api/v1/policies/{id}/versions/{number}";

function useVersion(id: string, number: number, enabled = true) {
  return api.useQuery(
    "get",
    PATH,
    { params: { path: { id, number } } },
    { staleTime: Infinity, enabled },
  );
}

/** A version as text against the one before, with the members that changed. */
export function VersionDiff({ policyId, version }: { policyId: string; version: number }) {
  const isFirst = version === 1;
  const after = useVersion(policyId, version);
  const before = useVersion(policyId, version - 1, !isFirst);
  return (
    <Loaded query={after} rows={8}>
      {(next) =>
        isFirst ? (
          <CodeBlock label="policy.json" code={next.text} />
        ) : (
          <Loaded query={before} rows={8}>
            {(previous) => (
              <>
                <Members policyId={policyId} version={version} />
                <TextDiff label="Changed lines" before={previous.text} after={next.text} />
              </>
            )}
          </Loaded>
        )
      }
    </Loaded>
  );
}

const LOOKS = { added: "text-allow", removed: "text-deny", changed: "text-hold" } as const;

/** What changed in meaning: layout and order of members do not count. */
function Members({ policyId, version }: { policyId: string; version: number }) {
  const diff = api.useQuery(
    "get",
    "/api/v1/policies/{id}/versions/{number}/diff",
    { params: { path: { id: policyId, number: version }, query: { against: version - 1 } } },
    { staleTime: Infinity },
  );
  return (
    <Loaded query={diff} rows={2}>
      {({ changes }) =>
        changes.length === 0 ? (
          <p className="text-dim">Only the layout differs.</p>
        ) : (
          <ul className="border bg-surface">
            {changes.map((change) => (
              <li
                key={change.op + change.pointer}
                className="grid gap-x-4 border-b px-3 py-1.5 last:border-b-0 sm:grid-cols-[5rem_minmax(0,1fr)]"
              >
                <span className={`font-semibold ${LOOKS[change.op]}`}>{change.op}</span>
                <span className="min-w-0 font-mono text-sm break-all">
                  {change.pointer || "/"}
                  {change.op === "changed" && (
                    <span className="block text-dim">
                      {JSON.stringify(change.from)} → {JSON.stringify(change.to)}
                    </span>
                  )}
                </span>
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}
