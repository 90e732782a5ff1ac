import type { Tree } from "@lezer/common";

import type { Diagnostic } from "@/api/types";
import { rangeOf, type Range } from "@/lib/json-tree";

/** Findings about a member rather than about its value. */
const AT_NAME = new Set(["unknown_member", "duplicate_member"]);
/** Findings for which a pointer says too little: the text is no tree there, or has two members of the name. */
const BY_POSITION = new Set(["invalid_json", "duplicate_member"]);

/** The range of the text that a finding of the server is about. */
export function markFor(text: string, tree: Tree, found: Diagnostic): Range {
  if (BY_POSITION.has(found.code) && found.line) return at(text, found.line, found.column ?? 1);
  return rangeOf(text, tree, found.pointer, AT_NAME.has(found.code));
}

/** The word or character at a line and column, both counted from 1. */
function at(text: string, line: number, column: number): Range {
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = text.indexOf("\n", start);
    if (end < 0) break;
    start = end + 1;
  }
  const from = Math.min(start + column - 1, Math.max(0, text.length - 1));
  const word =
    /^("(?:[^"\\\n]|\\.)*"?|\w+)/.exec(text.slice(from))?.[0] ?? text.slice(from, from + 1);
  return { from, to: from + word.length };
}

/** The line a finding is on, counted from 1, for the list beside the editor. */
export function lineOf(text: string, { from }: Range): number {
  return text.slice(0, from).split("\n").length;
}
