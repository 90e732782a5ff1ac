import { Check, ChevronsUpDown, Plus } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";

import { api } from "@/api/client";
import type { Me } from "@/api/types";
import { toast } from "@/components/ui/toast";
import { NewAccountDialog } from "@/features/account/new-account-dialog";
import { roleName } from "@/features/auth/roles";
import { useSession } from "@/features/auth/session";
import { problemMessage } from "@/api/problem";

const ITEM =
  "flex cursor-default items-center gap-2 px-3 py-2 outline-none data-highlighted:bg-sunken";

/** Whose account one looks at, and the way to one's others. */
export function AccountSwitcher({ me }: { me: Me }) {
  const [open, setOpen] = useState(false);
  const [making, setMaking] = useState(false);
  const { switchTo } = useSession();
  const accounts = api.useQuery("get", "/api/v1/accounts", {}, { enabled: open });
  return (
    <>
      <DropdownMenu.Root open={open} onOpenChange={setOpen}>
        <DropdownMenu.Trigger className="flex w-full min-w-0 items-center justify-between gap-2 rounded-sm py-1 text-left">
          <span className="min-w-0">
            <span className="sr-only">Account: </span>
            <span className="block truncate font-semibold">{me.account.name}</span>
            {me.user && <span className="block truncate text-white/75">{me.user.email}</span>}
          </span>
          <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-white/75" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            side="top"
            align="start"
            sideOffset={6}
            className="z-50 max-h-[60vh] w-60 overflow-y-auto border border-line-strong bg-surface py-1 text-ink shadow-xl"
          >
            {accounts.data?.items.map(({ account, role, is_current }) => (
              <DropdownMenu.Item
                key={account.id}
                className={ITEM}
                onSelect={() => {
                  if (is_current) return;
                  switchTo(account.id).catch((error: unknown) => toast(problemMessage(error)));
                }}
              >
                <Check
                  aria-hidden
                  className={is_current ? "size-4 shrink-0" : "invisible size-4 shrink-0"}
                />
                <span className="min-w-0">
                  <span className="block truncate">{account.name}</span>
                  <span className="block text-sm text-dim">
                    {roleName(role)}
                    {is_current && <span className="sr-only">, current</span>}
                  </span>
                </span>
              </DropdownMenu.Item>
            ))}
            <DropdownMenu.Separator className="my-1 border-t" />
            <DropdownMenu.Item className={ITEM} onSelect={() => setMaking(true)}>
              <Plus aria-hidden className="size-4 shrink-0" />
              New account
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {making && <NewAccountDialog onClose={() => setMaking(false)} />}
    </>
  );
}
