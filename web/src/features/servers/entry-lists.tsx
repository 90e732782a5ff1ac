import { useState } from "react";

import { allItems } from "@/api/paging";
import type { Server } from "@/api/types";
import { Badge } from "@/components/badges";
import { More } from "@/components/more";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Head, Row, Table, Td, Th } from "@/components/ui/table";
import { usePrompts, useResources, useResourceTemplates } from "@/features/servers/queries";
import { count } from "@/lib/format";

type List = Server["inventory"]["resources"];

interface Entry {
  key: string;
  title?: string | null | undefined;
  description?: string | null | undefined;
}

/** What a server offers beside its tools; a list that it does not offer is not shown. */
export function EntryLists({ server }: { server: Server }) {
  const { resources, resource_templates: templates, prompts } = server.inventory;
  return (
    <>
      <EntryList list={resources} title="Resources" one="resource">
        <Resources serverId={server.id} />
      </EntryList>
      <EntryList list={templates} title="Resource templates" one="template">
        <Templates serverId={server.id} />
      </EntryList>
      <EntryList list={prompts} title="Prompts" one="prompt">
        <Prompts serverId={server.id} />
      </EntryList>
    </>
  );
}

function EntryList(props: { list: List; title: string; one: string; children: React.ReactNode }) {
  const { list, title, one } = props;
  const [isOpen, setOpen] = useState(false);
  if (!list.read_at && !list.error) return null;
  return (
    <section className="grid min-w-0 gap-3" aria-label={title}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="cursor-pointer">
          <h2 className="inline text-lg font-semibold">{title}</h2>{" "}
          <span className="text-dim">
            {count(list.count, one)}
            {list.read_at && (
              <>
                , read <Time iso={list.read_at} />
              </>
            )}
          </span>{" "}
          {list.stale && <Badge className="border-hold text-hold">stale</Badge>}
        </summary>
        <div className="grid gap-3 pt-3">
          {list.error && <p className="text-sm text-dim">The last reading failed: {list.error}.</p>}
          {isOpen && props.children}
        </div>
      </details>
    </section>
  );
}

function Resources({ serverId }: { serverId: string }) {
  const query = useResources(serverId);
  return (
    <Loaded query={query} rows={3}>
      {(data) => (
        <>
          <Entries
            label="Resources of the server"
            entries={allItems(data).map(({ uri, title, name, description }) => ({
              key: uri,
              title: title ?? name,
              description,
            }))}
          />
          <More query={query} />
        </>
      )}
    </Loaded>
  );
}

function Templates({ serverId }: { serverId: string }) {
  const query = useResourceTemplates(serverId);
  return (
    <Loaded query={query} rows={3}>
      {(data) => (
        <>
          <Entries
            label="Resource templates of the server"
            entries={allItems(data).map(({ uri_template, title, name, description }) => ({
              key: uri_template,
              title: title ?? name,
              description,
            }))}
          />
          <More query={query} />
        </>
      )}
    </Loaded>
  );
}

function Prompts({ serverId }: { serverId: string }) {
  const query = usePrompts(serverId);
  return (
    <Loaded query={query} rows={3}>
      {(data) => (
        <>
          <Entries
            label="Prompts of the server"
            entries={allItems(data).map(({ name, title, description }) => ({
              key: name,
              title,
              description,
            }))}
          />
          <More query={query} />
        </>
      )}
    </Loaded>
  );
}

function Entries({ label, entries }: { label: string; entries: Entry[] }) {
  return (
    <Table label={label}>
      <Head>
        <Th>Name</Th>
        <Th className="max-sm:hidden">Description</Th>
      </Head>
      <tbody>
        {entries.map((entry) => (
          <Row key={entry.key}>
            <Td>
              <span className="font-mono text-sm break-all">{entry.key}</span>
              {entry.title && <p className="text-sm text-dim">{entry.title}</p>}
              {entry.description && (
                <p className="line-clamp-2 text-sm text-dim sm:hidden">{entry.description}</p>
              )}
            </Td>
            <Td className="max-sm:hidden">
              {entry.description && (
                <p className="line-clamp-2 text-sm text-dim">{entry.description}</p>
              )}
            </Td>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
