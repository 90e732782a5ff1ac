import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api } from "@/api/client";
import type { Tagged } from "@/api/tagged";
import type { Policy, PolicyVersion } from "@/api/types";
import { Badge } from "@/components/badges";
import { Page } from "@/components/page";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { toast } from "@/components/ui/toast";
import { May } from "@/features/auth/may";
import { usePolicy, usePolicyActions } from "@/features/policies/queries";
import { VersionDiff } from "@/features/policies/version-diff";
import { cn } from "@/lib/cn";

export function HistoryPage({ policyId }: { policyId: string }) {
  const policy = usePolicy(policyId);
  return <Loaded query={policy}>{(read) => <History key={read.value.id} read={read} />}</Loaded>;
}

function History({ read }: { read: Tagged<Policy> }) {
  const policy = read.value;
  const [chosen, setChosen] = useState(policy.version);
  const versions = api.useQuery("get", "/api/v1/policies/{id}/versions", {
    params: { path: { id: policy.id }, query: { limit: 200 } },
  });
  return (
    <Page
      title={`History of ${policy.name}`}
      above={
        <>
          <Link to="/policies" className="hover:underline">
            Policies
          </Link>
          {" / "}
          <Link
            to="/policies/$policyId"
            params={{ policyId: policy.id }}
            className="hover:underline"
          >
            {policy.name}
          </Link>
        </>
      }
      lead="Versions never change. Going back makes a new version of an old text."
    >
      <div className="grid items-start gap-5 lg:grid-cols-[16rem_minmax(0,1fr)]">
        <Loaded query={versions}>
          {({ items }) => (
            <ol className="border bg-surface" aria-label="Versions">
              {[...items]
                .sort((a, b) => b.number - a.number)
                .map((version) => (
                  <VersionEntry
                    key={version.number}
                    version={version}
                    inForce={version.number === policy.version}
                    chosen={version.number === chosen}
                    onChoose={() => setChosen(version.number)}
                  />
                ))}
            </ol>
          )}
        </Loaded>
        <div className="grid min-w-0 gap-4">
          <div className="flex min-h-9 flex-wrap items-center justify-between gap-3">
            <h2 className="text-lg font-semibold">
              {chosen === 1 ? "Version 1" : `Version ${chosen} against ${chosen - 1}`}
            </h2>
            {chosen !== policy.version && (
              <May permission="manage_policies">
                <RollBack read={read} version={chosen} onDone={setChosen} />
              </May>
            )}
          </div>
          <VersionDiff policyId={policy.id} version={chosen} />
        </div>
      </div>
    </Page>
  );
}

interface VersionEntryProps {
  version: PolicyVersion;
  inForce: boolean;
  chosen: boolean;
  onChoose: () => void;
}

function VersionEntry({ version, inForce, chosen, onChoose }: VersionEntryProps) {
  return (
    <li className="border-b last:border-b-0">
      <button
        type="button"
        aria-current={chosen ? "true" : undefined}
        onClick={onChoose}
        className={cn(
          "w-full border-l-3 border-transparent px-3 py-2 text-left -outline-offset-2 hover:bg-canvas",
          chosen && "border-accent bg-accent-soft",
        )}
      >
        <span className="flex items-center gap-2 font-semibold">
          Version {version.number}
          {inForce && <Badge className="border-allow text-allow">in force</Badge>}
        </span>
        <span className="block text-sm text-dim">
          <Time iso={version.created_at} form="date" />
          {version.rolled_back_to != null && <> · back to {version.rolled_back_to}</>}
        </span>
      </button>
    </li>
  );
}

interface RollBackProps {
  read: Tagged<Policy>;
  version: number;
  /** Hears which version is in force now. */
  onDone: (version: number) => void;
}

function RollBack({ read, version, onDone }: RollBackProps) {
  const { rollBack } = usePolicyActions();
  return (
    <Confirm
      trigger={<Button>Roll back to version {version}</Button>}
      title={`Roll back to version ${version}?`}
      action="Roll back"
      onConfirm={async () => {
        const policy = await rollBack(read, version);
        onDone(policy.version);
        toast(`Version ${policy.version} has the text of version ${version}. It is in force.`);
      }}
    >
      Its text becomes version {read.value.version + 1} and is in force at once for every grant that
      is bound to the policy.
    </Confirm>
  );
}
