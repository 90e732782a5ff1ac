import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";

import { allItems } from "@/api/paging";
import type { Server } from "@/api/types";
import { More } from "@/components/more";
import { Page } from "@/components/page";
import { Empty, Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { buttonClass } from "@/components/ui/button";
import { Head, Row, Table, Td, Th } from "@/components/ui/table";
import { May } from "@/features/auth/may";
import { useServers } from "@/features/servers/queries";
import { InventoryState } from "@/features/servers/inventory-state";

function RegisterLink() {
  return (
    <May permission="manage_access">
      <Link to="/servers/new" className={buttonClass("primary")}>
        <Plus aria-hidden />
        Register server
      </Link>
    </May>
  );
}

export function ServerList() {
  const servers = useServers();
  return (
    <Page
      title="Servers"
      lead="The MCP servers your agents may reach through the gateway."
      actions={<RegisterLink />}
    >
      <Loaded query={servers}>
        {(data) => {
          const items = allItems(data);
          if (items.length === 0) {
            return (
              <Empty title="No server yet" action={<RegisterLink />}>
                Give Ostiary the URL of an MCP server. It reads the server’s tools at once and rates
                the risk of each.
              </Empty>
            );
          }
          return (
            <>
              <Table label="Servers">
                <Head>
                  <Th>Server</Th>
                  <Th>Tools</Th>
                  <Th>Inventory</Th>
                  <Th className="max-md:hidden">Read</Th>
                  <Th className="max-lg:hidden">Upstream</Th>
                </Head>
                <tbody>
                  {items.map((server) => (
                    <ServerRow key={server.id} server={server} />
                  ))}
                </tbody>
              </Table>
              <More query={servers} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function ServerRow({ server }: { server: Server }) {
  return (
    <Row>
      <Td>
        <Link
          to="/servers/$serverId"
          params={{ serverId: server.id }}
          className="font-semibold text-accent hover:underline"
        >
          {server.name}
        </Link>
        <p className="font-mono text-sm text-dim">{server.slug}</p>
      </Td>
      <Td>{server.inventory.tools}</Td>
      <Td>
        <InventoryState inventory={server.inventory} />
      </Td>
      <Td className="text-dim max-md:hidden">
        {server.inventory.read_at ? <Time iso={server.inventory.read_at} /> : "never"}
      </Td>
      <Td className="max-w-xs truncate font-mono text-sm text-dim max-lg:hidden">{server.url}</Td>
    </Row>
  );
}
