import { useState } from "react";

import { client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import { Panel } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { useForm } from "@/lib/use-form";

const EMPTY = { current_password: "", new_password: "" };

export function PasswordPanel() {
  // A new form after each change: nobody's password stays on screen.
  const [changes, setChanges] = useState(0);
  return (
    <Panel title="Password">
      <PasswordForm key={changes} onChanged={() => setChanges(changes + 1)} />
    </Panel>
  );
}

function PasswordForm({ onChanged }: { onChanged: () => void }) {
  const refresh = useRefresh();
  const form = useForm(EMPTY, ["/current_password", "/new_password"], async (body) => {
    unwrap(await client.POST("/api/v1/auth/password", { body }));
    await refresh("/sessions");
    toast("The password is changed. Your other browsers are signed out.");
    onChanged();
  });
  return (
    <form noValidate onSubmit={form.submit} className="grid max-w-md gap-3">
      <Field label="Current password" error={form.errors["/current_password"]}>
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="current-password"
            value={form.values.current_password}
            onChange={(event) => form.set("current_password", event.target.value)}
          />
        )}
      </Field>
      <Field
        label="New password"
        hint="At least 12 characters."
        error={form.errors["/new_password"]}
      >
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="new-password"
            value={form.values.new_password}
            onChange={(event) => form.set("new_password", event.target.value)}
          />
        )}
      </Field>
      {form.failure && <Notice tone="error">{form.failure}</Notice>}
      <div>
        <Button type="submit" busy={form.busy}>
          Change password
        </Button>
      </div>
    </form>
  );
}
