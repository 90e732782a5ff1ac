import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { client } from "@/api/client";
import { problemMessage, unwrap } from "@/api/problem";
import type { Simulation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { Head, Row, Table, Td, Th } from "@/components/ui/table";
import { count } from "@/lib/format";

const PERIODS: [hours: number, label: string][] = [
  [1, "last hour"],
  [24, "last day"],
  [168, "last week"],
  [720, "last 30 days"],
];

/** What the draft would have done with the calls of a past period. */
export function PastCalls({ text, serverId }: { text: string; serverId: string }) {
  const [hours, setHours] = useState(168);
  const [summary, setSummary] = useState<NonNullable<Simulation["summary"]> | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const compare = async () => {
    setBusy(true);
    setError(null);
    const until = new Date();
    const since = new Date(until.getTime() - hours * 3_600_000);
    try {
      const decisions = { since: since.toISOString(), until: until.toISOString() };
      const body = { document: text, server_id: serverId, decisions };
      setSummary(unwrap(await client.POST("/api/v1/policies/simulate", { body })).summary ?? null);
    } catch (failure) {
      setSummary(null);
      setError(problemMessage(failure));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="grid gap-3">
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <Field label="Calls of the">
            {(control) => (
              <Select
                {...control}
                value={hours}
                onChange={(event) => setHours(Number(event.target.value))}
              >
                {PERIODS.map(([value, label]) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Button busy={busy} onClick={() => void compare()}>
          Compare
        </Button>
      </div>
      <div aria-live="polite" className="grid gap-3">
        {error && <Notice tone="error">{error}</Notice>}
        {summary && <Summary summary={summary} />}
      </div>
      <p className="text-sm text-dim">
        The log keeps the names of arguments, never their values. Calls that a rule about values
        would decide are counted as undecidable, not guessed.
      </p>
    </div>
  );
}

function Summary({ summary }: { summary: NonNullable<Simulation["summary"]> }) {
  if (summary.total === 0) return <p>There were no calls in that time.</p>;
  return (
    <>
      <p>
        Of {count(summary.total, "call")}, <b>{summary.changed.toLocaleString("en")}</b> would end
        differently
        {summary.undecidable > 0 && (
          <>, and {summary.undecidable.toLocaleString("en")} cannot be decided from the log</>
        )}
        .
      </p>
      {summary.by.length > 0 && (
        <Table label="Changed outcomes">
          <Head>
            <Th>Was</Th>
            <Th>Would be</Th>
            <Th>Calls</Th>
          </Head>
          <tbody>
            {summary.by.map((group, index) => (
              <Row key={index}>
                <Td>{group.from.replaceAll("_", " ")}</Td>
                <Td>
                  {group.to.replaceAll("_", " ")}
                  <span className="block font-mono text-sm break-all text-dim">
                    {group.code} {group.rule}
                  </span>
                </Td>
                <Td>
                  {group.example_decision_id ? (
                    <Link
                      to="/decisions"
                      search={{ id: group.example_decision_id }}
                      className="text-accent underline"
                      title="Show an example"
                    >
                      {group.count}
                    </Link>
                  ) : (
                    group.count
                  )}
                </Td>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
    </>
  );
}
