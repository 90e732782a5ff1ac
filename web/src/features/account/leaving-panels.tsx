import { useQueryClient } from "@tanstack/react-query";

import { client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { Tagged } from "@/api/tagged";
import type { Account } from "@/api/types";
import { Panel } from "@/components/page";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { toast } from "@/components/ui/toast";
import { useAccountActions } from "@/features/account/queries";

/** Ends one's own membership. */
export function LeavePanel({ account }: { account: Account }) {
  const cache = useQueryClient();
  return (
    <Panel title="Leave">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-prose text-dim">
          You are no member any more, and API keys that you made in this account stop working. The
          last owner cannot leave.
        </p>
        <Confirm
          trigger={<Button variant="danger">Leave account</Button>}
          title={`Leave ${account.name}?`}
          action="Leave account"
          onConfirm={async () => {
            unwrap(await client.POST("/api/v1/account/leave"));
            cache.clear();
            // Another account of theirs, or the way in.
            location.assign("/");
          }}
        >
          Only an invitation brings you back.
        </Confirm>
      </div>
    </Panel>
  );
}

/** Asks for the deletion of the account. */
export function DeletePanel({ read }: { read: Tagged<Account> }) {
  const { remove } = useAccountActions();
  const account = read.value;
  return (
    <Panel title="Delete" tone="danger">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-prose text-dim">
          Agents are turned away at once. For a while the account can be restored; then servers,
          policies, grants, decisions and audit events are gone for good.
        </p>
        <Confirm
          trigger={<Button variant="danger">Delete account</Button>}
          title={`Delete ${account.name}?`}
          action="Delete account"
          phrase={account.slug}
          onConfirm={async () => {
            await remove(read);
            toast("The account is going to be deleted.");
          }}
        >
          Every agent is turned away from now on.
        </Confirm>
      </div>
    </Panel>
  );
}

/** Undoes the deletion, while that can be done. */
export function RestorePanel({ account }: { account: Account }) {
  const refresh = useRefresh();
  return (
    <Panel title="Going to be deleted" tone="danger">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-prose">
          Everything in this account is removed{" "}
          {account.delete_at && <Time iso={account.delete_at} form="date" />}. Until then agents are
          turned away, and nothing can be changed.
        </p>
        <Button
          variant="primary"
          onClick={() =>
            void client.POST("/api/v1/account/restore").then(async (answer) => {
              unwrap(answer);
              await refresh("/me", "/account");
              toast("The account is restored.");
            })
          }
        >
          Restore account
        </Button>
      </div>
    </Panel>
  );
}
