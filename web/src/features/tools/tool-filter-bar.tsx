import type { Category, Risk } from "@/api/types";
import { CATEGORIES, RISK_LEVELS } from "@/components/badges";
import { Input, Select } from "@/components/ui/input";
import type { ToolFilter } from "@/features/tools/queries";

interface ToolFilterBarProps {
  filter: ToolFilter;
  onChange: (filter: ToolFilter) => void;
}

export function ToolFilterBar({ filter, onChange }: ToolFilterBarProps) {
  return (
    <search className="flex flex-wrap gap-2 max-sm:w-full">
      <Input
        type="search"
        aria-label="Find a tool"
        placeholder="Find a tool"
        className="sm:w-52"
        value={filter.q}
        onChange={(event) => onChange({ ...filter, q: event.target.value })}
      />
      <Select
        aria-label="Category"
        className="max-sm:min-w-36 max-sm:flex-1 sm:w-38"
        value={filter.category}
        onChange={(event) => onChange({ ...filter, category: event.target.value as Category | "" })}
      >
        <option value="">All categories</option>
        {CATEGORIES.map((category) => (
          <option key={category}>{category}</option>
        ))}
      </Select>
      <Select
        aria-label="Risk"
        className="max-sm:min-w-36 max-sm:flex-1 sm:w-30"
        value={filter.risk}
        onChange={(event) => onChange({ ...filter, risk: event.target.value as Risk | "" })}
      >
        <option value="">All risks</option>
        {RISK_LEVELS.map((risk) => (
          <option key={risk}>{risk}</option>
        ))}
      </Select>
      <label className="flex items-center gap-1.5">
        <input
          type="checkbox"
          checked={filter.findings}
          onChange={(event) => onChange({ ...filter, findings: event.target.checked })}
        />
        With findings
      </label>
    </search>
  );
}
