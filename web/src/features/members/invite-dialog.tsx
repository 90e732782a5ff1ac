import { useState } from "react";

import { client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { Role } from "@/api/types";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { rolesUpTo } from "@/features/auth/roles";
import { useMe } from "@/features/auth/session";
import { useForm } from "@/lib/use-form";

const EMPTY: { email: string; role: Role } = { email: "", role: "viewer" };

/** Invites somebody. Where no mail is sent, the link is shown to be handed on. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const refresh = useRefresh();
  const own = useMe().data?.role ?? "viewer";
  const [link, setLink] = useState<string | null>(null);
  const form = useForm(EMPTY, ["/email", "/role"], async (body) => {
    const invited = unwrap(await client.POST("/api/v1/invitations", { body }));
    await refresh("/invitations");
    if (invited.link) {
      setLink(invited.link);
    } else {
      toast(`The invitation is on its way to ${body.email}.`);
      onClose();
    }
  });
  return (
    <Dialog open onOpenChange={onClose} title={link ? "The link is ready" : "Invite member"}>
      {link ? (
        <Notice tone="warning">
          <p className="font-semibold">
            Hand this link on to {form.values.email}. It is shown once, and works once, for 7 days.
          </p>
          <div className="mt-2 flex flex-wrap items-center gap-2">
            <code
              data-testid="invitation-link"
              className="min-w-0 border bg-surface px-2 py-1 font-mono text-sm break-all"
            >
              {link}
            </code>
            <CopyButton text={link} label="Copy link" />
          </div>
        </Notice>
      ) : (
        <form noValidate onSubmit={form.submit} className="grid gap-4">
          <Field label="E-mail" error={form.errors["/email"]}>
            {(control) => (
              <Input
                {...control}
                type="email"
                autoComplete="off"
                value={form.values.email}
                onChange={(event) => form.set("email", event.target.value)}
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
                {rolesUpTo(own).map(([role, label]) => (
                  <option key={role} value={role}>
                    {label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {form.failure && <Notice tone="error">{form.failure}</Notice>}
          <div>
            <Button type="submit" variant="primary" busy={form.busy}>
              Invite
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
