import { client } from "@/api/client";
import { ChangedError } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import { ifMatch, readAgain, tagged, useChange } from "@/api/tagged";
import type { Member, Role } from "@/api/types";

const PATH = "/api/v1/members/{id}";

export function useMemberActions() {
  const refresh = useRefresh();
  const change = useChange("/members", "/me");
  /** Where a change starts from: a member who still has the role that was looked at. */
  const from = async ({ id, role }: Member) => {
    const path = { id };
    try {
      const read = async () => tagged(await client.GET(PATH, { params: { path } }));
      return { path, header: ifMatch(await readAgain(read, (now) => now.role === role)) };
    } catch (error) {
      if (error instanceof ChangedError) await refresh("/members");
      throw error;
    }
  };
  return {
    changeRole: async (member: Member, role: Role) =>
      change(client.PATCH(PATH, { params: await from(member), body: { role } })),
    remove: async (member: Member) => change(client.DELETE(PATH, { params: await from(member) })),
  };
}
