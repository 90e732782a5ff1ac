import { Plus, X } from "lucide-react";

import { Button, IconButton } from "@/components/ui/button";
import { Input } from "@/components/ui/input";

export interface HeaderValue {
  name: string;
  value: string;
}

interface HeadersFieldProps {
  headers: HeaderValue[];
  errors: Record<string, string>;
  onChange: (headers: HeaderValue[]) => void;
}

/** Static headers for the upstream. Values are secrets: hidden while typed, never shown again. */
export function HeadersField({ headers, errors, onChange }: HeadersFieldProps) {
  const set = (index: number, change: Partial<HeaderValue>) =>
    onChange(headers.map((header, at) => (at === index ? { ...header, ...change } : header)));
  return (
    <fieldset className="grid gap-2">
      <legend className="text-sm font-semibold">
        Headers for the server<span className="font-normal text-dim"> – optional</span>
      </legend>
      <p className="text-sm text-dim">
        Sent with every request to the server, for instance{" "}
        <span className="font-mono">Authorization</span>. Kept encrypted and never shown again;
        agents do not see them.
      </p>
      {headers.map((header, index) => {
        const at = `/auth/headers/${index}`;
        const error = errors[at] ?? errors[`${at}/name`] ?? errors[`${at}/value`];
        return (
          // Rows have no identity but their place.
          <div key={index} className="grid gap-1">
            <div className="flex gap-2">
              <Input
                aria-label={`Name of header ${index + 1}`}
                aria-invalid={errors[`${at}/name`] ? true : undefined}
                placeholder="Authorization"
                className="font-mono text-sm"
                value={header.name}
                onChange={(event) => set(index, { name: event.target.value })}
              />
              <Input
                aria-label={`Value of header ${index + 1}`}
                aria-invalid={errors[`${at}/value`] ? true : undefined}
                type="password"
                autoComplete="off"
                placeholder="Bearer …"
                className="font-mono text-sm"
                value={header.value}
                onChange={(event) => set(index, { value: event.target.value })}
              />
              <IconButton
                label={`Remove header ${index + 1}`}
                className="size-9"
                onClick={() => onChange(headers.filter((_, other) => other !== index))}
              >
                <X aria-hidden />
              </IconButton>
            </div>
            {error && <p className="text-sm text-deny">{error}</p>}
          </div>
        );
      })}
      <div>
        <Button size="sm" onClick={() => onChange([...headers, { name: "", value: "" }])}>
          <Plus aria-hidden />
          Add header
        </Button>
      </div>
    </fieldset>
  );
}
