import type { Decision } from "@/api/types";
import { Badge } from "@/components/badges";
import { Outcome } from "@/components/outcome";
import { Prose } from "@/components/prose";
import { Time } from "@/components/time";
import { Head, Table, Th } from "@/components/ui/table";
import { cn } from "@/lib/cn";
import { micros } from "@/lib/format";

interface DecisionTableProps {
  decisions: Decision[];
  /** Those that arrived while the page was open. */
  lit: ReadonlySet<string>;
  onOpen: (id: string) => void;
}

export function DecisionTable({ decisions, lit, onOpen }: DecisionTableProps) {
  return (
    <Table label="Decisions">
      <Head>
        <Th className="max-sm:hidden">Time</Th>
        <Th>Outcome</Th>
        <Th>Call</Th>
        <Th className="max-md:hidden">Grant</Th>
        <Th className="max-lg:hidden">Server</Th>
        <Th className="text-right max-lg:hidden">Gateway</Th>
      </Head>
      <tbody>
        {decisions.map((decision) => (
          <tr
            key={decision.id}
            data-decision={decision.id}
            data-outcome={decision.outcome}
            onClick={() => onOpen(decision.id)}
            className={cn(
              "cursor-pointer border-b last:border-b-0 hover:bg-canvas",
              lit.has(decision.id) && "arrived",
            )}
          >
            <td className="px-3 py-1.5 align-top text-sm text-dim max-sm:hidden">
              <Time iso={decision.time} form="clock" />
            </td>
            <td className="px-3 py-1.5 align-top">
              <Outcome outcome={decision.outcome} />
              <span className="block text-sm text-dim sm:hidden">
                <Time iso={decision.time} form="clock" />
              </span>
            </td>
            <td className="w-full px-3 py-1.5 align-top">
              <span className="flex flex-wrap items-center gap-x-2">
                <button
                  type="button"
                  onClick={(event) => {
                    event.stopPropagation();
                    onOpen(decision.id);
                  }}
                  className="text-left font-mono font-semibold break-all hover:underline"
                >
                  {decision.target ?? decision.method}
                </button>
                {decision.method !== "tools/call" && <Badge>{decision.method}</Badge>}
                {decision.ending?.result && decision.ending.result !== "ok" && (
                  <Badge className="border-hold text-hold">
                    {decision.ending.result.replaceAll("_", " ")}
                  </Badge>
                )}
              </span>
              {(decision.message || decision.code) && (
                <span className="block text-sm text-dim">
                  {decision.code && <span className="font-mono">{decision.code}</span>}
                  {decision.code && decision.message && " · "}
                  {decision.message && <Prose>{decision.message}</Prose>}
                </span>
              )}
            </td>
            <td className="px-3 py-1.5 align-top whitespace-nowrap max-md:hidden">
              {decision.grant_label}
            </td>
            <td className="px-3 py-1.5 align-top font-mono text-sm whitespace-nowrap max-lg:hidden">
              {decision.server_slug}
            </td>
            <td className="px-3 py-1.5 text-right align-top text-sm whitespace-nowrap text-dim max-lg:hidden">
              {micros(decision.gateway_us)}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
