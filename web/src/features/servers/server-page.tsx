import { Link } from "@tanstack/react-router";
import { FilePlus2, RefreshCw } from "lucide-react";
import { useState } from "react";

import { problemMessage } from "@/api/problem";
import type { Tagged } from "@/api/tagged";
import type { Server } from "@/api/types";
import { Badge } from "@/components/badges";
import { Fact, Facts, Page, Panel } from "@/components/page";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Button, buttonClass } from "@/components/ui/button";
import { CopyIcon } from "@/components/ui/copy";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { May } from "@/features/auth/may";
import { EntryLists } from "@/features/servers/entry-lists";
import { HealthBadge } from "@/features/servers/health-badge";
import { InventoryState } from "@/features/servers/inventory-state";
import { useServer, useServerActions } from "@/features/servers/queries";
import { ServerSettings } from "@/features/servers/server-settings";
import { Findings } from "@/features/tools/findings";
import { ToolList } from "@/features/tools/tool-list";
import { count } from "@/lib/format";

export function ServerPage({ serverId }: { serverId: string }) {
  const server = useServer(serverId);
  return <Loaded query={server}>{(data) => <Filled read={data} />}</Loaded>;
}

function Filled({ read }: { read: Tagged<Server> }) {
  const server = read.value;
  return (
    <Page
      title={server.name}
      above={
        <Link to="/servers" className="hover:underline">
          Servers
        </Link>
      }
      lead={<span className="font-mono text-sm break-all">{server.url}</span>}
      actions={<Actions server={server} />}
    >
      {server.inventory.error && (
        <Notice tone="warning">
          The last reading of the inventory failed: {server.inventory.error}. What was known before
          is kept.
        </Notice>
      )}
      {server.inventory.open_changes > 0 && (
        <Notice tone="warning">
          {count(server.inventory.open_changes, "change")} of this server nobody has accepted yet.{" "}
          <Link
            to="/servers/$serverId/changes"
            params={{ serverId: server.id }}
            className="font-semibold text-accent underline"
          >
            Review changes
          </Link>
        </Notice>
      )}
      <Panel>
        <ServerFacts server={server} />
      </Panel>
      <Findings findings={server.findings} />
      <ToolList serverId={server.id} />
      <EntryLists server={server} />
      <May permission="manage_access">
        <ServerSettings key={server.id} read={read} />
      </May>
    </Page>
  );
}

function Actions({ server }: { server: Server }) {
  const { readInventory } = useServerActions();
  const [busy, setBusy] = useState(false);
  const refresh = async () => {
    setBusy(true);
    try {
      const read = await readInventory(server.id);
      if (!read.inventory.error) toast(`Read ${count(read.inventory.tools, "tool")}.`);
    } catch (error) {
      toast(problemMessage(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <May permission="manage_access">
        <Button busy={busy} onClick={() => void refresh()}>
          <RefreshCw aria-hidden />
          Read inventory
        </Button>
      </May>
      <May permission="manage_policies">
        <Link to="/policies/new" search={{ server: server.id }} className={buttonClass("primary")}>
          <FilePlus2 aria-hidden />
          Write policy
        </Link>
      </May>
    </>
  );
}

function ServerFacts({ server }: { server: Server }) {
  const { identity, inventory, auth } = server;
  return (
    <Facts>
      <Fact name="Gateway URL">
        <span className="flex items-center gap-1">
          <span className="min-w-0 font-mono text-sm break-all">{server.gateway_url}</span>
          <CopyIcon text={server.gateway_url} label="Copy gateway URL" />
        </span>
      </Fact>
      <Fact name="Health">
        <HealthBadge serverId={server.id} />
      </Fact>
      <Fact name="Inventory">
        <span className="flex flex-wrap items-center gap-2">
          <InventoryState inventory={inventory} />
          {count(inventory.tools, "tool")}
          {inventory.read_at && (
            <span className="text-dim">
              read <Time iso={inventory.read_at} />
            </span>
          )}
        </span>
      </Fact>
      <Fact name="Calls itself">
        {identity?.name ?? "–"} {identity?.version}
        {identity?.protocol_version && (
          <span className="text-dim"> · MCP {identity.protocol_version}</span>
        )}
      </Fact>
      <Fact name="Credentials">
        {auth.kind === "headers" ? (
          <span className="flex flex-wrap gap-1">
            {auth.header_names?.map((name) => (
              <Badge key={name}>{name}</Badge>
            ))}
          </span>
        ) : (
          "none"
        )}
      </Fact>
    </Facts>
  );
}
