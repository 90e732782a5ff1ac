import { api, client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { Invitation } from "@/api/types";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Head, StackedRow, Table, Td, Th } from "@/components/ui/table";
import { toast } from "@/components/ui/toast";
import { roleName } from "@/features/auth/roles";

/** Invitations nobody has accepted yet; nothing at all when there are none. */
export function InvitationList() {
  const query = { limit: 200 };
  const invitations = api.useQuery("get", "/api/v1/invitations", { params: { query } });
  return (
    <Loaded query={invitations}>
      {({ items }) =>
        items.length > 0 && (
          <section className="grid gap-2">
            <h2 className="text-lg font-semibold">Open invitations</h2>
            <Table label="Open invitations" stacks>
              <Head>
                <Th>Invited</Th>
                <Th>Role</Th>
                <Th className="max-md:hidden">Expires</Th>
                <Th>
                  <span className="sr-only">Actions</span>
                </Th>
              </Head>
              <tbody>
                {items.map((invitation) => (
                  <InvitationRow key={invitation.id} invitation={invitation} />
                ))}
              </tbody>
            </Table>
          </section>
        )
      }
    </Loaded>
  );
}

function InvitationRow({
  invitation: { id, email, role, expires_at },
}: {
  invitation: Invitation;
}) {
  const refresh = useRefresh();
  return (
    <StackedRow>
      <Td role="cell">
        <span className="break-all">{email}</span>
      </Td>
      <Td role="cell">{roleName(role)}</Td>
      <Td role="cell" className="text-dim max-md:hidden">
        <Time iso={expires_at} />
      </Td>
      <Td role="cell" className="text-right">
        <Confirm
          trigger={
            <Button size="sm" variant="danger" aria-label={`Withdraw invitation of ${email}`}>
              Withdraw
            </Button>
          }
          title={`Withdraw the invitation of ${email}?`}
          action="Withdraw invitation"
          onConfirm={async () => {
            unwrap(await client.DELETE("/api/v1/invitations/{id}", { params: { path: { id } } }));
            await refresh("/invitations");
            toast("The invitation is withdrawn.");
          }}
        >
          Its link opens nothing any more.
        </Confirm>
      </Td>
    </StackedRow>
  );
}
