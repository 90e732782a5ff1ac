// Places in JSON text, found through the same syntax tree that colours the editor. Works on text that is not valid yet.
import { jsonLanguage } from "@codemirror/lang-json";
import type { SyntaxNode, Tree } from "@lezer/common";

import { tokens } from "@/lib/pointer";

const VALUES = new Set(["Object", "Array", "String", "Number", "True", "False", "Null"]);

export interface Place {
  /** The member's name in its object; null for elements of arrays and for the whole document. */
  name: SyntaxNode | null;
  value: SyntaxNode | null;
}

export function parseTree(text: string): Tree {
  return jsonLanguage.parser.parse(text);
}

export function isValue(node: SyntaxNode): boolean {
  return VALUES.has(node.name);
}

/** The values of an array, or the properties of an object, in order. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (node.name === "Object" ? child.name === "Property" : isValue(child)) found.push(child);
  }
  return found;
}

/** The text of a string token without its quotes and escapes; the raw text where it is broken. */
export function stringOf(text: string, node: SyntaxNode): string {
  const raw = text.slice(node.from, node.to);
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw.replaceAll('"', "");
  }
}

export function nameOf(text: string, property: SyntaxNode): string | null {
  const name = property.getChild("PropertyName");
  return name && stringOf(text, name);
}

function valueOf(property: SyntaxNode): SyntaxNode | null {
  const last = property.lastChild;
  return last && isValue(last) ? last : null;
}

export function rootValue(tree: Tree): SyntaxNode | null {
  for (let child = tree.topNode.firstChild; child; child = child.nextSibling)
    if (isValue(child)) return child;
  return null;
}

/** Follows reference tokens from the root; of a member that stands twice, the last counts. */
export function find(text: string, tree: Tree, path: readonly string[]): Place | null {
  let place: Place = { name: null, value: rootValue(tree) };
  for (const token of path) {
    const node = place.value;
    if (node?.name === "Object") {
      const property = childrenOf(node).findLast((child) => nameOf(text, child) === token);
      if (!property) return null;
      place = { name: property.getChild("PropertyName"), value: valueOf(property) };
    } else if (node?.name === "Array" && /^\d+$/.test(token)) {
      const value = childrenOf(node)[Number(token)];
      if (!value) return null;
      place = { name: null, value };
    } else {
      return null;
    }
  }
  return place;
}

export interface Range {
  from: number;
  to: number;
}

/**
 * The range to mark for a finding at a JSON Pointer: the member's name when the member itself is wrong, else its value,
 * at most to the end of its first line. A pointer to something that is not there is marked at its nearest parent.
 */
export function rangeOf(text: string, tree: Tree, pointer: string, atName = false): Range {
  const path = tokens(pointer);
  for (let length = path.length; length >= 0; length--) {
    const place = find(text, tree, path.slice(0, length));
    const node = place && (atName || !place.value ? (place.name ?? place.value) : place.value);
    if (!node) continue;
    const lineEnd = text.indexOf("\n", node.from);
    return { from: node.from, to: lineEnd < 0 ? node.to : Math.min(node.to, lineEnd) };
  }
  return { from: 0, to: Math.min(1, text.length) };
}

/** The path from the root to a node: names of members and indices of elements. */
export function pathTo(text: string, node: SyntaxNode): string[] {
  const path: string[] = [];
  for (let at: SyntaxNode | null = node; at; at = at.parent) {
    const parent: SyntaxNode | null = at.parent;
    if (at.name === "Property") path.unshift(nameOf(text, at) ?? "");
    else if (parent?.name === "Array" && isValue(at)) {
      const from = at.from;
      path.unshift(String(childrenOf(parent).findIndex((child) => child.from === from)));
    }
  }
  return path;
}
