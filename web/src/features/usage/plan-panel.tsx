import { useState } from "react";

import type { PlanOffer, Usage } from "@/api/types";
import { Panel } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/input";
import { toast } from "@/components/ui/toast";
import { useAccount, useAccountActions } from "@/features/account/queries";
import { May } from "@/features/auth/may";
import { count } from "@/lib/format";

const WORDS: [limit: keyof Omit<PlanOffer, "name">, one: string, rest: string][] = [
  ["servers", "server", ""],
  ["grants", "grant", ""],
  ["members", "member", ""],
  ["calls_a_month", "call", " a month"],
  ["calls_at_once", "call", " at once"],
  ["retention_days", "day", " of decisions"],
];

/** `10 servers, 50 calls at once`. */
function described(offer: PlanOffer): string {
  const limits = WORDS.flatMap(([limit, one, rest]) => {
    const max = offer[limit];
    return max == null ? [] : [`${count(max, one)}${rest}`];
  });
  return limits.length === 0 ? "Nothing is limited." : `${limits.join(", ")}.`;
}

/** Puts the account on another plan, where there is one to choose. */
export function PlanPanel({ usage }: { usage: Usage }) {
  const others = usage.offers.filter((offer) => offer.name !== usage.plan);
  if (others.length === 0) return null;
  return (
    <May permission="manage_account">
      <Panel title="Change plan">
        <Choice others={others} />
      </Panel>
    </May>
  );
}

function Choice({ others }: { others: PlanOffer[] }) {
  const account = useAccount();
  const { change } = useAccountActions();
  const [chosen, setChosen] = useState("");
  const offer = others.find(({ name }) => name === chosen);
  return (
    <div className="grid max-w-md gap-3">
      <Field label="Plan" {...(offer ? { hint: described(offer) } : {})}>
        {(control) => (
          <Select {...control} value={chosen} onChange={(event) => setChosen(event.target.value)}>
            <option value="">Choose a plan</option>
            {others.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div>
        <Confirm
          trigger={<Button disabled={!offer || !account.data}>Change plan</Button>}
          title={`Change to the plan ${chosen}?`}
          action="Change plan"
          onConfirm={async () => {
            if (!account.data) return;
            await change(account.data, { plan: chosen });
            setChosen("");
            toast(`The account is on the plan ${chosen} now.`);
          }}
        >
          It is in force at once. Nothing that is there is taken away; where there is more than the
          plan allows, no more can be added. Decisions older than the plan keeps them are removed.
        </Confirm>
      </div>
    </div>
  );
}
