import { Link } from "@tanstack/react-router";

import type { Grant, Policy, Server } from "@/api/types";
import { InventoryState } from "@/features/servers/inventory-state";
import { count } from "@/lib/format";

interface ServerSummaryProps {
  servers: Server[];
  policies: Policy[];
  grants: Grant[];
}

/** Each server with how many tools, policies and grants stand behind its door. */
export function ServerSummary({ servers, policies, grants }: ServerSummaryProps) {
  return (
    <ul>
      {servers.map((server) => {
        const written = policies.filter((policy) => policy.server_id === server.id).length;
        const open = grants.filter(
          (grant) =>
            grant.status === "active" &&
            grant.bindings.some(({ server_id }) => server_id === server.id),
        ).length;
        return (
          <li
            key={server.id}
            className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 border-b px-4 py-2.5 last:border-b-0"
          >
            <Link
              to="/servers/$serverId"
              params={{ serverId: server.id }}
              className="font-semibold text-accent hover:underline"
            >
              {server.name}
            </Link>
            <span className="flex flex-wrap items-center gap-x-5 gap-y-1 text-sm text-dim">
              <span>{count(server.inventory.tools, "tool")}</span>
              <span>{count(written, "policy", "policies")}</span>
              <span>{count(open, "grant")}</span>
              <InventoryState inventory={server.inventory} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
