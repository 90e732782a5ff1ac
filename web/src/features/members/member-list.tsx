import { api, client } from "@/api/client";
import { problemMessage, unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { Member, Role } from "@/api/types";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Select } from "@/components/ui/input";
import { Head, StackedRow, Table, Td, Th } from "@/components/ui/table";
import { toast } from "@/components/ui/toast";
import { roleName, rolesUpTo } from "@/features/auth/roles";
import { useMe } from "@/features/auth/session";

export function MemberList() {
  const members = api.useQuery("get", "/api/v1/members", { params: { query: { limit: 200 } } });
  return (
    <Loaded query={members}>
      {({ items }) => (
        <Table label="Members" stacks>
          <Head>
            <Th>Member</Th>
            <Th>Role</Th>
            <Th className="max-md:hidden">Since</Th>
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          </Head>
          <tbody>
            {items.map((member) => (
              <MemberRow key={member.id} member={member} />
            ))}
          </tbody>
        </Table>
      )}
    </Loaded>
  );
}

function MemberRow({ member }: { member: Member }) {
  const refresh = useRefresh();
  const me = useMe().data;
  const isOwn = me?.user?.id === member.id;
  const roles = rolesUpTo(me?.role ?? "viewer").map(([role]) => role);
  const isAbove = !roles.includes(member.role);
  const path = { id: member.id };
  const change = async (role: Role) => {
    try {
      unwrap(await client.PATCH("/api/v1/members/{id}", { params: { path }, body: { role } }));
      toast(`${member.email} is ${roleName(role)} now.`);
    } catch (error) {
      toast(problemMessage(error));
    }
    await refresh("/members", "/me");
  };
  return (
    <StackedRow>
      <Td role="cell">
        <span className="font-semibold break-all">{member.email}</span>
        {isOwn && <span className="text-dim"> (you)</span>}
      </Td>
      <Td role="cell">
        {isOwn || isAbove ? (
          roleName(member.role)
        ) : (
          <Select
            aria-label={`Role of ${member.email}`}
            className="w-auto"
            value={member.role}
            onChange={(event) => void change(event.target.value as Role)}
          >
            {roles.map((role) => (
              <option key={role} value={role}>
                {roleName(role)}
              </option>
            ))}
          </Select>
        )}
      </Td>
      <Td role="cell" className="text-dim max-md:hidden">
        <Time iso={member.created_at} form="date" />
      </Td>
      <Td role="cell" className="text-right">
        {!isOwn && !isAbove && (
          <Confirm
            trigger={
              <Button size="sm" variant="danger" aria-label={`Remove ${member.email}`}>
                Remove
              </Button>
            }
            title={`Remove ${member.email}?`}
            action="Remove member"
            onConfirm={async () => {
              unwrap(await client.DELETE("/api/v1/members/{id}", { params: { path } }));
              await refresh("/members");
              toast(`${member.email} is no member any more.`);
            }}
          >
            They are signed out of this account at once, and API keys that they made in it stop
            working. Grants they minted go on.
          </Confirm>
        )}
      </Td>
    </StackedRow>
  );
}
