import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { api } from "@/api/client";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { CodeForm } from "@/features/auth/code-form";
import { neededFrom } from "@/features/auth/provider";
import { ProviderButton } from "@/features/auth/provider-button";
import { useSession } from "@/features/auth/session";
import { useForm } from "@/lib/use-form";

const EMPTY = { email: "", password: "" };

interface SignInFormProps {
  /** The page that was asked for before the door was found closed. */
  to: string;
  /** Why the other site's word did not open it. */
  reason: string | undefined;
}

export function SignInForm({ to, reason }: SignInFormProps) {
  const { signIn } = useSession();
  const methods = api.useQuery("get", "/api/v1/auth/methods");
  const [needed, setNeeded] = useState<Awaited<ReturnType<typeof signIn>>>(null);
  const form = useForm(EMPTY, ["/email", "/password"], async (values) =>
    setNeeded(await signIn(values, to)),
  );
  const [elsewhere] = useState(() => neededFrom(location.hash));
  useEffect(() => {
    // The token is of use once: it does not stay in the address, or in the history.
    if (elsewhere) history.replaceState(history.state, "", location.pathname);
  }, [elsewhere]);
  if (needed) return <CodeForm needed={needed} to={to} />;
  if (elsewhere) return <CodeForm {...elsewhere} />;
  return (
    <form noValidate onSubmit={form.submit} className="grid gap-4">
      {reason && <Notice tone="error">{reason}</Notice>}
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
      {methods.data?.provider && <ProviderButton name={methods.data.provider} to={to} />}
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
