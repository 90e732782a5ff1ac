import { describe, expect, it } from "vitest";

import { readRules, setDefault, setEffect, setRate, setReason } from "./rules";

const TEXT = `{
  "version": "1",
  "default": "deny",
  "tools": {
    "create_session": {
      "limits": [{ "counter": "create_session_rate", "window": "minute", "max": 10, "scope": "grant" }]
    },
    "pay": { "action": "deny", "reason": "Ask first." }
  }
}`;

describe("readRules", () => {
  it("reads what it knows and names what it does not", () => {
    const rules = readRules(TEXT);
    expect(rules?.default).toBe("deny");
    expect(rules?.rule("pay")).toEqual({
      effect: "deny",
      reason: "Ask first.",
      rate: null,
      others: [],
    });
    expect(rules?.rule("create_session").others).toEqual(["limits"]);
    expect(rules?.rule("toString").effect).toBe("unlisted");
  });

  it.each(["", "{", "[]", "7"])("has nothing to say about %j", (text) => {
    expect(readRules(text)).toBeNull();
  });
});

describe("writing rules", () => {
  it("keeps the limits of a rule set whose effect changes", () => {
    const next = setEffect(TEXT, "create_session", "deny");
    const { limits, action } = JSON.parse(next).tools.create_session;
    expect(action).toBe("deny");
    expect(limits).toHaveLength(1);
    expect(next).toContain('"max": 10, "scope": "grant" }]');
  });

  it("undoes itself", () => {
    expect(JSON.parse(setEffect(setEffect(TEXT, "new", "hide"), "new", "unlisted"))).toEqual(
      JSON.parse(TEXT),
    );
    expect(JSON.parse(setRate(setRate(TEXT, "pay", { max: 1, window: 60 }), "pay", null))).toEqual(
      JSON.parse(TEXT),
    );
  });

  it("writes the short form of a rate limit, a reason and the default", () => {
    let next = setRate(TEXT, "pay", { max: 10, window: 60 });
    next = setReason(next, "pay", "");
    next = setDefault(next, "allow");
    const document = JSON.parse(next);
    expect(document.tools.pay).toEqual({ action: "deny", rate_limit: { max: 10, window: 60 } });
    expect(document.default).toBe("allow");
  });

  it("lists a tool with an empty rule set to allow it", () => {
    expect(JSON.parse(setEffect(TEXT, "get", "allow")).tools.get).toEqual({});
    expect(JSON.parse(setEffect(TEXT, "pay", "allow")).tools.pay).toEqual({ reason: "Ask first." });
  });
});
