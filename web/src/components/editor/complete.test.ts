import { describe, expect, it } from "vitest";

import { parseTree } from "@/lib/json-tree";

import { spotAt, typedBefore } from "./complete";
import { membersOf, schemasAt, valuesOf, type Schema } from "./json-schema";

describe("typedBefore", () => {
  it.each([
    ['{ "version": "1",  ', ""],
    ['{ "ver', '"ver'],
    ['{ "a": "args.x[\\"b', '"args.x[\\"b'],
    ['{ "a": tr', "tr"],
    ["", ""],
  ])("of %j is %j", (line, typed) => expect(typedBefore(line)).toBe(typed));
});

describe("spotAt", () => {
  /** The cursor stands at `|`. */
  function at(marked: string) {
    const pos = marked.indexOf("|");
    const text = marked.replace("|", "");
    const spot = spotAt(text, parseTree(text).resolveInner(pos, -1), pos);
    return spot && `${spot.kind} /${spot.path.join("/")}`;
  }

  it.each([
    ["{ | }", "name /"],
    ['{ "a": { | } }', "name /a"],
    ['{ "a": | }', "value /a"],
    ['{ "a": "|" }', "value /a"],
    ['{ "a": [{ "b": "|" }] }', "value /a/0/b"],
    ['{ "a": ["x", | ] }', "value /a/1"],
    ['{ "a": 1, "|" }', "name /"],
  ])("%s is %s", (marked, spot) => expect(at(marked)).toBe(spot));
});

describe("walking a schema", () => {
  const schema: Schema = {
    $defs: {
      Set: {
        type: "object",
        properties: { action: { enum: ["allow", "deny"] }, limits: { type: ["array", "null"] } },
      },
    },
    type: "object",
    properties: {
      version: { const: "1", description: "Always 1." },
      tools: {
        type: ["object", "null"],
        additionalProperties: { anyOf: [{ $ref: "#/$defs/Set" }, { type: "null" }] },
      },
    },
  };

  it("follows names, references and alternatives", () => {
    const names = membersOf(schema, schemasAt(schema, ["tools", "any name"])).map(
      (member) => member.name,
    );
    expect(names).toEqual(["action", "limits"]);
    expect(valuesOf(schemasAt(schema, ["tools", "x", "action"]))).toEqual(["allow", "deny"]);
    expect(schemasAt(schema, ["nowhere", "x"])).toEqual([]);
  });

  it("begins each member with a value of its type", () => {
    const members = membersOf(schema, schemasAt(schema, []));
    expect(members.map((member) => member.skeleton)).toEqual(['"1"', "{}"]);
    expect(members[0]?.description).toBe("Always 1.");
  });

  it("ends on schemas that refer to themselves", () => {
    const endless: Schema = { $defs: { A: { $ref: "#/$defs/A" } }, $ref: "#/$defs/A" };
    expect(schemasAt(endless, ["x"])).toEqual([]);
  });
});
