import { useState } from "react";

import { problemMessage } from "@/api/problem";
import type { Category, Risk, Tool } from "@/api/types";
import { CATEGORIES, RISK_LEVELS } from "@/components/badges";
import { Panel } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/input";
import { toast } from "@/components/ui/toast";
import { useOverrideTool } from "@/features/tools/queries";

/** A person's word against the computed category and risk. Policies go by it from then on. */
export function OverrideForm({ serverId, tool }: { serverId: string; tool: Tool }) {
  const override = useOverrideTool(serverId);
  const [category, setCategory] = useState<Category | "">(tool.overridden?.category ?? "");
  const [risk, setRisk] = useState<Risk | "">(tool.overridden?.risk ?? "");
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      await override(tool.name, category || null, risk || null);
      toast("Saved.");
    } catch (error) {
      toast(problemMessage(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="Say otherwise" className="grid gap-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Category">
          {(control) => (
            <Select
              {...control}
              value={category}
              onChange={(event) => setCategory(event.target.value as Category | "")}
            >
              <option value="">as computed</option>
              {CATEGORIES.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Risk">
          {(control) => (
            <Select
              {...control}
              value={risk}
              onChange={(event) => setRisk(event.target.value as Risk | "")}
            >
              <option value="">that of the category</option>
              {RISK_LEVELS.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <div>
        <Button size="sm" busy={busy} onClick={() => void save()}>
          Save category and risk
        </Button>
      </div>
    </Panel>
  );
}
