import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/input";
import { words } from "@/features/audit/changes";
import { ACTOR_KINDS, OBJECT_KINDS, type AuditFilter } from "@/features/audit/filter";

interface FilterBarProps {
  filter: AuditFilter;
  onChange: (filter: AuditFilter) => void;
}

const BY = { user: "By people", api_key: "By API keys", system: "By the program" } as const;

export function FilterBar({ filter, onChange }: FilterBarProps) {
  const { actor_kind: _actor, actor_id: _actorId, ...withoutActor } = filter;
  const { object_kind: _object, object_id: _objectId, ...withoutObject } = filter;
  const only = filter.object_id ?? filter.actor_id;
  return (
    <search className="grid grid-cols-2 items-center gap-2 md:flex">
      <Select
        aria-label="By whom"
        className="md:w-48"
        value={filter.actor_kind ?? ""}
        onChange={(event) => {
          const kind = ACTOR_KINDS.find((one) => one === event.target.value);
          onChange(kind ? { ...withoutActor, actor_kind: kind } : withoutActor);
        }}
      >
        <option value="">By anybody</option>
        {ACTOR_KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {BY[kind]}
          </option>
        ))}
      </Select>
      <Select
        aria-label="What was changed"
        className="md:w-48"
        value={filter.object_kind ?? ""}
        onChange={(event) => {
          const kind = OBJECT_KINDS.find((one) => one === event.target.value);
          onChange(kind ? { ...withoutObject, object_kind: kind } : withoutObject);
        }}
      >
        <option value="">Everything</option>
        {OBJECT_KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {words(kind)}
          </option>
        ))}
      </Select>
      {Object.keys(filter).length > 0 && (
        <Button variant="ghost" onClick={() => onChange({})}>
          Clear
        </Button>
      )}
      {only && <p className="min-w-0 truncate font-mono text-sm text-dim">{only}</p>}
    </search>
  );
}
