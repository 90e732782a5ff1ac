import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { Button, buttonClass } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { useForm } from "@/lib/use-form";

/** Sets a new password with the token of a link. */
export function ResetForm({ token }: { token: string }) {
  const [done, setDone] = useState(false);
  const form = useForm({ password: "" }, ["/password"], async ({ password }) => {
    const body = { token, password };
    unwrap(await client.POST("/api/v1/auth/password-reset/confirm", { body }));
    setDone(true);
  });
  if (done)
    return (
      <div className="grid gap-4">
        <Notice>The new password is set. Everything that was signed in is signed out.</Notice>
        <Link to="/sign-in" search={{}} className={buttonClass("primary")}>
          Sign in
        </Link>
      </div>
    );
  return (
    <form noValidate onSubmit={form.submit} className="grid gap-4">
      <Field label="New password" hint="At least 12 characters." error={form.errors["/password"]}>
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="new-password"
            value={form.values.password}
            onChange={(event) => form.set("password", event.target.value)}
          />
        )}
      </Field>
      {form.failure && <Notice tone="error">{form.failure}</Notice>}
      <Button type="submit" variant="primary" busy={form.busy}>
        Set password
      </Button>
    </form>
  );
}
