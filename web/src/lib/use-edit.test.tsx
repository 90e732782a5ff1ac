import { act, renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import { ChangedError } from "@/api/problem";
import type { Tagged } from "@/api/tagged";

import { useEdit } from "./use-edit";

interface Thing {
  name: string;
  url: string;
}

const FIRST: Tagged<Thing> = { value: { name: "Shop", url: "https://a.example" }, etag: '"1"' };
const NEXT: Tagged<Thing> = { value: { name: "Shop", url: "https://b.example" }, etag: '"2"' };

type Save = (values: Thing, base: Tagged<Thing>) => Promise<unknown>;

function edit(save: Save = () => Promise.resolve()) {
  return renderHook(
    ({ read }: { read: Tagged<Thing> }) =>
      useEdit(
        read,
        (thing) => thing,
        [],
        (values, base) => save(values, base),
      ),
    { initialProps: { read: FIRST } },
  );
}

it("follows what it edits while nothing was typed", () => {
  const { result, rerender } = edit();
  rerender({ read: NEXT });
  expect(result.current.values).toEqual(NEXT.value);
  expect(result.current.meanwhile).toBeNull();
});

it("keeps what was typed when what it edits changes, and says so", () => {
  const { result, rerender } = edit();
  act(() => result.current.set("name", "Mine"));
  rerender({ read: NEXT });
  expect(result.current.values).toEqual({ name: "Mine", url: "https://b.example" });
  expect(result.current.meanwhile?.changes).toEqual([{ name: "url", isKept: false }]);
  act(() => result.current.discard());
  expect(result.current.values).toEqual(NEXT.value);
  expect(result.current.meanwhile).toBeNull();
});

it("starts the second attempt from what is there now", async () => {
  const save = vi.fn<Save>().mockRejectedValueOnce(new ChangedError()).mockResolvedValue(null);
  const { result, rerender } = edit(save);
  const theirs = { value: { ...FIRST.value, name: "Theirs" }, etag: '"2"' };
  act(() => result.current.set("name", "Mine"));
  await act(async () => result.current.submit());
  expect(result.current.failure).toContain("Somebody else changed this meanwhile");
  rerender({ read: theirs });
  expect(result.current.failure).toBeNull();
  expect(result.current.meanwhile).toEqual({
    changes: [{ name: "name", isKept: true }],
    now: theirs.value,
  });
  await act(async () => result.current.submit());
  expect(save.mock.calls.map(([values, base]) => [values.name, base.etag])).toEqual([
    ["Mine", '"1"'],
    ["Mine", '"2"'],
  ]);
});

it("shows what was saved as it is afterwards", async () => {
  const save = vi.fn<Save>();
  const { result, rerender } = edit(save);
  // The page reads the object again before the save is over.
  save.mockImplementation(() => {
    rerender({ read: { value: { ...FIRST.value, name: "Mine" }, etag: '"2"' } });
    return Promise.resolve();
  });
  act(() => result.current.set("name", " Mine "));
  await act(async () => result.current.submit());
  expect(result.current.values.name).toBe("Mine");
  expect(result.current.meanwhile).toBeNull();
});
