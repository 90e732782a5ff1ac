import { useState } from "react";

import { api, client } from "@/api/client";
import { problemMessage, unwrap } from "@/api/problem";
import { Panel } from "@/components/page";
import { Loaded } from "@/components/states";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { useMe } from "@/features/auth/session";

export function EmailPanel() {
  const me = useMe();
  const methods = api.useQuery("get", "/api/v1/auth/methods");
  return (
    <Panel title="E-mail">
      <Loaded query={me}>
        {({ user }) =>
          user && (
            <div className="flex flex-wrap items-center justify-between gap-3">
              <p className="min-w-0">
                <span className="break-all">{user.email}</span>
                <span className="block text-sm text-dim">
                  {user.is_email_verified ? "Confirmed: mail reaches you." : "Not confirmed yet."}
                </span>
              </p>
              {!user.is_email_verified && methods.data?.mail && <SendButton />}
            </div>
          )
        }
      </Loaded>
    </Panel>
  );
}

function SendButton() {
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    try {
      unwrap(await client.POST("/api/v1/auth/verify-email/send"));
      toast("A link is on its way to you.");
    } catch (error) {
      toast(problemMessage(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button busy={busy} onClick={() => void send()}>
      Send link
    </Button>
  );
}
