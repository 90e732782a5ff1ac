import { useState } from "react";

import type { components } from "@/api/schema";
import { problemMessage } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { useSession } from "@/features/auth/session";
import { hasPasskeys } from "@/lib/passkey";
import { useForm } from "@/lib/use-form";

interface CodeFormProps {
  needed: components["schemas"]["SecondFactorNeeded"];
  to: string;
}

/** The second step of signing in. */
export function CodeForm({ needed, to }: CodeFormProps) {
  const { giveCode } = useSession();
  const { token } = needed;
  const form = useForm({ code: "" }, ["/code"], ({ code }) => giveCode({ token, code }, to));
  return (
    <div className="grid gap-6">
      {needed.has_passkeys && hasPasskeys && <PasskeyButton token={token} to={to} />}
      <form noValidate onSubmit={form.submit} className="grid gap-4">
        <Field
          label={needed.has_app ? "Code" : "Recovery code"}
          hint={
            needed.has_app ? "The six digits that your app shows, or a recovery code." : undefined
          }
          error={form.errors["/code"]}
        >
          {(control) => (
            <Input
              {...control}
              autoComplete="one-time-code"
              className="font-mono"
              value={form.values.code}
              onChange={(event) => form.set("code", event.target.value)}
            />
          )}
        </Field>
        {form.failure && <Notice tone="error">{form.failure}</Notice>}
        <Button type="submit" variant="primary" busy={form.busy}>
          Sign in
        </Button>
      </form>
    </div>
  );
}

/** The browser says in an exception of its own that the device did not answer, or that somebody thought better of it. */
function asked(error: unknown): string {
  return error instanceof DOMException
    ? "The passkey was not used. Try again, or use a code."
    : problemMessage(error);
}

function PasskeyButton({ token, to }: { token: string; to: string }) {
  const { givePasskey } = useSession();
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const prove = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await givePasskey(token, to);
    } catch (error) {
      setFailure(asked(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="grid gap-3">
      <Button variant="primary" busy={busy} onClick={() => void prove()}>
        Use your passkey
      </Button>
      {failure && <Notice tone="error">{failure}</Notice>}
    </div>
  );
}
