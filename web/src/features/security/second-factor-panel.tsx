import { useState } from "react";

import { api, client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { Panel } from "@/components/page";
import { Loaded } from "@/components/states";
import { toast } from "@/components/ui/toast";
import { AppSetup } from "@/features/security/app-setup";
import { PasskeySetup } from "@/features/security/passkey-setup";
import { PasswordDialog } from "@/features/security/password-dialog";
import { RecoveryCodesDialog } from "@/features/security/recovery-codes-dialog";
import { SecondFactorState } from "@/features/security/second-factor-state";

type Setup = components["schemas"]["TotpSetup"];
type Question = components["schemas"]["PasskeyCeremony"];

/** What the password is asked for. */
export type Wish = { to: "app" | "passkey" | "renew" | "disable" } | { to: "remove"; id: string };
type Step = { wish: Wish } | { setup: Setup } | { question: Question } | { codes: string[] };

const PASSKEYS = "/api/v1/second-factor/passkeys";

/** Codes of an app and passkeys, asked for besides the password. */
export function SecondFactorPanel() {
  const factor = api.useQuery("get", "/api/v1/second-factor");
  const refresh = useRefresh();
  const [step, setStep] = useState<Step | null>(null);
  const close = () => setStep(null);
  const done = async (codes: string[] | null) => {
    await refresh("/second-factor");
    setStep(codes ? { codes } : null);
  };
  const go = async (wish: Wish, body: { password: string }) => {
    switch (wish.to) {
      case "app":
        return setStep({
          setup: unwrap(await client.POST("/api/v1/second-factor/totp", { body })),
        });
      case "passkey":
        return setStep({ question: unwrap(await client.POST(PASSKEYS, { body })) });
      case "renew": {
        const renewed = await client.POST("/api/v1/second-factor/recovery-codes", { body });
        return done(unwrap(renewed).recovery_codes);
      }
      case "remove": {
        const params = { path: { id: wish.id } };
        unwrap(await client.POST(`${PASSKEYS}/{id}/remove`, { params, body }));
        await done(null);
        return toast("The passkey is removed.");
      }
      case "disable":
        unwrap(await client.POST("/api/v1/second-factor/disable", { body }));
        await done(null);
        return toast("The second factor is disabled.");
    }
  };
  return (
    <Panel title="Second factor">
      <Loaded query={factor}>
        {(state) => <SecondFactorState state={state} onWish={(wish) => setStep({ wish })} />}
      </Loaded>
      {step && "wish" in step && (
        <PasswordDialog
          title={TITLES[step.wish.to]}
          onClose={close}
          onPassword={(body) => go(step.wish, body)}
        />
      )}
      {step && "setup" in step && <AppSetup setup={step.setup} onClose={close} onCodes={done} />}
      {step && "question" in step && (
        <PasskeySetup question={step.question} onClose={close} onCodes={done} />
      )}
      {step && "codes" in step && <RecoveryCodesDialog codes={step.codes} onClose={close} />}
    </Panel>
  );
}

const TITLES = {
  app: "Set up an app",
  passkey: "Add a passkey",
  renew: "New recovery codes",
  remove: "Remove the passkey",
  disable: "Disable the second factor",
};
