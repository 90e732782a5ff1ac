import { Link } from "@tanstack/react-router";

import type { Tagged } from "@/api/tagged";
import type { Grant } from "@/api/types";
import { Fact, Facts, Page, Panel } from "@/components/page";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Button, buttonClass } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { toast } from "@/components/ui/toast";
import { May } from "@/features/auth/may";
import { BindingsPanel } from "@/features/grants/bindings-panel";
import { useGrant, useGrantActions } from "@/features/grants/queries";
import { RotateDialog } from "@/features/grants/rotate-dialog";
import { StatusBadge } from "@/features/grants/status-badge";

export function GrantPage({ grantId }: { grantId: string }) {
  const grant = useGrant(grantId);
  return <Loaded query={grant}>{(data) => <Filled read={data} />}</Loaded>;
}

function Filled({ read }: { read: Tagged<Grant> }) {
  const grant = read.value;
  const active = grant.status === "active";
  return (
    <Page
      title={grant.label}
      above={
        <Link to="/grants" className="hover:underline">
          Grants
        </Link>
      }
      actions={
        <>
          <Link to="/decisions" search={{ grant_id: grant.id }} className={buttonClass()}>
            Its decisions
          </Link>
          {active && (
            <May permission="manage_access">
              <RotateDialog read={read} />
            </May>
          )}
        </>
      }
    >
      <Panel>
        <Facts>
          <Fact name="Status">
            <StatusBadge status={grant.status} />
          </Fact>
          <Fact name="Token">
            <span className="font-mono text-sm">ost_grant_…{grant.token_hint}</span>
          </Fact>
          <Fact name="Minted">
            <Time iso={grant.created_at} form="date" />
          </Fact>
          <Fact name="Expires">
            {grant.expires_at ? <Time iso={grant.expires_at} form="date" /> : "never"}
          </Fact>
          {grant.revoked_at && (
            <Fact name="Revoked">
              <Time iso={grant.revoked_at} form="date" />
            </Fact>
          )}
          <Fact name="Last used">
            {grant.last_used_at ? <Time iso={grant.last_used_at} /> : "never"}
          </Fact>
        </Facts>
      </Panel>
      <BindingsPanel read={read} />
      {active && (
        <May permission="manage_access">
          <DangerZone read={read} />
        </May>
      )}
    </Page>
  );
}

function DangerZone({ read }: { read: Tagged<Grant> }) {
  const grant = read.value;
  const { revoke } = useGrantActions();
  return (
    <Panel
      title="Danger zone"
      tone="danger"
      className="flex flex-wrap items-center justify-between gap-3"
    >
      <p className="max-w-prose text-dim">
        A revoked grant opens nothing, from the next call on. It cannot be brought back.
      </p>
      <Confirm
        trigger={<Button variant="danger">Revoke grant</Button>}
        title={`Revoke ${grant.label}?`}
        action="Revoke grant"
        onConfirm={async () => {
          await revoke(read);
          toast(`${grant.label} is revoked.`);
        }}
      >
        Every agent that holds its token is turned away from the next call on. Its decisions stay on
        record.
      </Confirm>
    </Panel>
  );
}
