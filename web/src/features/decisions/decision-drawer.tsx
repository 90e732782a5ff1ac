import { Link } from "@tanstack/react-router";

import { api } from "@/api/client";
import type { Decision } from "@/api/types";
import { CategoryBadge, ModeBadge } from "@/components/badges";
import { Outcome } from "@/components/outcome";
import { Fact, Facts } from "@/components/page";
import { Prose } from "@/components/prose";
import { Loaded } from "@/components/states";
import { CopyIcon } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { dateTime, bytes, micros, millis } from "@/lib/format";

/** Everything on record of one call. Values of arguments are not. */
export function DecisionDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const decision = api.useQuery(
    "get",
    "/api/v1/decisions/{id}",
    { params: { path: { id } } },
    // How a call ended may not be known yet.
    {
      refetchInterval: ({ state }) =>
        state.data && wasForwarded(state.data) && !state.data.ending ? 2000 : false,
    },
  );
  return (
    <Dialog open onOpenChange={onClose} title="Decision" description={id} placement="side">
      <Loaded query={decision}>{(data) => <Details decision={data} />}</Loaded>
    </Dialog>
  );
}

/** A denied or held call never reaches the server, so that there is no ending to wait for. */
function wasForwarded({ outcome }: Decision): boolean {
  return outcome !== "denied" && outcome !== "held";
}

function Details({ decision }: { decision: Decision }) {
  const { ending } = decision;
  return (
    <div className="grid gap-5">
      <div className="grid gap-1">
        <Outcome outcome={decision.outcome} className="text-lg" />
        {decision.message && (
          <p>
            <Prose>{decision.message}</Prose>
          </p>
        )}
      </div>
      <Facts>
        <Fact name="Time">
          {dateTime(decision.time)}{" "}
          <span className="font-mono text-sm text-dim">{decision.time}</span>
        </Fact>
        <Fact name="Call">
          <span className="font-mono text-sm break-all">
            {decision.method} {decision.target}
          </span>{" "}
          {decision.category && <CategoryBadge category={decision.category} />}
        </Fact>
        {decision.code && (
          <Fact name="Code">
            <span className="font-mono text-sm">{decision.code}</span>
          </Fact>
        )}
        {decision.rule && (
          <Fact name="Rule">
            <span className="font-mono text-sm break-all">{decision.rule}</span>
          </Fact>
        )}
        <Fact name="Policy">
          {decision.policy_id ? (
            <Link
              to="/policies/$policyId"
              params={{ policyId: decision.policy_id }}
              className="text-accent underline"
            >
              version {decision.policy_version}
            </Link>
          ) : (
            "none"
          )}{" "}
          <ModeBadge mode={decision.mode} />
        </Fact>
        <Fact name="Grant">
          <Link
            to="/grants/$grantId"
            params={{ grantId: decision.grant_id }}
            className="text-accent underline"
          >
            {decision.grant_label}
          </Link>
        </Fact>
        <Fact name="Server">
          <Link
            to="/servers/$serverId"
            params={{ serverId: decision.server_id }}
            className="font-mono text-accent underline"
          >
            {decision.server_slug}
          </Link>
        </Fact>
        <Fact name="Client">
          {decision.client_name ?? "unknown"} {decision.client_version}
          {decision.protocol_version && (
            <span className="text-dim"> · MCP {decision.protocol_version}</span>
          )}
        </Fact>
        <Fact name="Arguments">
          {decision.argument_names.length > 0 ? (
            <span className="font-mono text-sm">{decision.argument_names.join(", ")}</span>
          ) : (
            "none"
          )}
          {decision.argument_hash && (
            <span className="block font-mono text-sm break-all text-dim">
              hash {decision.argument_hash}
            </span>
          )}
        </Fact>
        <Fact name="Gateway">
          {micros(decision.gateway_us)}, {bytes(decision.bytes_in)} in
        </Fact>
        <Fact name="Ending">
          {ending ? (
            <EndingWords ending={ending} />
          ) : wasForwarded(decision) ? (
            "not known yet"
          ) : (
            "not forwarded"
          )}
        </Fact>
        {decision.session && (
          <Fact name="Session">
            <span className="font-mono text-sm break-all">{decision.session}</span>
          </Fact>
        )}
        {decision.trace_id && (
          <Fact name="Trace">
            <span className="flex items-center gap-1 font-mono text-sm">
              <span className="min-w-0 break-all">{decision.trace_id}</span>
              <CopyIcon text={decision.trace_id} label="Copy trace id" />
            </span>
          </Fact>
        )}
      </Facts>
    </div>
  );
}

function EndingWords({ ending }: { ending: NonNullable<Decision["ending"]> }) {
  const parts = [
    ending.result.replaceAll("_", " "),
    ending.upstream_status != null && `HTTP ${ending.upstream_status}`,
    ending.upstream_ms != null && `${millis(ending.upstream_ms)} upstream`,
    ending.bytes_out != null && `${bytes(ending.bytes_out)} out`,
  ];
  return parts.filter(Boolean).join(", ");
}
