import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";

import type { Tagged } from "@/api/tagged";
import type { Binding, Grant } from "@/api/types";
import { ModeBadge } from "@/components/badges";
import { Panel } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { CopyIcon } from "@/components/ui/copy";
import { toast } from "@/components/ui/toast";
import { May } from "@/features/auth/may";
import { BindingDialog } from "@/features/grants/binding-dialog";
import { useGrantActions } from "@/features/grants/queries";

/** Which servers the grant opens, and what decides there. */
export function BindingsPanel({ read }: { read: Tagged<Grant> }) {
  const grant = read.value;
  // A binding that is being changed, or "new".
  const [editing, setEditing] = useState<Binding | "new" | null>(null);
  const active = grant.status === "active";
  return (
    <Panel
      title="Opens"
      className="p-0"
      actions={
        active && (
          <May permission="manage_access">
            <Button size="sm" onClick={() => setEditing("new")}>
              <Plus aria-hidden />
              Bind a server
            </Button>
          </May>
        )
      }
    >
      {grant.bindings.length === 0 && <p className="p-4 text-dim">It opens no server.</p>}
      <ul>
        {grant.bindings.map((binding) => (
          <li
            key={binding.server_id}
            className="grid items-center gap-x-4 gap-y-2 border-b px-4 py-3 last:border-b-0 md:grid-cols-[minmax(0,1fr)_auto]"
          >
            <div className="min-w-0">
              <p className="flex flex-wrap items-center gap-x-2">
                <Link
                  to="/servers/$serverId"
                  params={{ serverId: binding.server_id }}
                  className="font-mono font-semibold text-accent hover:underline"
                >
                  {binding.server_slug}
                </Link>
                <span className="text-dim">decided by</span>
                <PolicyName binding={binding} />
                <ModeBadge mode={binding.mode} />
              </p>
              <p className="flex items-center gap-1 font-mono text-sm text-dim">
                <span className="min-w-0 break-all">{binding.gateway_url}</span>
                <CopyIcon text={binding.gateway_url} label="Copy gateway URL" />
              </p>
            </div>
            {active && (
              <div className="flex gap-2">
                <May permission="manage_policies">
                  <Button size="sm" onClick={() => setEditing(binding)}>
                    Change
                  </Button>
                </May>
                <May permission="manage_access">
                  <Unbind read={read} binding={binding} />
                </May>
              </div>
            )}
          </li>
        ))}
      </ul>
      {editing && (
        <BindingDialog
          read={read}
          binding={editing === "new" ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </Panel>
  );
}

function PolicyName({ binding }: { binding: Binding }) {
  if (!binding.policy_id) return <span className="text-deny">no policy: everything is denied</span>;
  return (
    <Link
      to="/policies/$policyId"
      params={{ policyId: binding.policy_id }}
      className="text-accent hover:underline"
    >
      {binding.policy_name}
    </Link>
  );
}

function Unbind({ read, binding }: { read: Tagged<Grant>; binding: Binding }) {
  const grant = read.value;
  const { unbind } = useGrantActions();
  return (
    <Confirm
      trigger={
        <Button size="sm" variant="danger">
          Unbind
        </Button>
      }
      title={`Take ${binding.server_slug} from ${grant.label}?`}
      action="Unbind"
      onConfirm={async () => {
        await unbind(read, binding.server_id);
        toast(`${grant.label} no longer opens ${binding.server_slug}.`);
      }}
    >
      Calls of this grant to the server are refused from the next one on.
    </Confirm>
  );
}
