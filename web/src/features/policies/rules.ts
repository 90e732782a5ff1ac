// The common rules of a policy document, read from its text and written back into it. What the visual builder does not
// know (conditions, named limits, anything new) stays in the text untouched.
import { removeMember, setMember } from "@/lib/json-edit";

export type Effect = "allow" | "deny" | "hide" | "require_approval";

export interface RateLimit {
  max: number;
  window: number | string;
}

export interface Rule {
  /** `unlisted` where the document has no entry for exactly this name. */
  effect: Effect | "unlisted";
  reason: string;
  rate: RateLimit | null;
  /** Members of the rule set that are edited as JSON only. */
  others: string[];
}

export interface Rules {
  default: "allow" | "deny";
  /** Patterns and names as the document lists them. */
  listed: string[];
  hidden: string[];
  rule: (tool: string) => Rule;
}

const EFFECTS: readonly unknown[] = ["allow", "deny", "hide", "require_approval"];
const KNOWN = new Set(["action", "reason", "rate_limit"]);

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function rateOf(value: unknown): RateLimit | null {
  const { max, window } = asObject(value);
  if (typeof max !== "number" || (typeof window !== "number" && typeof window !== "string"))
    return null;
  return { max, window };
}

/** Reads the rules; null while the text is no JSON object. */
export function readRules(text: string): Rules | null {
  let document: Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return null;
    document = asObject(parsed);
  } catch {
    return null;
  }
  const tools = asObject(document["tools"]);
  const hide = Array.isArray(document["hide"]) ? document["hide"] : [];
  return {
    default: document["default"] === "allow" ? "allow" : "deny",
    listed: Object.keys(tools),
    hidden: hide.filter((pattern) => typeof pattern === "string"),
    rule: (tool) => {
      if (!Object.hasOwn(tools, tool))
        return { effect: "unlisted", reason: "", rate: null, others: [] };
      const set = asObject(tools[tool]);
      const { action = "allow", reason } = set;
      return {
        effect: EFFECTS.includes(action) ? (action as Effect) : "allow",
        reason: typeof reason === "string" ? reason : "",
        rate: rateOf(set["rate_limit"]),
        others: Object.keys(set).filter((member) => !KNOWN.has(member)),
      };
    },
  };
}

export function setDefault(text: string, value: "allow" | "deny"): string {
  return setMember(text, ["default"], value);
}

export function setEffect(text: string, tool: string, effect: Rule["effect"]): string {
  const at = ["tools", tool];
  if (effect === "unlisted") return removeMember(text, at);
  const listed = readRules(text)?.rule(tool).effect !== "unlisted";
  if (effect === "allow")
    return listed ? removeMember(text, [...at, "action"]) : setMember(text, at, {});
  return setMember(text, [...at, "action"], effect);
}

export function setReason(text: string, tool: string, reason: string): string {
  const at = ["tools", tool, "reason"];
  return reason === "" ? removeMember(text, at) : setMember(text, at, reason);
}

export function setRate(text: string, tool: string, rate: RateLimit | null): string {
  const at = ["tools", tool, "rate_limit"];
  return rate === null ? removeMember(text, at) : setMember(text, at, rate);
}
