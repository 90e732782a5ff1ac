import { expect, it } from "vitest";

import { rebase } from "./rebase";

const before = { name: "Shop", url: "https://a.example", headers: null as string[] | null };

it("keeps what was typed and takes everything else", () => {
  const typed = { ...before, name: "My shop", headers: ["x"] };
  const { values, changes } = rebase(typed, before, { ...before, url: "https://b.example" });
  expect(values).toEqual({ name: "My shop", url: "https://b.example", headers: ["x"] });
  expect(changes).toEqual([{ name: "url", isKept: false }]);
});

it("says where both changed the same", () => {
  const { values, changes } = rebase({ ...before, name: "Mine" }, before, {
    ...before,
    name: "Theirs",
  });
  expect(values.name).toBe("Mine");
  expect(changes).toEqual([{ name: "name", isKept: true }]);
});

it("is silent where both mean the same", () => {
  const both = { ...before, name: "Both" };
  expect(rebase(both, before, both)).toEqual({ values: both, changes: [] });
});
