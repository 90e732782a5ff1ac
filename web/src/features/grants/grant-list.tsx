import { Link } from "@tanstack/react-router";
import { KeyRound } from "lucide-react";

import { allItems } from "@/api/paging";
import type { Grant } from "@/api/types";
import { ModeBadge } from "@/components/badges";
import { More } from "@/components/more";
import { Page } from "@/components/page";
import { Empty, Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { buttonClass } from "@/components/ui/button";
import { Head, Row, Table, Td, Th } from "@/components/ui/table";
import { May } from "@/features/auth/may";
import { useGrants } from "@/features/grants/queries";
import { StatusBadge } from "@/features/grants/status-badge";

function MintLink() {
  return (
    <May permission="manage_access">
      <Link to="/grants/new" search={{}} className={buttonClass("primary")}>
        <KeyRound aria-hidden />
        Mint grant
      </Link>
    </May>
  );
}

export function GrantList() {
  const grants = useGrants();
  return (
    <Page
      title="Grants"
      lead="What an agent holds: a token, the servers it opens, and the policy that decides on each."
      actions={<MintLink />}
    >
      <Loaded query={grants}>
        {(data) => {
          const items = allItems(data);
          if (items.length === 0) {
            return (
              <Empty title="No grant yet" action={<MintLink />}>
                Mint one for each agent, so that each can be limited, watched and revoked by itself.
              </Empty>
            );
          }
          return (
            <>
              <Table label="Grants">
                <Head>
                  <Th>Grant</Th>
                  <Th>Status</Th>
                  <Th>Opens</Th>
                  <Th className="max-md:hidden">Last used</Th>
                  <Th className="max-lg:hidden">Expires</Th>
                </Head>
                <tbody>
                  {items.map((grant) => (
                    <GrantRow key={grant.id} grant={grant} />
                  ))}
                </tbody>
              </Table>
              <More query={grants} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function GrantRow({ grant }: { grant: Grant }) {
  return (
    <Row>
      <Td>
        <Link
          to="/grants/$grantId"
          params={{ grantId: grant.id }}
          className="font-semibold text-accent hover:underline"
        >
          {grant.label}
        </Link>
        <p className="font-mono text-sm text-dim">…{grant.token_hint}</p>
      </Td>
      <Td>
        <StatusBadge status={grant.status} />
      </Td>
      <Td>
        {grant.bindings.length === 0 && <span className="text-dim">nothing</span>}
        <ul className="grid gap-0.5">
          {grant.bindings.map((binding) => (
            <li key={binding.server_id} className="flex flex-wrap items-center gap-x-2 text-sm">
              <span className="font-mono">{binding.server_slug}</span>
              <span className="text-dim">
                by {binding.policy_name ?? "no policy: everything denied"}
              </span>
              {binding.mode === "shadow" && <ModeBadge mode="shadow" />}
            </li>
          ))}
        </ul>
      </Td>
      <Td className="text-dim max-md:hidden">
        {grant.last_used_at ? <Time iso={grant.last_used_at} /> : "never"}
      </Td>
      <Td className="text-dim max-lg:hidden">
        {grant.expires_at ? <Time iso={grant.expires_at} form="date" /> : "never"}
      </Td>
    </Row>
  );
}
