import { useNavigate } from "@tanstack/react-router";
import { Download } from "lucide-react";

import { api } from "@/api/client";
import { allItems, byCursor } from "@/api/paging";
import { More } from "@/components/more";
import { Page } from "@/components/page";
import { Empty, Loaded } from "@/components/states";
import { buttonClass } from "@/components/ui/button";
import { AuditTable } from "@/features/audit/audit-table";
import type { AuditFilter } from "@/features/audit/filter";
import { FilterBar } from "@/features/audit/filter-bar";
import { May, NotYours } from "@/features/auth/may";

export function AuditPage({ filter }: { filter: AuditFilter }) {
  return (
    <May
      permission="manage_members"
      otherwise={
        <Page title="Audit events">
          <NotYours />
        </Page>
      }
    >
      <Events filter={filter} />
    </May>
  );
}

function Events({ filter }: { filter: AuditFilter }) {
  const navigate = useNavigate({ from: "/audit-events" });
  const show = (next: AuditFilter) =>
    void navigate({ search: next, replace: true, resetScroll: false });
  const events = api.useInfiniteQuery(
    "get",
    "/api/v1/audit-events",
    { params: { query: { limit: 50, ...filter } } },
    { ...byCursor, staleTime: 0 },
  );
  return (
    <Page
      title="Audit events"
      lead="Who changed what. Each event holds the hash of the one before it, so that none can be altered or removed unnoticed."
      actions={<Exports filter={filter} />}
    >
      <FilterBar filter={filter} onChange={show} />
      <Loaded query={events} rows={10}>
        {(data) => {
          const items = allItems(data);
          if (items.length === 0)
            return <Empty title="No event matches">Change or clear the filters above.</Empty>;
          return (
            <>
              <AuditTable events={items} filter={filter} onFilter={show} />
              <More query={events} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

/** The filtered events as a file. */
function Exports({ filter }: { filter: AuditFilter }) {
  return ["csv", "jsonl"].map((format) => (
    <a
      key={format}
      href={`/api/v1/audit-events/export?${new URLSearchParams({ ...filter, format }).toString()}`}
      download={`audit-events.${format}`}
      className={buttonClass()}
    >
      <Download aria-hidden />
      {format.toUpperCase()}
    </a>
  ));
}
