import { expect, it } from "vitest";

import { diffLines, withContext } from "./line-diff";

const show = (before: string, after: string) =>
  diffLines(before, after).map(
    ({ kind, text }) => ({ same: " ", added: "+", removed: "-" })[kind] + text,
  );

it("shows a changed line as removed, then added", () => {
  expect(show("a\nb\nc", "a\nB\nc")).toEqual([" a", "-b", "+B", " c"]);
});

it("keeps what both texts have in common", () => {
  expect(show("a\nb\nc\nd", "b\nc\nx\nd")).toEqual(["-a", " b", " c", "+x", " d"]);
  expect(show("a", "a")).toEqual([" a"]);
});

it("gives back both texts", () => {
  const before = "q\nw\ne\nr\nt\ny";
  const after = "w\nq\ne\nt\nt\nz";
  const lines = diffLines(before, after);
  const side = (without: string) =>
    lines.filter((line) => line.kind !== without).map((line) => line.text);
  expect(side("added").join("\n")).toBe(before);
  expect(side("removed").join("\n")).toBe(after);
});

it("leaves out what is far from a change", () => {
  const before = Array.from({ length: 20 }, (_, line) => `${line}`).join("\n");
  const parts = withContext(diffLines(before, before.replace("10", "ten")), 2);
  expect(parts[0]).toEqual({ kind: "skipped", count: 8 });
  expect(parts.at(-1)).toEqual({ kind: "skipped", count: 7 });
  expect(parts).toHaveLength(8);
});
