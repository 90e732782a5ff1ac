import type { Tool } from "@/api/types";
import { CategoryBadge, RiskBadge } from "@/components/badges";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { RuleFields } from "@/features/policies/rule-fields";
import { readRules, setDefault } from "@/features/policies/rules";

interface BuilderProps {
  text: string;
  tools: Tool[];
  onChange: (text: string) => void;
}

/** The common rules as a form over the same document. */
export function Builder({ text, tools, onChange }: BuilderProps) {
  const rules = readRules(text);
  if (!rules) {
    return (
      <div className="border border-t-0 bg-surface p-4">
        <Notice tone="warning">
          The document is not readable as JSON. Mend it in the JSON tab, then come back.
        </Notice>
      </div>
    );
  }
  const names = tools.map((tool) => tool.name);
  const patterns = rules.listed.filter((name) => !names.includes(name));
  return (
    <div className="border border-t-0 bg-surface">
      <div className="border-b p-4 *:max-w-md">
        <Field label="A tool that no rule names">
          {(control) => (
            <Select
              {...control}
              value={rules.default}
              onChange={(event) =>
                onChange(setDefault(text, event.target.value === "allow" ? "allow" : "deny"))
              }
            >
              <option value="deny">is denied and not listed</option>
              <option value="allow">is allowed</option>
            </Select>
          )}
        </Field>
      </div>
      <ul>
        {tools.map((tool) => (
          <li key={tool.name} className="grid gap-2 border-b p-4 last:border-b-0">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <h2 className="font-mono font-semibold break-all">{tool.name}</h2>
              <CategoryBadge category={tool.category} />
              <RiskBadge risk={tool.risk} />
            </div>
            <RuleFields
              text={text}
              name={tool.name}
              rule={rules.rule(tool.name)}
              onChange={onChange}
            />
          </li>
        ))}
        {patterns.map((name) => (
          <li key={name} className="grid gap-2 border-b p-4 last:border-b-0">
            <h2 className="font-mono font-semibold break-all">
              {name}{" "}
              <span className="font-sans text-sm font-normal text-dim">
                pattern or unknown tool
              </span>
            </h2>
            <RuleFields text={text} name={name} rule={rules.rule(name)} onChange={onChange} />
          </li>
        ))}
      </ul>
      {rules.hidden.length > 0 && (
        <p className="border-t px-4 py-2 text-sm text-dim">
          Also hidden by <span className="font-mono">hide</span>: {rules.hidden.join(", ")}
        </p>
      )}
    </div>
  );
}
