import { Link } from "@tanstack/react-router";

import type { ToolChange } from "@/api/types";
import { Badge, CategoryBadge } from "@/components/badges";
import { Panel } from "@/components/page";
import { TextDiff } from "@/components/text-diff";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Confirm } from "@/components/ui/confirm";
import { toast } from "@/components/ui/toast";
import { May } from "@/features/auth/may";
import { useAcceptChange } from "@/features/changes/queries";

const WORDS: Record<ToolChange["kind"], string> = {
  added: "is new",
  removed: "is not offered any more",
  changed: "has another definition",
  renamed: "has another name",
  instructions: "are others",
};

/** One change: what happened, both sides beside each other, what differs, and its acceptance. */
export function ChangePanel({ serverId, change }: { serverId: string; change: ToolChange }) {
  const name = change.tool ?? "Instructions";
  return (
    <Panel
      title={
        <span className="flex flex-wrap items-center gap-2">
          {change.tool && change.kind !== "removed" ? (
            <Link
              to="/servers/$serverId/tools/$tool"
              params={{ serverId, tool: change.tool }}
              className="font-mono break-all text-accent hover:underline"
            >
              {name}
            </Link>
          ) : (
            <span className={change.tool ? "font-mono break-all" : ""}>{name}</span>
          )}
          <span className="font-normal">{WORDS[change.kind]}</span>
        </span>
      }
      actions={<Acceptance serverId={serverId} change={change} name={name} />}
      className="grid gap-4"
    >
      <Facts change={change} />
      <Sides change={change} name={name} />
      {change.before != null && change.after != null && (
        <TextDiff
          label={`Changed lines of ${name}`}
          before={text(change.before)}
          after={text(change.after)}
        />
      )}
    </Panel>
  );
}

function Facts({ change }: { change: ToolChange }) {
  return (
    <p className="flex flex-wrap items-center gap-2 text-dim">
      {change.category_raised && (
        <Badge className="border-deny bg-deny-soft text-deny">category raised</Badge>
      )}
      {change.previous_name && (
        <span>
          before: <span className="font-mono">{change.previous_name}</span>
        </span>
      )}
      {change.category_before && <CategoryBadge category={change.category_before} />}
      {change.category_before && change.category_after && <span aria-hidden>→</span>}
      {change.category_after && <CategoryBadge category={change.category_after} />}
      <span>
        seen <Time iso={change.detected_at} />
      </span>
    </p>
  );
}

function Sides({ change, name }: { change: ToolChange; name: string }) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      {change.before != null && (
        <CodeBlock label={`Accepted: ${name}`} code={text(change.before)} />
      )}
      {change.after != null && <CodeBlock label={`Now: ${name}`} code={text(change.after)} />}
    </div>
  );
}

function Acceptance({
  serverId,
  change,
  name,
}: {
  serverId: string;
  change: ToolChange;
  name: string;
}) {
  const accept = useAcceptChange(serverId);
  if (change.accepted_at) {
    return (
      <span className="text-sm text-dim">
        accepted <Time iso={change.accepted_at} /> by {change.accepted_by}
      </span>
    );
  }
  return (
    <May permission="manage_policies">
      <Confirm
        trigger={<Button size="sm">Accept</Button>}
        title={`Accept this change of ${name}?`}
        action="Accept"
        onConfirm={async () => {
          await accept(change);
          toast("The change is accepted.");
        }}
      >
        From now on calls are decided by the policy alone.
      </Confirm>
    </May>
  );
}

/** A definition as text with its members in order, so that only differences differ; instructions as they are. */
function text(side: unknown): string {
  return typeof side === "string" ? side : JSON.stringify(side, null, 2);
}
