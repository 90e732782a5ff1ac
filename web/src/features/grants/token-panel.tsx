import { useState } from "react";

import type { Grant } from "@/api/types";
import { CodeBlock } from "@/components/ui/code-block";
import { CopyButton } from "@/components/ui/copy";
import { Notice } from "@/components/ui/notice";
import { TabPanel, Tabs } from "@/components/ui/tabs";
import { CLIENTS } from "@/features/grants/client-config";

/** The token, this once, and the configuration of a client with it in place. */
export function TokenPanel({ grant, token }: { grant: Grant; token: string }) {
  const [client, setClient] = useState(CLIENTS[0]?.id ?? "");
  const endpoints = grant.bindings.map(({ server_slug, gateway_url }) => ({
    name: server_slug,
    url: gateway_url,
  }));
  return (
    <div className="grid min-w-0 gap-5">
      <Notice tone="warning">
        <p className="font-semibold">This token is shown once. Ostiary keeps only a hash of it.</p>
        <div className="mt-2 flex flex-wrap items-center gap-2">
          <code
            data-testid="token"
            className="min-w-0 border bg-surface px-2 py-1 font-mono text-sm break-all"
          >
            {token}
          </code>
          <CopyButton text={token} label="Copy token" />
        </div>
      </Notice>
      {endpoints.length > 0 && (
        <section className="grid min-w-0 gap-2" aria-label="Configuration of a client">
          <h2 className="font-semibold">Point your client at the gateway</h2>
          <Tabs
            label="Client"
            tabs={CLIENTS.map(({ id, label }) => ({ value: id, label }))}
            value={client}
            onChange={setClient}
          >
            {CLIENTS.map(({ id, how, file, text }) => (
              <TabPanel key={id} value={id}>
                <div className="grid gap-2 pt-3">
                  <p className="text-dim">{how}</p>
                  <CodeBlock
                    wrap={id === "claude-code"}
                    label={file}
                    code={text(endpoints, token)}
                  />
                </div>
              </TabPanel>
            ))}
          </Tabs>
        </section>
      )}
    </div>
  );
}
