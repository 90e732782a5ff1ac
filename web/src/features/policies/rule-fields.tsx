import { Input, Select } from "@/components/ui/input";
import { setEffect, setRate, setReason, type Rule } from "@/features/policies/rules";

const EFFECTS: [Rule["effect"], string][] = [
  ["unlisted", "no rule: the default"],
  ["allow", "allow"],
  ["deny", "deny"],
  ["hide", "hide"],
  ["require_approval", "require approval"],
];
const WINDOWS: [string, string][] = [
  ["1", "second"],
  ["60", "minute"],
  ["3600", "hour"],
  ["86400", "day"],
];
const SECONDS: Record<string, string> = { second: "1", minute: "60", hour: "3600", day: "86400" };

interface RuleFieldsProps {
  text: string;
  name: string;
  rule: Rule;
  onChange: (text: string) => void;
}

/** One tool's rule: what happens, why, and how often. */
export function RuleFields({ text, name, rule, onChange }: RuleFieldsProps) {
  const { effect, rate, others } = rule;
  const refuses = effect === "deny" || effect === "hide" || effect === "require_approval";
  const window = String(rate?.window ?? "60");
  const seconds = SECONDS[window] ?? window;
  const changeMax = (value: string) => {
    const max = Number(value);
    if (value === "") onChange(setRate(text, name, null));
    else if (Number.isFinite(max) && max >= 0)
      onChange(setRate(text, name, { max, window: Number(seconds) || window }));
  };
  return (
    <div className="grid gap-x-4 gap-y-2 sm:grid-cols-[12rem_minmax(0,1fr)]">
      <Select
        aria-label={`What happens to ${name}`}
        value={effect}
        onChange={(event) => onChange(setEffect(text, name, event.target.value as Rule["effect"]))}
      >
        {EFFECTS.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      {effect === "unlisted" && (
        <span className="self-center text-sm text-dim">Nothing in the document names it.</span>
      )}
      {refuses && (
        <Input
          aria-label={`Reason for ${name}`}
          placeholder="Reason, shown to the agent"
          value={rule.reason}
          onChange={(event) => onChange(setReason(text, name, event.target.value))}
        />
      )}
      {(effect === "allow" || effect === "require_approval") && (
        <div className="flex items-center gap-2 sm:col-start-2">
          <span className="text-sm text-dim">at most</span>
          <Input
            aria-label={`Most calls of ${name}`}
            type="number"
            min={0}
            step={1}
            placeholder="any"
            className="w-24"
            value={rate?.max ?? ""}
            onChange={(event) => changeMax(event.target.value)}
          />
          <span className="text-sm text-dim">calls a</span>
          <Select
            aria-label={`Window of the limit of ${name}`}
            className="w-32"
            disabled={rate === null}
            value={seconds}
            onChange={(event) =>
              onChange(
                setRate(text, name, {
                  max: rate?.max ?? 0,
                  window: Number(event.target.value) || event.target.value,
                }),
              )
            }
          >
            {WINDOWS.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
            {!WINDOWS.some(([value]) => value === seconds) && (
              <option value={seconds}>{/^\d+$/.test(seconds) ? `${seconds} s` : seconds}</option>
            )}
          </Select>
        </div>
      )}
      {others.length > 0 && (
        <p className="text-sm text-dim sm:col-span-2">
          Also has <span className="font-mono">{others.join(", ")}</span>, kept as written in the
          JSON.
        </p>
      )}
    </div>
  );
}
