import { useMemo } from "react";

import { allItems } from "@/api/paging";
import type { Tool } from "@/api/types";
import type { Vocabulary } from "@/components/editor/complete";
import { parametersOf } from "@/features/tools/parameters";
import { useTools } from "@/features/tools/queries";

const NOTHING: Tool[] = [];
const ALL = { q: "", category: "", risk: "" } as const;

/** The tools of the server a policy is for, as far as they have been read. */
export function useInventory(serverId: string): Tool[] {
  const tools = useTools(serverId, ALL);
  return useMemo(() => (tools.data ? allItems(tools.data) : NOTHING), [tools.data]);
}

/** The same as words for the editor's completion. */
export function useVocabulary(tools: Tool[]): Vocabulary {
  return useMemo(
    () => ({
      tools: tools.map((tool) => ({ name: tool.name, detail: `${tool.category}, ${tool.risk}` })),
      paths: (name) => {
        const tool = tools.find((one) => one.name === name);
        return parametersOf(tool?.input_schema).map(({ path }) =>
          path.startsWith("[") ? `args${path}` : `args.${path}`,
        );
      },
    }),
    [tools],
  );
}
