import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { allItems } from "@/api/paging";
import type { Tool } from "@/api/types";
import { Badge, CategoryBadge, RiskBadge } from "@/components/badges";
import { More } from "@/components/more";
import { Empty, Loaded } from "@/components/states";
import { Head, Row, Table, Td, Th } from "@/components/ui/table";
import { AnnotationBadges } from "@/features/tools/annotation-badges";
import { FindingBadge } from "@/features/tools/findings";
import { useTools, type ToolFilter } from "@/features/tools/queries";
import { ToolFilterBar } from "@/features/tools/tool-filter-bar";
import { useDebounced } from "@/lib/use-debounced";

const ALL: ToolFilter = { q: "", category: "", risk: "", findings: false };

/** The tools of a server with what each can do and how much harm it can do. */
export function ToolList({ serverId }: { serverId: string }) {
  const [filter, setFilter] = useState(ALL);
  const settled = useDebounced(filter, 200);
  const tools = useTools(serverId, settled);
  const filtered =
    settled.q !== "" || settled.category !== "" || settled.risk !== "" || settled.findings;
  return (
    <section className="grid min-w-0 gap-3" aria-label="Tools">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="text-lg font-semibold">Tools</h2>
        <ToolFilterBar filter={filter} onChange={setFilter} />
      </div>
      <Loaded query={tools} rows={8}>
        {(data) => {
          const items = allItems(data);
          if (items.length === 0) {
            return filtered ? (
              <Empty title="No tool matches">Change the words or the filters above.</Empty>
            ) : (
              <Empty title="The server offers no tools">
                Read its inventory again once it does.
              </Empty>
            );
          }
          return (
            <>
              <Table label="Tools of the server">
                <Head>
                  <Th>Tool</Th>
                  <Th className="max-sm:hidden">Category</Th>
                  <Th className="max-sm:hidden">Risk</Th>
                  <Th className="max-lg:hidden">Claims</Th>
                </Head>
                <tbody>
                  {items.map((tool) => (
                    <ToolRow key={tool.name} serverId={serverId} tool={tool} />
                  ))}
                </tbody>
              </Table>
              <More query={tools} />
            </>
          );
        }}
      </Loaded>
    </section>
  );
}

function ToolRow({ serverId, tool }: { serverId: string; tool: Tool }) {
  return (
    <Row>
      <Td className="w-full max-w-0">
        <span className="flex flex-wrap items-center gap-2">
          <Link
            to="/servers/$serverId/tools/$tool"
            params={{ serverId, tool: tool.name }}
            className="font-mono font-semibold break-all text-accent hover:underline"
          >
            {tool.name}
          </Link>
          {tool.findings.slice(0, 1).map((finding) => (
            <FindingBadge key={finding.code} finding={finding} />
          ))}
          {tool.state === "changed" && <Badge className="border-hold text-hold">changed</Badge>}
        </span>
        <span className="flex items-center gap-3 py-0.5 sm:hidden">
          <CategoryBadge category={tool.category} />
          <RiskBadge risk={tool.risk} />
        </span>
        {tool.description && <p className="line-clamp-2 text-sm text-dim">{tool.description}</p>}
      </Td>
      <Td className="max-sm:hidden">
        <CategoryBadge category={tool.category} />
      </Td>
      <Td className="max-sm:hidden">
        <RiskBadge risk={tool.risk} />
      </Td>
      <Td className="max-lg:hidden">
        <AnnotationBadges brief annotations={tool.annotations} />
      </Td>
    </Row>
  );
}
