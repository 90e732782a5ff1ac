import { Link } from "@tanstack/react-router";

import { api } from "@/api/client";
import { Failure, LoadingRows } from "@/components/states";
import { Button, buttonClass } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { roleName } from "@/features/auth/roles";
import { useSession } from "@/features/auth/session";
import { useForm } from "@/lib/use-form";

/** Accepts an invitation: with the session there is, or with a password for somebody new. */
export function AcceptForm({ token, signedInAs }: { token: string; signedInAs: string | null }) {
  const { accept } = useSession();
  const invitation = api.useQuery("post", "/api/v1/invitations/inspect", { body: { token } });
  const form = useForm({ password: "" }, ["/password"], ({ password }) =>
    accept({ token, ...(password && { password }) }),
  );
  if (invitation.isPending) return <LoadingRows rows={2} />;
  if (invitation.isError) return <Failure error={invitation.error} />;
  const { account_name, email, role, has_user } = invitation.data;
  const isOther = signedInAs !== null && signedInAs !== email;
  const mustSignIn = signedInAs === null && has_user;
  return (
    <form noValidate onSubmit={form.submit} className="grid gap-4">
      <p>
        <span className="font-semibold">{account_name}</span> invites{" "}
        <span className="font-semibold break-all">{email}</span> as {roleName(role)}.
      </p>
      {isOther && (
        <Notice tone="warning">
          You are signed in as {signedInAs}. Sign out, and open the link again.
        </Notice>
      )}
      {mustSignIn && (
        <>
          <p className="text-dim">Sign in with this address, and you come back here.</p>
          <Link
            to="/sign-in"
            search={{ to: `/accept#${token}` }}
            className={buttonClass("primary")}
          >
            Sign in
          </Link>
        </>
      )}
      {!isOther && !mustSignIn && (
        <>
          {signedInAs === null && (
            <Field
              label="Choose a password"
              hint="At least 12 characters."
              error={form.errors["/password"]}
            >
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
          )}
          {form.failure && <Notice tone="error">{form.failure}</Notice>}
          <Button type="submit" variant="primary" busy={form.busy}>
            Accept invitation
          </Button>
        </>
      )}
    </form>
  );
}
