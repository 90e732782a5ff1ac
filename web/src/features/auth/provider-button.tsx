import { useState } from "react";

import { client } from "@/api/client";
import { problemMessage, unwrap } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

/** Leads to the installation's provider of sign-ins. */
export function ProviderButton({ name, to }: { name: string; to: string }) {
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    setFailure(null);
    try {
      location.assign(unwrap(await client.POST("/api/v1/auth/provider", { body: { to } })).url);
    } catch (error) {
      setFailure(problemMessage(error));
      setBusy(false);
    }
  };
  return (
    <div className="grid gap-3 border-t pt-4">
      <Button busy={busy} onClick={() => void go()}>
        Continue with {name}
      </Button>
      {failure && <Notice tone="error">{failure}</Notice>}
    </div>
  );
}
