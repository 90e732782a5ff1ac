import { ChevronDown, ChevronRight } from "lucide-react";
import { Fragment, useState } from "react";

import type { AuditEvent } from "@/api/types";
import { Badge } from "@/components/badges";
import { Time } from "@/components/time";
import { Head, Row, Table, Td, Th } from "@/components/ui/table";
import { AuditDetail } from "@/features/audit/audit-detail";
import { words } from "@/features/audit/changes";
import type { AuditFilter } from "@/features/audit/filter";

interface AuditTableProps {
  events: AuditEvent[];
  filter: AuditFilter;
  onFilter: (filter: AuditFilter) => void;
}

const KINDS = { user: null, api_key: "API key", system: "program" } as const;

export function AuditTable({ events, filter, onFilter }: AuditTableProps) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Table label="Audit events">
      <Head>
        <Th>Change</Th>
        <Th className="max-sm:hidden">By</Th>
        <Th className="max-lg:hidden">Object</Th>
        <Th className="max-sm:hidden">Time</Th>
      </Head>
      <tbody>
        {events.map((event) => {
          const isOpen = open === event.id;
          const Icon = isOpen ? ChevronDown : ChevronRight;
          return (
            <Fragment key={event.id}>
              <Row data-event={event.action}>
                <Td className="w-full">
                  <button
                    type="button"
                    aria-expanded={isOpen}
                    onClick={() => setOpen(isOpen ? null : event.id)}
                    className="flex items-start gap-1.5 text-left font-semibold hover:underline"
                  >
                    <Icon aria-hidden className="mt-1 size-4 shrink-0 text-dim" />
                    <span className="min-w-0">
                      {words(event.action)}
                      <span className="block text-sm font-normal break-all text-dim">
                        {name(event)}
                      </span>
                      <span className="block text-sm font-normal break-all text-dim sm:hidden">
                        {event.actor.name}, <Time iso={event.time} form="clock" />
                      </span>
                    </span>
                  </button>
                </Td>
                <Td className="break-all max-sm:hidden sm:min-w-40 lg:min-w-56">
                  {event.actor.name}{" "}
                  {KINDS[event.actor.kind] && <Badge>{KINDS[event.actor.kind]}</Badge>}
                </Td>
                <Td className="whitespace-nowrap max-lg:hidden">
                  <button
                    type="button"
                    title="Show the events of this object only"
                    onClick={() => onFilter({ ...filter, object_id: event.object.id })}
                    className="text-left font-mono text-sm text-dim hover:underline"
                  >
                    {event.object.id}
                  </button>
                </Td>
                <Td className="text-sm whitespace-nowrap text-dim max-sm:hidden">
                  <Time iso={event.time} form="clock" />
                </Td>
              </Row>
              {isOpen && (
                <tr className="border-b last:border-b-0">
                  <td colSpan={4} className="bg-canvas px-3 py-3">
                    <AuditDetail event={event} />
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </Table>
  );
}

/** What people call the object, as far as the event says it. */
function name(event: AuditEvent): string | null {
  const side: Record<string, unknown> | null | undefined = event.after ?? event.before;
  const found = side?.["name"] ?? side?.["label"];
  return typeof found === "string" ? found : null;
}
