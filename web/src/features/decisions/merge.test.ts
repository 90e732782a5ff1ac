import { expect, it } from "vitest";

import type { Decision } from "@/api/types";

import { matches, readSearch } from "./filter";
import { merge } from "./merge";

function decision(id: string, time: string, ended = false): Decision {
  const ending = ended ? { result: "ok" } : null;
  return { id, time, ending, outcome: "allowed", target: "get" } as Decision;
}

it("puts the newest first and knows each decision once", () => {
  const read = [decision("b", "2026-11-21T10:00:01Z"), decision("a", "2026-11-21T10:00:00Z")];
  const arrived = [
    decision("c", "2026-11-21T10:00:02Z"),
    decision("b", "2026-11-21T10:00:01Z", true),
  ];
  const merged = merge(arrived, read);
  expect(merged.map((one) => one.id)).toEqual(["c", "b", "a"]);
  expect(merged[1]?.ending).not.toBeNull();
});

it("never forgets an ending", () => {
  const merged = merge([decision("a", "1")], [decision("a", "1", true)]);
  expect(merged[0]?.ending).not.toBeNull();
});

it("reads what it understands of an address", () => {
  const search = readSearch({ outcome: "denied", target: "get", code: 7, other: "x" });
  expect(search).toEqual({ outcome: "denied", target: "get" });
  expect(readSearch({ outcome: "perhaps" })).toEqual({});
});

it("filters what arrives as the server filters what is read", () => {
  const one = decision("a", "1");
  expect(matches(one, {})).toBe(true);
  expect(matches(one, { target: "get", outcome: "allowed" })).toBe(true);
  expect(matches(one, { outcome: "denied" })).toBe(false);
});
