import { useState } from "react";

import { api, client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { ApiKey } from "@/api/types";
import { Page } from "@/components/page";
import { Empty, Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Head, Row, Table, Td, Th } from "@/components/ui/table";
import { toast } from "@/components/ui/toast";
import { May, NotYours } from "@/features/auth/may";
import { roleName } from "@/features/auth/roles";
import { MintKeyDialog } from "@/features/api-keys/mint-key-dialog";

export function ApiKeysPage() {
  return (
    <May
      permission="manage_access"
      otherwise={
        <Page title="API keys">
          <NotYours />
        </Page>
      }
    >
      <Keys />
    </May>
  );
}

function Keys() {
  const keys = api.useQuery("get", "/api/v1/api-keys", { params: { query: { limit: 200 } } });
  const [minting, setMinting] = useState(false);
  const mint = (
    <Button variant="primary" onClick={() => setMinting(true)}>
      Make API key
    </Button>
  );
  return (
    <Page
      title="API keys"
      lead="For programs that use the REST API. A key has a role, and never more rights than whoever made it."
      actions={mint}
    >
      <Loaded query={keys}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No API key yet" action={mint}>
              Everything in this dashboard can be done with one, under{" "}
              <span className="font-mono">/api/v1</span>.
            </Empty>
          ) : (
            <Table label="API keys">
              <Head>
                <Th>Key</Th>
                <Th>Role</Th>
                <Th className="max-md:hidden">Last used</Th>
                <Th className="max-md:hidden">Expires</Th>
                <Th>
                  <span className="sr-only">Actions</span>
                </Th>
              </Head>
              <tbody>
                {items.map((key) => (
                  <KeyRow key={key.id} apiKey={key} />
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
      {minting && <MintKeyDialog onClose={() => setMinting(false)} />}
    </Page>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const refresh = useRefresh();
  const { id, label, hint, role, last_used_at, expires_at } = apiKey;
  return (
    <Row>
      <Td>
        <span className="font-semibold">{label}</span>
        <p className="font-mono text-sm text-dim">…{hint}</p>
      </Td>
      <Td>{roleName(role)}</Td>
      <Td className="text-dim max-md:hidden">
        {last_used_at ? <Time iso={last_used_at} /> : "never"}
      </Td>
      <Td className="text-dim max-md:hidden">
        {expires_at ? <Time iso={expires_at} form="date" /> : "never"}
      </Td>
      <Td className="text-right">
        <Confirm
          trigger={
            <Button size="sm" variant="danger" aria-label={`Delete ${label}`}>
              Delete
            </Button>
          }
          title={`Delete ${label}?`}
          action="Delete key"
          onConfirm={async () => {
            unwrap(await client.DELETE("/api/v1/api-keys/{id}", { params: { path: { id } } }));
            await refresh("/api-keys");
            toast(`${label} is deleted.`);
          }}
        >
          Programs that use it are turned away at once.
        </Confirm>
      </Td>
    </Row>
  );
}
