// What a new policy may start from.
import type { Tool } from "@/api/types";

export interface Template {
  id: string;
  label: string;
  text: string;
}

interface RuleSets {
  tools?: Record<string, unknown>;
  hide?: unknown[];
  validate_arguments?: boolean;
  [member: string]: unknown;
}

export function print(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** One document of all recommendations: what any of them asks for is asked for, and the default is to deny. */
export function combine(documents: RuleSets[]): RuleSets {
  const tools: Record<string, unknown> = {};
  const hide = new Set<unknown>();
  for (const document of documents) {
    Object.assign(tools, document.tools);
    for (const pattern of document.hide ?? []) hide.add(pattern);
  }
  return {
    version: "1",
    default: "deny",
    ...(documents.some((document) => document.validate_arguments) && { validate_arguments: true }),
    ...(hide.size > 0 && { hide: [...hide] }),
    tools,
  };
}

export function templatesFor(tools: Tool[]): Template[] {
  const reads = tools.filter((tool) => tool.category === "read");
  const recommended = (tool: Tool) => tool.recommended_policy.document as RuleSets;
  return [
    {
      id: "deny",
      label: "Deny everything",
      text: print({ version: "1", default: "deny", tools: {} }),
    },
    ...(tools.length > 0
      ? [
          {
            id: "all",
            label: "Recommended for every tool",
            text: print(combine(tools.map(recommended))),
          },
          {
            id: "read",
            label: `Reading only (${reads.length})`,
            text: print(combine(reads.map(recommended))),
          },
        ]
      : []),
    ...tools.map((tool) => ({
      id: `tool:${tool.name}`,
      label: `Recommended for ${tool.name}`,
      text: print(recommended(tool)),
    })),
  ];
}
