import { useState } from "react";

import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";

const DAY_MS = 86_400_000;

interface ExpiryFieldProps {
  error?: string | undefined;
  /** An RFC 3339 time, or null for no expiry. */
  onChange: (iso: string | null) => void;
}

export function ExpiryField({ error, onChange }: ExpiryFieldProps) {
  const [choice, setChoice] = useState("never");
  const choose = (next: string) => {
    setChoice(next);
    onChange(
      /^\d+$/.test(next) ? new Date(Date.now() + Number(next) * DAY_MS).toISOString() : null,
    );
  };
  return (
    <div className="grid max-w-md gap-2 sm:grid-cols-2">
      <Field label="Expires" error={choice === "date" ? undefined : error}>
        {(control) => (
          <Select {...control} value={choice} onChange={(event) => choose(event.target.value)}>
            <option value="never">never</option>
            <option value="1">in a day</option>
            <option value="30">in 30 days</option>
            <option value="90">in 90 days</option>
            <option value="date">at a time…</option>
          </Select>
        )}
      </Field>
      {choice === "date" && (
        <Field label="Time" error={error}>
          {(control) => (
            <Input
              {...control}
              type="datetime-local"
              onChange={(event) =>
                onChange(event.target.value ? new Date(event.target.value).toISOString() : null)
              }
            />
          )}
        </Field>
      )}
    </div>
  );
}
