import type { Mode, Server } from "@/api/types";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/input";
import { usePolicyChoices } from "@/features/policies/queries";

export interface BindingDraft {
  server_id: string;
  policy_id: string;
  mode: Mode;
}

interface BindingFieldsProps {
  binding: BindingDraft;
  servers: Server[];
  /** The server is given when a binding that exists is changed. */
  fixedServer?: boolean;
  error?: string | undefined;
  onChange: (binding: BindingDraft) => void;
}

/** Which server, decided by which policy, enforced or only watched. */
export function BindingFields({
  binding,
  servers,
  fixedServer = false,
  error,
  onChange,
}: BindingFieldsProps) {
  const policies = usePolicyChoices(binding.server_id || undefined);
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Field label="Server" error={error}>
        {(control) => (
          <Select
            {...control}
            disabled={fixedServer}
            value={binding.server_id}
            onChange={(event) =>
              onChange({ ...binding, server_id: event.target.value, policy_id: "" })
            }
          >
            <option value="">Choose…</option>
            {servers.map((server) => (
              <option key={server.id} value={server.id}>
                {server.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Policy">
        {(control) => (
          <Select
            {...control}
            value={binding.policy_id}
            onChange={(event) => onChange({ ...binding, policy_id: event.target.value })}
          >
            <option value="">None: everything is denied</option>
            {policies.data?.items.map((policy) => (
              <option key={policy.id} value={policy.id}>
                {policy.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Mode">
        {(control) => (
          <Select
            {...control}
            value={binding.mode}
            onChange={(event) =>
              onChange({ ...binding, mode: event.target.value === "shadow" ? "shadow" : "enforce" })
            }
          >
            <option value="enforce">enforce</option>
            <option value="shadow">shadow: log only, deny nothing</option>
          </Select>
        )}
      </Field>
    </div>
  );
}
