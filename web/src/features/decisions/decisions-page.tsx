import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { api } from "@/api/client";
import { allItems, byCursor } from "@/api/paging";
import { More } from "@/components/more";
import { Page } from "@/components/page";
import { Empty, Loaded } from "@/components/states";
import { DecisionDrawer } from "@/features/decisions/decision-drawer";
import { DecisionTable } from "@/features/decisions/decision-table";
import { ExportLinks } from "@/features/decisions/export-links";
import type { DecisionFilter, DecisionSearch } from "@/features/decisions/filter";
import { FilterBar } from "@/features/decisions/filter-bar";
import { LiveBar } from "@/features/decisions/live-bar";
import { merge } from "@/features/decisions/merge";
import { useLive } from "@/features/decisions/use-live";

export function DecisionsPage({ search }: { search: DecisionSearch }) {
  const { id, ...filter } = search;
  const navigate = useNavigate({ from: "/decisions" });
  const show = (next: DecisionSearch) =>
    void navigate({ search: next, replace: true, resetScroll: false });
  return (
    <Page
      title="Decisions"
      lead="Every call, what was decided, and why. The record of a call is on disk before the call goes on."
      actions={<ExportLinks filter={filter} />}
    >
      <FilterBar filter={filter} onChange={show} />
      {/* Another filter is another list: what arrived for the last one does not belong to it. */}
      <Log
        key={JSON.stringify(filter)}
        filter={filter}
        onOpen={(opened) => show({ ...filter, id: opened })}
      />
      {id && <DecisionDrawer id={id} onClose={() => show(filter)} />}
    </Page>
  );
}

interface LogProps {
  filter: DecisionFilter;
  onOpen: (id: string) => void;
}

function Log({ filter, onOpen }: LogProps) {
  const read = api.useInfiniteQuery(
    "get",
    "/api/v1/decisions",
    { params: { query: { limit: 50, ...filter } } },
    { ...byCursor, staleTime: 0 },
  );
  const [paused, setPaused] = useState(false);
  const { arrived, state } = useLive(filter, paused);
  const isFiltered = Object.keys(filter).length > 0;
  const lit = useMemo(() => new Set(arrived.map((decision) => decision.id)), [arrived]);
  return (
    <>
      <LiveBar state={paused ? "paused" : state} onToggle={() => setPaused(!paused)} />
      <Loaded query={read} rows={10}>
        {(data) => {
          const decisions = merge(arrived, allItems(data));
          if (decisions.length === 0) {
            return isFiltered ? (
              <Empty title="No decision matches">Change or clear the filters above.</Empty>
            ) : (
              <Empty title="No call yet">
                Point a client at the gateway URL of a grant. Its calls appear here as they are
                decided.
              </Empty>
            );
          }
          return (
            <>
              <DecisionTable decisions={decisions} lit={lit} onOpen={onOpen} />
              <More query={read} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}
