import { useState } from "react";

import { api, client } from "@/api/client";
import { problemMessage, unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import { Panel } from "@/components/page";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { PasswordDialog } from "@/features/security/password-dialog";

/** The identities by which a provider of sign-ins lets the person in. `reason`: why the last one was not linked. */
export function IdentitiesPanel({ reason }: { reason: string | undefined }) {
  const methods = api.useQuery("get", "/api/v1/auth/methods");
  const identities = api.useQuery("get", "/api/v1/identities");
  const refresh = useRefresh();
  const [failure, setFailure] = useState(reason);
  const [removed, setRemoved] = useState<string | null>(null);
  const provider = methods.data?.provider;
  if (!provider && !identities.data?.items.length) return null;
  const link = () =>
    client
      .POST("/api/v1/auth/provider/link")
      .then((answer) => location.assign(unwrap(answer).url))
      .catch((error: unknown) => setFailure(problemMessage(error)));
  return (
    <Panel title="Signing in elsewhere">
      <div className="grid gap-4">
        {failure && <Notice tone="error">{failure}</Notice>}
        <Loaded query={identities}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="max-w-prose text-dim">
                Once linked, {provider} lets you in without your password.
              </p>
            ) : (
              <ul aria-label="Identities" className="divide-y border-y">
                {items.map(({ id, issuer, email, last_used_at }) => (
                  <li key={id} className="flex flex-wrap items-center justify-between gap-2 py-2">
                    <span className="min-w-0 break-words">
                      {email ?? "Somebody"} at {issuer}
                      <span className="block text-sm text-dim">
                        last used <Time iso={last_used_at} />
                      </span>
                    </span>
                    <Button size="sm" onClick={() => setRemoved(id)}>
                      Remove
                    </Button>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
        {provider && (
          <div>
            <Button onClick={() => void link()}>
              {identities.data?.items.length ? `Link another of ${provider}` : `Link ${provider}`}
            </Button>
          </div>
        )}
      </div>
      {removed && (
        <PasswordDialog
          title="Remove the identity"
          onClose={() => setRemoved(null)}
          onPassword={async (body) => {
            const params = { path: { id: removed } };
            unwrap(await client.POST("/api/v1/identities/{id}/remove", { params, body }));
            await refresh("/identities");
            setRemoved(null);
            toast("The identity is removed.");
          }}
        />
      )}
    </Panel>
  );
}
