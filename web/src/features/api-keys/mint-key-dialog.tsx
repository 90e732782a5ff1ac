import { useState } from "react";

import { client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { Role } from "@/api/types";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { CopyButton } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { rolesUpTo } from "@/features/auth/roles";
import { useMe } from "@/features/auth/session";
import { ExpiryField } from "@/features/grants/expiry-field";
import { useForm } from "@/lib/use-form";

interface Values {
  label: string;
  role: Role;
  expires_at: string | null;
}

export function MintKeyDialog({ onClose }: { onClose: () => void }) {
  const refresh = useRefresh();
  const [key, setKey] = useState<string | null>(null);
  const own = useMe().data?.role ?? "viewer";
  const allowed = rolesUpTo(own);
  const initial: Values = { label: "", role: "viewer", expires_at: null };
  const form = useForm(
    initial,
    ["/label", "/role", "/expires_at"],
    async ({ expires_at, ...rest }) => {
      const body = { ...rest, ...(expires_at && { expires_at }) };
      const minted = unwrap(await client.POST("/api/v1/api-keys", { body }));
      setKey(minted.key);
      await refresh("/api-keys");
    },
  );
  return (
    <Dialog open onOpenChange={onClose} title={key ? "The key is ready" : "Make API key"}>
      {key ? (
        <Shown apiKey={key} />
      ) : (
        <form noValidate onSubmit={form.submit} className="grid gap-4">
          <Field label="Label" hint="What will use it." error={form.errors["/label"]}>
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                placeholder="Deploy script"
                value={form.values.label}
                onChange={(event) => form.set("label", event.target.value)}
              />
            )}
          </Field>
          <Field label="Role" error={form.errors["/role"]}>
            {(control) => (
              <Select
                {...control}
                value={form.values.role}
                onChange={(event) => form.set("role", event.target.value as Role)}
              >
                {allowed.map(([role, label]) => (
                  <option key={role} value={role}>
                    {label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <ExpiryField
            error={form.errors["/expires_at"]}
            onChange={(iso) => form.set("expires_at", iso)}
          />
          {form.failure && <Notice tone="error">{form.failure}</Notice>}
          <div>
            <Button type="submit" variant="primary" busy={form.busy}>
              Make key
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function Shown({ apiKey }: { apiKey: string }) {
  return (
    <div className="grid gap-4">
      <Notice tone="warning">
        <p className="font-semibold">This key is shown once. Ostiary keeps only a hash of it.</p>
        <div className="mt-2 flex flex-wrap items-center gap-2">
          <code className="min-w-0 border bg-surface px-2 py-1 font-mono text-sm break-all">
            {apiKey}
          </code>
          <CopyButton text={apiKey} label="Copy key" />
        </div>
      </Notice>
      <CodeBlock
        label="Try it"
        code={`curl -H "Authorization: Bearer ${apiKey}" ${location.origin}/api/v1/servers`}
      />
    </div>
  );
}
