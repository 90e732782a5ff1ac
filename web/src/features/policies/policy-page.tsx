import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { isStale } from "@/api/problem";
import type { Tagged } from "@/api/tagged";
import type { Policy } from "@/api/types";
import { Page, Panel } from "@/components/page";
import { Loaded } from "@/components/states";
import { Button, buttonClass } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { May, useMay } from "@/features/auth/may";
import { ConflictDialog } from "@/features/policies/conflict-dialog";
import { readPolicy, usePolicy, usePolicyActions } from "@/features/policies/queries";
import { Workbench } from "@/features/policies/workbench";
import { count } from "@/lib/format";
import { useForm } from "@/lib/use-form";

export function PolicyPage({ policyId }: { policyId: string }) {
  const policy = usePolicy(policyId);
  return (
    <Loaded query={policy} rows={10}>
      {(read) => <Editing key={read.value.id} read={read} />}
    </Loaded>
  );
}

/** Edits the version that was read when the page was opened; a newer one on the server is a conflict, shown when saving. */
function Editing({ read }: { read: Tagged<Policy> }) {
  const { save, remove } = usePolicyActions();
  const mayEdit = useMay("manage_policies");
  const [base, setBase] = useState(read);
  const [theirs, setTheirs] = useState<Tagged<Policy> | null>(null);
  const policy = base.value;

  /** Does what starts from a version; when that is not the newest any more, shows both. */
  const orConflict = async (change: () => Promise<unknown>) => {
    try {
      await change();
      return true;
    } catch (error) {
      if (!isStale(error)) throw error;
      setTheirs(await readPolicy(policy.id));
      return false;
    }
  };
  const saveOver = async (over: Tagged<Policy>, values: { name: string; text: string }) => {
    const saved = await save(over, values);
    setBase(await readPolicy(policy.id));
    toast(`Saved as version ${saved.version}. It is in force.`);
  };
  const form = useForm({ name: policy.name, text: policy.text }, ["/name"], (values) =>
    orConflict(() => saveOver(base, values)),
  );
  const changed = form.values.text !== policy.text || form.values.name !== policy.name;

  return (
    <Page
      title={policy.name}
      above={
        <>
          <Link to="/policies" className="hover:underline">
            Policies
          </Link>
          {" / "}
          <Link
            to="/servers/$serverId"
            params={{ serverId: policy.server_id }}
            className="hover:underline"
          >
            {policy.server_slug}
          </Link>
        </>
      }
      lead={`Version ${policy.version}, in use by ${policy.bound_grants === 0 ? "no grant yet" : count(policy.bound_grants, "grant")}.`}
      actions={
        <>
          <Link
            to="/policies/$policyId/history"
            params={{ policyId: policy.id }}
            className={buttonClass()}
          >
            History
          </Link>
          <May permission="manage_access">
            <Link
              to="/grants/new"
              search={{ server: policy.server_id, policy: policy.id }}
              className={buttonClass()}
            >
              Mint grant
            </Link>
          </May>
        </>
      }
    >
      {mayEdit ? (
        <form noValidate onSubmit={form.submit} className="flex flex-wrap items-end gap-3">
          <div className="min-w-0 flex-1 sm:max-w-md">
            <Field label="Name" error={form.errors["/name"]}>
              {(control) => (
                <Input
                  {...control}
                  value={form.values.name}
                  onChange={(event) => form.set("name", event.target.value)}
                />
              )}
            </Field>
          </div>
          <Button type="submit" variant="primary" busy={form.busy} disabled={!changed}>
            Save new version
          </Button>
          <p role="status" className="self-center text-sm text-dim">
            {changed ? "Not saved yet." : ""}
          </p>
        </form>
      ) : (
        <p className="text-dim">Your role may try changes here, and not save them.</p>
      )}
      {form.failure && <Notice tone="error">{form.failure}</Notice>}
      <Workbench
        serverId={policy.server_id}
        text={form.values.text}
        onChange={(text) => form.set("text", text)}
        onSave={() => mayEdit && form.submit()}
      />
      {mayEdit && <DangerZone policy={policy} remove={() => orConflict(() => remove(base))} />}
      {theirs && (
        <ConflictDialog
          theirs={theirs.value}
          mine={form.values}
          onKeepMine={async () => {
            await saveOver(theirs, form.values);
            setTheirs(null);
          }}
          onTakeTheirs={() => {
            setBase(theirs);
            form.replace({ name: theirs.value.name, text: theirs.value.text });
            setTheirs(null);
          }}
          onClose={() => setTheirs(null)}
        />
      )}
    </Page>
  );
}

interface DangerZoneProps {
  policy: Policy;
  /** Whether it is removed now. */
  remove: () => Promise<boolean>;
}

function DangerZone({ policy: { name, bound_grants }, remove }: DangerZoneProps) {
  const navigate = useNavigate();
  const inUse = bound_grants > 0;
  return (
    <Panel
      title="Danger zone"
      tone="danger"
      className="flex flex-wrap items-center justify-between gap-3"
    >
      <p className="max-w-prose text-dim">
        {inUse
          ? "A policy that grants are bound to cannot be deleted. Bind them to another one first."
          : "Deleting the policy deletes its versions too. Decisions made by it stay on record."}
      </p>
      <Confirm
        trigger={
          <Button variant="danger" disabled={inUse}>
            Delete policy
          </Button>
        }
        title={`Delete ${name}?`}
        action="Delete policy"
        onConfirm={async () => {
          if (!(await remove())) return;
          toast(`${name} is deleted.`);
          await navigate({ to: "/policies" });
        }}
      >
        The policy and all its versions are gone. This cannot be undone.
      </Confirm>
    </Panel>
  );
}
