// Completion from the policy's JSON Schema and from the server's inventory: names of tools, paths of their arguments.
import {
  snippet,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import type { SyntaxNode } from "@lezer/common";

import { membersOf, schemasAt, valuesOf, type Schema } from "@/components/editor/json-schema";
import { childrenOf, isValue, nameOf, pathTo } from "@/lib/json-tree";

/** What a server has, as far as a policy may name it. */
export interface Vocabulary {
  tools: { name: string; detail: string }[];
  /** The paths of a tool's arguments, `args.` in front. */
  paths: (tool: string) => string[];
}

interface Spot {
  /** Whether a member's name is written here, or a value. */
  kind: "name" | "value";
  path: string[];
  object: SyntaxNode | null;
}

/** Where in the document the cursor is: in which object or array, at a name or at a value. */
export function spotAt(text: string, node: SyntaxNode, pos: number): Spot | null {
  for (let at: SyntaxNode | null = node; at; at = at.parent) {
    if (at.name === "PropertyName") continue;
    if (at.name === "Property") {
      const name = at.getChild("PropertyName");
      const afterColon = name && name.to < pos && text.slice(name.to, pos).includes(":");
      if (afterColon) return { kind: "value", path: pathTo(text, at), object: null };
      return { kind: "name", path: at.parent ? pathTo(text, at.parent) : [], object: at.parent };
    }
    if (at.name === "Array" && pos > at.from) {
      const index = childrenOf(at).filter((child) => isValue(child) && child.to < pos).length;
      return { kind: "value", path: [...pathTo(text, at), String(index)], object: null };
    }
    if (at.name === "Object" && pos > at.from)
      return { kind: "name", path: pathTo(text, at), object: at };
  }
  return null;
}

const PLAIN_PATHS = [
  "grant.id",
  "grant.label",
  "client.name",
  "client.version",
  "tool.name",
  "tool.category",
  "tool.risk",
  "server.slug",
  "time.hour",
  "time.weekday",
  "time.date",
];

function memberOption(name: string, skeleton: string, detail: string, info: string): Completion {
  const cursor = skeleton.replace(/^([[{"])([\]}"])$/, "$1#{}$2");
  const template = `${JSON.stringify(name).replaceAll("#", "\\#")}: ${cursor || "#{}"}`;
  return { label: name, type: "property", detail, ...(info && { info }), apply: snippet(template) };
}

function memberOptions(schema: Schema, words: Vocabulary, spot: Spot, text: string): Completion[] {
  const present = new Set(
    spot.object ? childrenOf(spot.object).map((child) => nameOf(text, child)) : [],
  );
  const options = membersOf(schema, schemasAt(schema, spot.path)).map((member) =>
    memberOption(member.name, member.skeleton, "", member.description),
  );
  if (spot.path.length === 1 && spot.path[0] === "tools") {
    for (const tool of words.tools) options.push(memberOption(tool.name, "{}", tool.detail, ""));
  }
  return options.filter((option) => !present.has(option.label));
}

function valueOptions(schema: Schema, words: Vocabulary, path: string[]): Completion[] {
  const options: Completion[] = valuesOf(schemasAt(schema, path)).map((value) => ({
    label: JSON.stringify(value),
    type: "enum",
  }));
  const strings = (values: string[], detail = "") =>
    values.map((value) => ({ label: JSON.stringify(value), type: "text", detail }));
  if (path[0] === "hide" && path.length === 2) {
    for (const tool of words.tools) options.push(...strings([tool.name], tool.detail));
  }
  const last = path.at(-1);
  if (last === "path" || last === "value_path" || last === "amount") {
    const tool = path[0] === "tools" ? path[1] : undefined;
    options.push(...strings([...(tool ? words.paths(tool) : []), ...PLAIN_PATHS]));
  }
  return options;
}

/** The string or word that is being written at the end of a line's beginning: `"na`, `na`, or nothing. */
export function typedBefore(line: string): string {
  // JSON strings end on their line, so that the quotes before tell whether one is open.
  const string = /^(?:[^"]|"(?:[^"\\]|\\.)*")*("(?:[^"\\]|\\.)*)$/.exec(line)?.[1];
  return string ?? /[\w.*-]*$/.exec(line)?.[0] ?? "";
}

/** The completion source; schema and vocabulary are read anew at each use, for they arrive after the editor does. */
export function completeFrom(schema: () => Schema | null, words: () => Vocabulary) {
  return (context: CompletionContext): CompletionResult | null => {
    const known = schema();
    const text = context.state.doc.toString();
    const node = syntaxTree(context.state).resolveInner(context.pos, -1);
    const spot = spotAt(text, node, context.pos);
    const line = context.state.doc.lineAt(context.pos);
    const typed = typedBefore(line.text.slice(0, context.pos - line.from));
    if (!known || !spot || (typed === "" && !context.explicit)) return null;
    const from = context.pos - typed.length;
    // A closing quote that the editor has put in already is replaced with the rest.
    const quoted = typed.startsWith('"') && text[context.pos] === '"';
    const wanted = typed.replaceAll('"', "").toLowerCase();
    const options = (
      spot.kind === "name"
        ? memberOptions(known, words(), spot, text)
        : valueOptions(known, words(), spot.path)
    ).filter((option) => option.label.toLowerCase().includes(wanted));
    if (options.length === 0) return null;
    return { from, to: context.pos + (quoted ? 1 : 0), options, filter: false };
  };
}
