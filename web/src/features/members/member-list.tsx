import { useState } from "react";

import { api } from "@/api/client";
import { problemMessage } from "@/api/problem";
import type { Member, Role } from "@/api/types";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Select } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { Head, StackedRow, Table, Td, Th } from "@/components/ui/table";
import { toast } from "@/components/ui/toast";
import { roleName, rolesUpTo } from "@/features/auth/roles";
import { useMe } from "@/features/auth/session";
import { useMemberActions } from "@/features/members/queries";

export function MemberList() {
  const members = api.useQuery("get", "/api/v1/members", { params: { query: { limit: 200 } } });
  const [failure, setFailure] = useState<unknown>(null);
  return (
    <Loaded query={members}>
      {({ items }) => (
        <>
          {failure !== null && <Notice tone="error">{problemMessage(failure)}</Notice>}
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
                <MemberRow key={member.id} member={member} onFailure={setFailure} />
              ))}
            </tbody>
          </Table>
        </>
      )}
    </Loaded>
  );
}

interface MemberRowProps {
  member: Member;
  /** Hears why a role could not be changed, or null when it could. */
  onFailure: (error: unknown) => void;
}

function MemberRow({ member, onFailure }: MemberRowProps) {
  const { changeRole, remove } = useMemberActions();
  const me = useMe().data;
  const isOwn = me?.user?.id === member.id;
  const roles = rolesUpTo(me?.role ?? "viewer").map(([role]) => role);
  const isAbove = !roles.includes(member.role);
  const change = async (role: Role) => {
    try {
      await changeRole(member, role);
      onFailure(null);
      toast(`${member.email} is ${roleName(role)} now.`);
    } catch (error) {
      onFailure(error);
    }
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
              await remove(member);
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
