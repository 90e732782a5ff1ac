import type { Tagged } from "@/api/tagged";
import type { Category, Risk, Tool } from "@/api/types";
import { CATEGORIES, RISK_LEVELS } from "@/components/badges";
import { FormTrouble } from "@/components/form-trouble";
import { Panel } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/input";
import { toast } from "@/components/ui/toast";
import { useToolActions } from "@/features/tools/queries";
import { useEdit } from "@/lib/use-edit";

interface Values {
  category: Category | "";
  risk: Risk | "";
}

const COMPUTED = "as computed";
const OF_CATEGORY = "that of the category";

/** A person's word against the computed category and risk. Policies go by it from then on. */
export function OverrideForm({ serverId, read }: { serverId: string; read: Tagged<Tool> }) {
  const { override } = useToolActions(serverId);
  const form = useEdit<Tool, Values>(
    read,
    ({ overridden }) => ({
      category: overridden?.category ?? "",
      risk: overridden?.risk ?? "",
    }),
    [],
    async ({ category, risk }, base) => {
      await override(base, category || null, risk || null);
      toast("Saved.");
    },
  );
  return (
    <Panel title="Say otherwise">
      <form noValidate onSubmit={form.submit} className="grid gap-3">
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Category">
            {(control) => (
              <Select
                {...control}
                value={form.values.category}
                onChange={(event) => form.set("category", event.target.value as Category | "")}
              >
                <option value="">{COMPUTED}</option>
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
                value={form.values.risk}
                onChange={(event) => form.set("risk", event.target.value as Risk | "")}
              >
                <option value="">{OF_CATEGORY}</option>
                {RISK_LEVELS.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <FormTrouble
          form={form}
          words={{
            category: ({ category }) => `Category: ${category || COMPUTED}`,
            risk: ({ risk }) => `Risk: ${risk || OF_CATEGORY}`,
          }}
        />
        <div>
          <Button type="submit" size="sm" busy={form.busy}>
            Save category and risk
          </Button>
        </div>
      </form>
    </Panel>
  );
}
