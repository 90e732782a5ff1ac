import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { allItems } from "@/api/paging";
import { More } from "@/components/more";
import { Page } from "@/components/page";
import { Empty, Loaded } from "@/components/states";
import { Select } from "@/components/ui/input";
import { ChangePanel } from "@/features/changes/change-panel";
import { useChanges } from "@/features/changes/queries";
import { useServer } from "@/features/servers/queries";

/** What is different to what was accepted of a server, for somebody to look at. */
export function ChangesPage({ serverId }: { serverId: string }) {
  const server = useServer(serverId);
  const [accepted, setAccepted] = useState(false);
  const changes = useChanges(serverId, accepted);
  return (
    <Page
      title="Changes"
      above={
        <>
          <Link to="/servers" className="hover:underline">
            Servers
          </Link>
          {" / "}
          <Link to="/servers/$serverId" params={{ serverId }} className="hover:underline">
            {server.data?.value.name ?? "Server"}
          </Link>
        </>
      }
      lead="What the server offers now, beside what was accepted of it."
      actions={
        <Select
          aria-label="Which changes"
          className="w-44"
          value={accepted ? "accepted" : "open"}
          onChange={(event) => setAccepted(event.target.value === "accepted")}
        >
          <option value="open">Not accepted yet</option>
          <option value="accepted">Accepted</option>
        </Select>
      }
    >
      <Loaded query={changes} rows={8}>
        {(data) => {
          const items = allItems(data);
          if (items.length === 0) {
            return (
              <Empty title={accepted ? "Nothing was accepted yet" : "Nothing has changed"}>
                {accepted
                  ? "Changes that somebody accepts are kept here."
                  : "Every tool is as it was accepted."}
              </Empty>
            );
          }
          return (
            <>
              {items.map((change) => (
                <ChangePanel key={change.id} serverId={serverId} change={change} />
              ))}
              <More query={changes} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
