// Changes to JSON text that leave everything else as its author wrote it: order, layout, numbers too large for a float.
import type { SyntaxNode } from "@lezer/common";

import { childrenOf, find, parseTree, rootValue } from "@/lib/json-tree";

function indentOf(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  return /^\s*/.exec(line)?.[0] ?? "";
}

function print(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", `\n${indent}`);
}

function insertMember(text: string, object: SyntaxNode, name: string, value: unknown): string {
  const outer = indentOf(text, object.from);
  const last = childrenOf(object).at(-1);
  const onOneLine = last && !text.slice(object.from, object.to).includes("\n");
  const inner = last && !onOneLine ? indentOf(text, last.from) : `${outer}  `;
  const member = `${JSON.stringify(name)}: ${print(value, inner)}`;
  if (!last)
    return `${text.slice(0, object.from)}{\n${inner}${member}\n${outer}}${text.slice(object.to)}`;
  const gap = onOneLine ? ", " : `,\n${inner}`;
  return text.slice(0, last.to) + gap + member + text.slice(last.to);
}

/**
 * Sets the member at a path, making the objects on the way where they are missing.
 * Returns the text unchanged where something else than an object stands in the way.
 */
export function setMember(text: string, path: readonly string[], value: unknown): string {
  const tree = parseTree(text);
  const there = find(text, tree, path);
  if (there?.value) {
    const { from, to } = there.value;
    return text.slice(0, from) + print(value, indentOf(text, from)) + text.slice(to);
  }
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const parent = depth === 0 ? rootValue(tree) : find(text, tree, path.slice(0, depth))?.value;
    const name = path[depth];
    if (!parent || name === undefined) continue;
    if (parent.name !== "Object") return text;
    const rest = path
      .slice(depth + 1)
      .reduceRight((inner: unknown, key) => ({ [key]: inner }), value);
    return insertMember(text, parent, name, rest);
  }
  return text;
}

/** Removes the member at a path with its comma; the text is unchanged when there is none. */
export function removeMember(text: string, path: readonly string[]): string {
  const tree = parseTree(text);
  const parent = find(text, tree, path.slice(0, -1))?.value;
  const property = find(text, tree, path)?.name?.parent;
  if (!property || parent?.name !== "Object") return text;
  const members = childrenOf(parent);
  const at = members.findIndex((member) => member.from === property.from);
  const before = members[at - 1];
  const after = members[at + 1];
  if (before) return text.slice(0, before.to) + text.slice(property.to);
  if (after) return text.slice(0, property.from) + text.slice(after.from);
  return `${text.slice(0, parent.from)}{}${text.slice(parent.to)}`;
}
