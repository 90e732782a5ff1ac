import { api } from "@/api/client";
import type { Usage } from "@/api/types";
import { Fact, Facts, Page, Panel } from "@/components/page";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { DayChart } from "@/features/usage/day-chart";
import { chartDays, forwarded, refused } from "@/features/usage/days";
import { LimitBar } from "@/features/usage/limit-bar";
import { PlanPanel } from "@/features/usage/plan-panel";
import { bytes } from "@/lib/format";

export function UsagePage() {
  const usage = api.useQuery("get", "/api/v1/usage");
  return (
    <Page title="Usage" lead="What this account has and did this month, and what its plan allows.">
      <Loaded query={usage} rows={6}>
        {(data) => <Filled usage={data} />}
      </Loaded>
    </Page>
  );
}

function Filled({ usage }: { usage: Usage }) {
  return (
    <>
      <Panel
        title={
          <>
            Plan <span className="font-mono text-sm">{usage.plan}</span>
          </>
        }
      >
        <Limits usage={usage} />
      </Panel>
      <Panel title="Calls this month">
        <Month usage={usage} />
      </Panel>
      <PlanPanel usage={usage} />
    </>
  );
}

function Limits({ usage: { limits, month_ends_at } }: { usage: Usage }) {
  const kept = limits.retention_days.max ?? null;
  return (
    <div className="grid gap-5">
      <ul className="grid gap-x-8 gap-y-4 md:grid-cols-2">
        <LimitBar name="Servers" used={limits.servers.used ?? 0} max={limits.servers.max ?? null} />
        <LimitBar name="Grants" used={limits.grants.used ?? 0} max={limits.grants.max ?? null} />
        <LimitBar
          name="Members, with those invited"
          used={limits.members.used ?? 0}
          max={limits.members.max ?? null}
        />
        <LimitBar
          name="Calls this month"
          used={limits.calls_a_month.used ?? 0}
          max={limits.calls_a_month.max ?? null}
        />
        {limits.calls_at_once.max != null && (
          <LimitBar
            name="Calls at once, now"
            used={limits.calls_at_once.used ?? null}
            max={limits.calls_at_once.max}
          />
        )}
      </ul>
      <Facts>
        <Fact name="Month ends">
          <Time iso={month_ends_at} form="date" />
        </Fact>
        {limits.calls_at_once.max == null && (
          <Fact name="Calls at once">not limited by the plan</Fact>
        )}
        <Fact name="Decisions are kept">
          {kept === null
            ? "for ever"
            : `${kept.toLocaleString("en")} ${kept === 1 ? "day" : "days"}`}
        </Fact>
      </Facts>
    </div>
  );
}

function Month({ usage }: { usage: Usage }) {
  const { month } = usage;
  if (forwarded(month) + refused(month) === 0)
    return (
      <p className="text-dim">There were no calls this month. Days with calls are shown here.</p>
    );
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <DayChart days={chartDays(usage)} />
      <Facts>
        <Fact name="Allowed">{month.allowed.toLocaleString("en")}</Fact>
        <Fact name="Denied">{month.denied.toLocaleString("en")}</Fact>
        {month.held > 0 && <Fact name="Held">{month.held.toLocaleString("en")}</Fact>}
        {month.shadow_denied > 0 && (
          <Fact name="Denied in shadow">{month.shadow_denied.toLocaleString("en")}</Fact>
        )}
        {month.allowed_unmetered > 0 && (
          <Fact name="Allowed unmetered">{month.allowed_unmetered.toLocaleString("en")}</Fact>
        )}
        <Fact name="Received from agents">{bytes(month.bytes_in)}</Fact>
        <Fact name="Sent to agents">{bytes(month.bytes_out)}</Fact>
      </Facts>
    </div>
  );
}
