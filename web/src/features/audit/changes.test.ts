import { describe, expect, it } from "vitest";

import { changes, words } from "./changes";

describe("changes", () => {
  it("names the members that differ", () => {
    expect(
      changes({ name: "A", role: "x", at: null }, { name: "B", role: "x", at: "now" }),
    ).toEqual([
      { name: "name", before: "A", after: "B" },
      { name: "at", after: "now" },
    ]);
  });

  it("shows all of something new or gone, but what is null", () => {
    expect(changes(null, { name: "A", none: null, list: [1] })).toEqual([
      { name: "name", after: "A" },
      { name: "list", after: "[\n 1\n]" },
    ]);
    expect(changes({ name: "A" }, undefined)).toEqual([{ name: "name", before: "A" }]);
  });

  it("sees through the order of members", () => {
    expect(changes({ a: 1, b: 2 }, { b: 2, a: 1 })).toEqual([]);
  });
});

describe("words", () => {
  it("reads like a sentence", () => {
    expect(words("grant_rotated")).toBe("Grant rotated");
    expect(words("api_key_created")).toBe("API key created");
  });
});
