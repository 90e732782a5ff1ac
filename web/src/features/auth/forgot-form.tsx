import { useState } from "react";

import { client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { useForm } from "@/lib/use-form";

/** Asks for a link to a new password. What is said afterwards is the same for every address. */
export function ForgotForm() {
  const [sent, setSent] = useState(false);
  const form = useForm({ email: "" }, ["/email"], async (body) => {
    unwrap(await client.POST("/api/v1/auth/password-reset", { body }));
    setSent(true);
  });
  if (sent)
    return (
      <Notice>
        If somebody has signed up with {form.values.email}, a link to a new password is on its way.
        It works for an hour.
      </Notice>
    );
  return (
    <form noValidate onSubmit={form.submit} className="grid gap-4">
      <Field label="E-mail" error={form.errors["/email"]}>
        {(control) => (
          <Input
            {...control}
            type="email"
            autoComplete="username"
            value={form.values.email}
            onChange={(event) => form.set("email", event.target.value)}
          />
        )}
      </Field>
      {form.failure && <Notice tone="error">{form.failure}</Notice>}
      <Button type="submit" variant="primary" busy={form.busy}>
        Send link
      </Button>
    </form>
  );
}
