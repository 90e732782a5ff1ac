import { Link } from "@tanstack/react-router";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { useSession } from "@/features/auth/session";
import { useForm } from "@/lib/use-form";

const EMPTY = { email: "", password: "", account_name: "" };

/** `to` is the page that was asked for before the door was found closed. */
export function SignUpForm({ to }: { to: string }) {
  const { signUp } = useSession();
  const known = ["/email", "/password", "/account_name"];
  const form = useForm(EMPTY, known, (values) => signUp(values, to));
  return (
    <form noValidate onSubmit={form.submit} className="grid gap-4">
      <Field label="E-mail" error={form.errors["/email"]}>
        {(control) => (
          <Input
            {...control}
            type="email"
            autoComplete="email"
            value={form.values.email}
            onChange={(event) => form.set("email", event.target.value)}
          />
        )}
      </Field>
      <Field label="Password" hint="At least 12 characters." error={form.errors["/password"]}>
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
      <Field
        label="Account name"
        hint="Your team or yourself. A short form of it stands in your gateway URL."
        error={form.errors["/account_name"]}
      >
        {(control) => (
          <Input
            {...control}
            autoComplete="organization"
            value={form.values.account_name}
            onChange={(event) => form.set("account_name", event.target.value)}
          />
        )}
      </Field>
      {form.failure && <Notice tone="error">{form.failure}</Notice>}
      <Button type="submit" variant="primary" busy={form.busy} className="mt-1">
        Create account
      </Button>
      <p className="text-dim">
        Already have one?{" "}
        <Link
          to="/sign-in"
          search={to === "/" ? {} : { to }}
          className="font-semibold text-accent underline"
        >
          Sign in
        </Link>
      </p>
    </form>
  );
}
