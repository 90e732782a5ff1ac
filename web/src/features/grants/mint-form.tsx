import { Link } from "@tanstack/react-router";
import { Plus, X } from "lucide-react";
import { useState } from "react";

import type { Grant, Server } from "@/api/types";
import { Page } from "@/components/page";
import { Empty, Loaded } from "@/components/states";
import { Button, buttonClass, IconButton } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { May, NotYours } from "@/features/auth/may";
import { BindingFields, type BindingDraft } from "@/features/grants/binding-fields";
import { ExpiryField } from "@/features/grants/expiry-field";
import { useGrantActions } from "@/features/grants/queries";
import { TokenPanel } from "@/features/grants/token-panel";
import { useServerChoices } from "@/features/servers/queries";
import { useForm } from "@/lib/use-form";

interface MintPageProps {
  serverId: string | undefined;
  policyId: string | undefined;
}

interface Minted {
  grant: Grant;
  token: string;
}

export function MintPage({ serverId, policyId }: MintPageProps) {
  const servers = useServerChoices();
  const [minted, setMinted] = useState<Minted | null>(null);
  const above = (
    <Link to="/grants" className="hover:underline">
      Grants
    </Link>
  );
  if (minted) {
    return (
      <Page title={`${minted.grant.label} is ready`} above={above}>
        <TokenPanel {...minted} />
        <div className="flex flex-wrap gap-2">
          <Link
            to="/decisions"
            search={{ grant_id: minted.grant.id }}
            className={buttonClass("primary")}
          >
            Watch its decisions
          </Link>
          <Link
            to="/grants/$grantId"
            params={{ grantId: minted.grant.id }}
            className={buttonClass()}
          >
            I have copied the token
          </Link>
        </div>
      </Page>
    );
  }
  return (
    <Page title="Mint grant" above={above}>
      <May permission="manage_access" otherwise={<NotYours />}>
        <Loaded query={servers}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty
                title="A grant needs a server"
                action={
                  <Link to="/servers/new" className={buttonClass("primary")}>
                    Register server
                  </Link>
                }
              >
                It opens servers of this account, and there is none yet.
              </Empty>
            ) : (
              <MintForm
                servers={items}
                first={{
                  server_id: serverId ?? (items.length === 1 ? (items[0]?.id ?? "") : ""),
                  policy_id: policyId ?? "",
                  mode: "enforce",
                }}
                onMinted={setMinted}
              />
            )
          }
        </Loaded>
      </May>
    </Page>
  );
}

interface MintFormProps {
  servers: Server[];
  first: BindingDraft;
  onMinted: (minted: Minted) => void;
}

interface Values {
  label: string;
  bindings: BindingDraft[];
  expires_at: string | null;
}

function MintForm({ servers, first, onMinted }: MintFormProps) {
  const { mint } = useGrantActions();
  const initial: Values = { label: "", bindings: [first], expires_at: null };
  const known = [
    "/label",
    "/expires_at",
    ...servers.map((_, index) => `/bindings/${index}/server_id`),
  ];
  const form = useForm(initial, known, async ({ label, bindings, expires_at }) => {
    onMinted(
      await mint({
        label,
        bindings: bindings.map(({ server_id, policy_id, mode }) => ({
          server_id,
          mode,
          ...(policy_id && { policy_id }),
        })),
        ...(expires_at && { expires_at }),
      }),
    );
  });
  const { bindings } = form.values;
  const setBinding = (index: number, binding: BindingDraft) =>
    form.set(
      "bindings",
      bindings.map((one, at) => (at === index ? binding : one)),
    );

  return (
    <form noValidate onSubmit={form.submit} className="grid max-w-3xl gap-5">
      <Field
        label="Label"
        hint="Who will hold it: an agent, a person, a machine."
        error={form.errors["/label"]}
      >
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            placeholder="Support agent"
            value={form.values.label}
            onChange={(event) => form.set("label", event.target.value)}
          />
        )}
      </Field>
      <fieldset className="grid gap-3">
        <legend className="mb-2 font-semibold">Opens</legend>
        {bindings.map((binding, index) => (
          <div key={index} className="flex items-start gap-2 border bg-surface p-3">
            <div className="min-w-0 flex-1">
              <BindingFields
                binding={binding}
                servers={servers}
                error={
                  form.errors[`/bindings/${index}/server_id`] ?? form.errors[`/bindings/${index}`]
                }
                onChange={(next) => setBinding(index, next)}
              />
            </div>
            {bindings.length > 1 && (
              <IconButton
                label={`Remove binding ${index + 1}`}
                onClick={() =>
                  form.set(
                    "bindings",
                    bindings.filter((_, at) => at !== index),
                  )
                }
              >
                <X aria-hidden />
              </IconButton>
            )}
          </div>
        ))}
        {bindings.length < servers.length && (
          <div>
            <Button
              size="sm"
              onClick={() =>
                form.set("bindings", [
                  ...bindings,
                  { server_id: "", policy_id: "", mode: "enforce" },
                ])
              }
            >
              <Plus aria-hidden />
              Another server
            </Button>
          </div>
        )}
      </fieldset>
      <ExpiryField
        error={form.errors["/expires_at"]}
        onChange={(expires_at) => form.set("expires_at", expires_at)}
      />
      {form.failure && <Notice tone="error">{form.failure}</Notice>}
      <div className="flex gap-2">
        <Button type="submit" variant="primary" busy={form.busy}>
          Mint grant
        </Button>
        <Link to="/grants" className={buttonClass("ghost")}>
          Cancel
        </Link>
      </div>
    </form>
  );
}
