import { Link, useNavigate } from "@tanstack/react-router";

import { api } from "@/api/client";
import type { Decision, Grant, Policy, Server } from "@/api/types";
import { Page, Panel } from "@/components/page";
import { Failure, LoadingRows } from "@/components/states";
import { useMe } from "@/features/auth/session";
import { DecisionTable } from "@/features/decisions/decision-table";
import { merge } from "@/features/decisions/merge";
import { useLive } from "@/features/decisions/use-live";
import { FirstSteps } from "@/features/overview/first-steps";
import { ServerSummary } from "@/features/overview/server-summary";

const SHOWN = 8;
const EVERYTHING = {};
const FIRST_PAGE = { params: { query: { limit: 200 } } };

/** The way from nothing to the first denied call, and after that what is happening now. */
export function OverviewPage() {
  const me = useMe();
  const servers = api.useQuery("get", "/api/v1/servers", FIRST_PAGE);
  const policies = api.useQuery("get", "/api/v1/policies", FIRST_PAGE);
  const grants = api.useQuery("get", "/api/v1/grants", FIRST_PAGE);
  const decisions = api.useQuery("get", "/api/v1/decisions", {
    params: { query: { limit: SHOWN } },
  });
  const { arrived } = useLive(EVERYTHING, false);

  const failed = [servers, policies, grants, decisions].find((query) => query.error && !query.data);
  const ready = servers.data && policies.data && grants.data && decisions.data;
  return (
    <Page
      title="Overview"
      lead={me.data && `What agents may do, and did, in ${me.data.account.name}.`}
    >
      {failed && <Failure error={failed.error} retry={failed.refetch} />}
      {!failed && !ready && <LoadingRows rows={6} />}
      {ready && (
        <Filled
          servers={servers.data.items}
          policies={policies.data.items}
          grants={grants.data.items}
          decisions={merge(arrived, decisions.data.items).slice(0, SHOWN)}
          lit={new Set(arrived.map((decision) => decision.id))}
        />
      )}
    </Page>
  );
}

interface FilledProps {
  servers: Server[];
  policies: Policy[];
  grants: Grant[];
  decisions: Decision[];
  lit: Set<string>;
}

function Filled({ servers, policies, grants, decisions, lit }: FilledProps) {
  const navigate = useNavigate();
  return (
    <>
      <FirstSteps
        servers={servers}
        policies={policies}
        grants={grants}
        hasDecisions={decisions.length > 0}
      />
      {decisions.length > 0 && (
        <section className="grid min-w-0 gap-2" aria-label="Latest decisions">
          <div className="flex items-baseline justify-between">
            <h2 className="text-lg font-semibold">Latest decisions</h2>
            <Link to="/decisions" search={{}} className="text-accent underline">
              All decisions
            </Link>
          </div>
          <DecisionTable
            decisions={decisions}
            lit={lit}
            onOpen={(id) => void navigate({ to: "/decisions", search: { id } })}
          />
        </section>
      )}
      {servers.length > 0 && (
        <Panel title="Servers" className="p-0">
          <ServerSummary servers={servers} policies={policies} grants={grants} />
        </Panel>
      )}
    </>
  );
}
