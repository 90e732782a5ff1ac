import { useState } from "react";

import { api, client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { Account } from "@/api/types";
import { Panel } from "@/components/page";
import { Loaded } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/input";
import { toast } from "@/components/ui/toast";
import { useMe } from "@/features/auth/session";

/** Makes another member the owner. */
export function HandOverPanel({ account }: { account: Account }) {
  const members = api.useQuery("get", "/api/v1/members", { params: { query: { limit: 200 } } });
  const own = useMe().data?.user?.id;
  const refresh = useRefresh();
  const [chosen, setChosen] = useState("");
  return (
    <Panel title="Hand over">
      <Loaded query={members}>
        {({ items }) => {
          const others = items.filter((member) => member.id !== own);
          const to = others.find((member) => member.id === chosen);
          if (others.length === 0)
            return <p className="text-dim">There is no other member to hand this account to.</p>;
          return (
            <div className="grid max-w-md gap-3">
              <Field label="New owner" hint="You become an admin.">
                {(control) => (
                  <Select
                    {...control}
                    value={chosen}
                    onChange={(event) => setChosen(event.target.value)}
                  >
                    <option value="">Choose a member</option>
                    {others.map((member) => (
                      <option key={member.id} value={member.id}>
                        {member.email}
                      </option>
                    ))}
                  </Select>
                )}
              </Field>
              <div>
                <Confirm
                  trigger={
                    <Button variant="danger" disabled={!to}>
                      Hand over
                    </Button>
                  }
                  title={`Hand ${account.name} over to ${to?.email ?? ""}?`}
                  action="Hand over"
                  onConfirm={async () => {
                    const body = { user_id: chosen };
                    unwrap(await client.POST("/api/v1/account/transfer", { body }));
                    await refresh("/me", "/members");
                    toast(`${to?.email ?? "Somebody else"} owns the account now.`);
                  }}
                >
                  They can do everything, and you can not delete the account or hand it over any
                  more.
                </Confirm>
              </div>
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}
