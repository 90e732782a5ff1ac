import type { Tagged } from "@/api/tagged";
import type { Account, Me } from "@/api/types";
import { FormTrouble } from "@/components/form-trouble";
import { Fact, Facts, Page, Panel } from "@/components/page";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { CopyIcon } from "@/components/ui/copy";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { toast } from "@/components/ui/toast";
import { HandOverPanel } from "@/features/account/hand-over-panel";
import { DeletePanel, LeavePanel, RestorePanel } from "@/features/account/leaving-panels";
import { useAccount, useAccountActions } from "@/features/account/queries";
import { May } from "@/features/auth/may";
import { roleName } from "@/features/auth/roles";
import { useMe } from "@/features/auth/session";
import { useEdit } from "@/lib/use-edit";

export function AccountPage() {
  const me = useMe();
  return (
    <Page title="Account">
      <Loaded query={me}>{(data) => <Filled me={data} />}</Loaded>
    </Page>
  );
}

function Filled({ me }: { me: Me }) {
  const account = me.account;
  const read = useAccount();
  if (account.delete_at) return <Closing me={me} />;
  return (
    <>
      <Panel title="About">
        <Facts>
          <Fact name="Slug">
            <span className="font-mono text-sm">{account.slug}</span>
          </Fact>
          <Fact name="Gateway URL">
            <span className="flex items-center gap-1">
              <span className="min-w-0 font-mono text-sm break-all">{account.gateway_url}</span>
              <CopyIcon text={account.gateway_url} label="Copy gateway URL" />
            </span>
          </Fact>
          <Fact name="Made">
            <Time iso={account.created_at} form="date" />
          </Fact>
          {me.user && <Fact name="Signed in as">{me.user.email}</Fact>}
          <Fact name="Your role">{roleName(me.role)}</Fact>
        </Facts>
      </Panel>
      <May permission="manage_members">
        <Panel title="Name">
          <Loaded query={read} rows={1}>
            {(data) => <NameForm read={data} />}
          </Loaded>
        </Panel>
      </May>
      <May permission="manage_account">
        <HandOverPanel account={account} />
      </May>
      <LeavePanel account={account} />
      <May permission="manage_account">{read.data && <DeletePanel read={read.data} />}</May>
    </>
  );
}

function Closing({ me: { account } }: { me: Me }) {
  return (
    <May
      permission="manage_account"
      otherwise={<p className="text-dim">An owner can restore the account.</p>}
    >
      <RestorePanel account={account} />
    </May>
  );
}

function NameForm({ read }: { read: Tagged<Account> }) {
  const { change } = useAccountActions();
  const form = useEdit(
    read,
    ({ name }) => ({ name }),
    ["/name"],
    async (body, base) => {
      await change(base, body);
      toast("The name is saved.");
    },
  );
  return (
    <form noValidate onSubmit={form.submit} className="grid max-w-md gap-3">
      <Field
        label="Account name"
        hint="The slug in the gateway URL stays as it is."
        error={form.errors["/name"]}
      >
        {(control) => (
          <Input
            {...control}
            autoComplete="organization"
            value={form.values.name}
            onChange={(event) => form.set("name", event.target.value)}
          />
        )}
      </Field>
      <FormTrouble form={form} words={{ name: ({ name }) => `Account name: ${name}` }} />
      <div>
        <Button type="submit" busy={form.busy} disabled={form.values.name === read.value.name}>
          Save name
        </Button>
      </div>
    </form>
  );
}
