import type { Tool } from "@/api/types";
import { Badge } from "@/components/badges";
import { Panel } from "@/components/page";

type Finding = Tool["findings"][number];

const LOOKS: Record<Finding["severity"], string> = {
  high: "border-deny bg-deny-soft text-deny",
  medium: "border-hold text-hold",
  low: "border-line-strong text-dim",
};

/** A finding by its code. The colour repeats what the severity says in words. */
export function FindingBadge({ finding }: { finding: Finding }) {
  return <Badge className={LOOKS[finding.severity]}>{finding.code.replaceAll("_", " ")}</Badge>;
}

/** What is wrong with a definition; nothing where nothing is. */
export function Findings({ findings }: { findings: Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <Panel title="Findings">
      <ul className="grid gap-3">
        {findings.map((finding) => (
          <li key={`${finding.code} ${finding.where}`}>
            <span className="flex flex-wrap items-center gap-2">
              <FindingBadge finding={finding} />
              <span className="text-sm">{finding.severity} severity</span>
              <span className="font-mono text-sm break-all text-dim">{finding.where}</span>
            </span>
            <p className="mt-1">{finding.message}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
