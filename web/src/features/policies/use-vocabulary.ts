import { useMemo } from "react";

import type { Tool } from "@/api/types";
import type { Vocabulary } from "@/components/editor/complete";
import { parametersOf } from "@/features/tools/parameters";
import { useAllTools } from "@/features/tools/queries";

const NOTHING: Tool[] = [];

/** The tools of the server a policy is for, all of them once they have been read. */
export function useInventory(serverId: string): Tool[] {
  return useAllTools(serverId).data ?? NOTHING;
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
