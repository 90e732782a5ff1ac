import { Link } from "@tanstack/react-router";

import { api } from "@/api/client";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { useSession } from "@/features/auth/session";
import { useForm } from "@/lib/use-form";

const EMPTY = { email: "", password: "" };

/** `to` is the page that was asked for before the door was found closed. */
export function SignInForm({ to }: { to: string }) {
  const { signIn } = useSession();
  const methods = api.useQuery("get", "/api/v1/auth/methods");
  const form = useForm(EMPTY, ["/email", "/password"], (values) => signIn(values, to));
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
      <Field label="Password" error={form.errors["/password"]}>
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="current-password"
            value={form.values.password}
            onChange={(event) => form.set("password", event.target.value)}
          />
        )}
      </Field>
      {form.failure && <Notice tone="error">{form.failure}</Notice>}
      <Button type="submit" variant="primary" busy={form.busy} className="mt-1">
        Sign in
      </Button>
      {methods.data?.mail && (
        <p>
          <Link to="/forgot-password" className="font-semibold text-accent underline">
            Forgot your password?
          </Link>
        </p>
      )}
      <p className="text-dim">
        New here?{" "}
        <Link
          to="/sign-up"
          search={to === "/" ? {} : { to }}
          className="font-semibold text-accent underline"
        >
          Create an account
        </Link>
      </p>
    </form>
  );
}
