import { describe, expect, it } from "vitest";

import { removeMember, setMember } from "./json-edit";
import { parseTree, rangeOf } from "./json-tree";

const TEXT = `{
  "version": "1",
  "default": "deny",
  "tools": {
    "pay": { "action": "deny" },
    "big": { "deny_if": [{ "conditions": [{ "path": "args.n", "op": "gt", "value": 18446744073709551615.0 }] }] }
  }
}
`;

describe("setMember", () => {
  it("replaces a value and keeps all other text", () => {
    const next = setMember(TEXT, ["tools", "pay", "action"], "hide");
    expect(next).toBe(TEXT.replace('"action": "deny"', '"action": "hide"'));
    expect(next).toContain("18446744073709551615.0");
  });

  it("adds a member to an object on one line", () => {
    expect(setMember(TEXT, ["tools", "pay", "reason"], "no")).toContain(
      '{ "action": "deny", "reason": "no" }',
    );
  });

  it("makes the objects on the way", () => {
    const next = setMember('{ "version": "1" }', ["tools", "a/b", "action"], "deny");
    expect(JSON.parse(next)).toEqual({ version: "1", tools: { "a/b": { action: "deny" } } });
  });

  it("indents what it adds like its neighbours", () => {
    const next = setMember(TEXT, ["tools", "new"], {});
    expect(next).toContain('\n    "new": {}\n');
  });

  it("leaves text alone that has no object where one is needed", () => {
    expect(setMember('{ "tools": 7 }', ["tools", "a"], {})).toBe('{ "tools": 7 }');
    expect(setMember("", ["tools"], {})).toBe("");
  });
});

describe("removeMember", () => {
  it.each([
    [["version"], { default: "deny" }],
    [["default"], { version: "1" }],
  ])("takes the comma with %s", (path, rest) => {
    expect(JSON.parse(removeMember('{\n  "version": "1",\n  "default": "deny"\n}', path))).toEqual(
      rest,
    );
  });

  it("leaves an empty object behind", () => {
    expect(removeMember('{"a": {"b": 1}}', ["a", "b"])).toBe('{"a": {}}');
  });

  it("does nothing when the member is not there", () => {
    expect(removeMember(TEXT, ["tools", "other"])).toBe(TEXT);
  });
});

describe("rangeOf", () => {
  const marked = (pointer: string, atName = false) => {
    const { from, to } = rangeOf(TEXT, parseTree(TEXT), pointer, atName);
    return TEXT.slice(from, to);
  };

  it("finds a value, or the name of its member", () => {
    expect(marked("/tools/pay/action")).toBe('"deny"');
    expect(marked("/tools/pay/action", true)).toBe('"action"');
    expect(marked("/tools/big/deny_if/0/conditions/0/op")).toBe('"gt"');
  });

  it("falls back to the nearest parent, on its first line", () => {
    expect(marked("/tools/nowhere/limits/3")).toBe("{");
    expect(marked("")).toBe("{");
  });
});
