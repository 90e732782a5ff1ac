import { client } from "@/api/client";
import type { paths } from "@/api/schema";
import { ifMatch, tagged, useChange, useTagged, type Tagged } from "@/api/tagged";
import type { Account } from "@/api/types";

const PATH = "/api/v1/account";

type AccountChange = paths[typeof PATH]["patch"]["requestBody"]["content"]["application/json"];

export function useAccount() {
  return useTagged(PATH, [], async () => tagged(await client.GET(PATH)));
}

export function useAccountActions() {
  const change = useChange("/account", "/me", "/usage");
  return {
    change: (read: Tagged<Account>, body: AccountChange) =>
      change(client.PATCH(PATH, { params: { header: ifMatch(read) }, body })),
    /** Asks for the deletion of the account. */
    remove: (read: Tagged<Account>) =>
      change(client.DELETE(PATH, { params: { header: ifMatch(read) } })),
  };
}
