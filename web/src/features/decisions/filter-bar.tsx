import { useEffect, useState } from "react";

import { api } from "@/api/client";
import { OUTCOMES, outcomeLabel } from "@/components/outcome";
import { Button } from "@/components/ui/button";
import { Input, Select } from "@/components/ui/input";
import type { DecisionFilter } from "@/features/decisions/filter";
import { useServerChoices } from "@/features/servers/queries";
import { useDebounced } from "@/lib/use-debounced";

const CODES = [
  "hidden",
  "default_deny",
  "unknown_tool",
  "denied",
  "tool_quarantined",
  "ambiguous_arguments",
  "invalid_arguments",
  "require",
  "deny_if",
  "approval_required",
  "limit_exceeded",
  "invalid_amount",
  "limits_unavailable",
  "no_policy",
];

interface FilterBarProps {
  filter: DecisionFilter;
  onChange: (filter: DecisionFilter) => void;
}

export function FilterBar({ filter, onChange }: FilterBarProps) {
  const servers = useServerChoices();
  const grants = api.useQuery("get", "/api/v1/grants", { params: { query: { limit: 200 } } });
  const set = (name: keyof DecisionFilter, value: string) => {
    const { [name]: _, ...rest } = filter;
    onChange(value === "" ? rest : { ...rest, [name]: value });
  };
  return (
    <search className="grid grid-cols-2 gap-2 md:grid-cols-3 xl:flex">
      <Select
        aria-label="Outcome"
        value={filter.outcome ?? ""}
        onChange={(event) => set("outcome", event.target.value)}
      >
        <option value="">All outcomes</option>
        {OUTCOMES.map((outcome) => (
          <option key={outcome} value={outcome}>
            {outcomeLabel(outcome)}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Code"
        value={filter.code ?? ""}
        onChange={(event) => set("code", event.target.value)}
      >
        <option value="">All codes</option>
        {CODES.map((code) => (
          <option key={code}>{code}</option>
        ))}
      </Select>
      <Select
        aria-label="Grant"
        value={filter.grant_id ?? ""}
        onChange={(event) => set("grant_id", event.target.value)}
      >
        <option value="">All grants</option>
        {grants.data?.items.map((grant) => (
          <option key={grant.id} value={grant.id}>
            {grant.label}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Server"
        value={filter.server_id ?? ""}
        onChange={(event) => set("server_id", event.target.value)}
      >
        <option value="">All servers</option>
        {servers.data?.items.map((server) => (
          <option key={server.id} value={server.id}>
            {server.name}
          </option>
        ))}
      </Select>
      <TargetInput target={filter.target ?? ""} onChange={(target) => set("target", target)} />
      {Object.keys(filter).length > 0 && (
        <Button variant="ghost" onClick={() => onChange({})}>
          Clear
        </Button>
      )}
    </search>
  );
}

const SETTLES_MS = 300;

/** The exact name of a tool, resource or prompt; asked for once it is written. */
function TargetInput({ target, onChange }: { target: string; onChange: (target: string) => void }) {
  const [text, setText] = useState(target);
  const settled = useDebounced(text, SETTLES_MS);
  useEffect(() => setText(target), [target]);
  useEffect(() => {
    if (settled !== target) onChange(settled);
    // Only writing asks; a filter that changed elsewhere is taken over above.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [settled]);
  return (
    <Input
      type="search"
      aria-label="Tool, resource or prompt"
      placeholder="Tool, exact name"
      className="font-mono text-sm"
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}
