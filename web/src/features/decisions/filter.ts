// The filters of the decision log as they stand in the page's address.
import type { Decision } from "@/api/types";
import { OUTCOMES } from "@/components/outcome";

export interface DecisionFilter {
  server_id?: string;
  grant_id?: string;
  policy_id?: string;
  target?: string;
  method?: string;
  outcome?: Decision["outcome"];
  code?: string;
}

export interface DecisionSearch extends DecisionFilter {
  /** The decision whose details are open. */
  id?: string;
}

const TEXTS = ["id", "server_id", "grant_id", "policy_id", "target", "method", "code"] as const;

/** Reads an address; what is not understood is left out. */
export function readSearch(search: Record<string, unknown>): DecisionSearch {
  const found: DecisionSearch = {};
  for (const name of TEXTS) {
    const value = search[name];
    if (typeof value === "string" && value !== "") found[name] = value;
  }
  const outcome = OUTCOMES.find((one) => one === search["outcome"]);
  return outcome ? { ...found, outcome } : found;
}

export function matches(decision: Decision, filter: DecisionFilter): boolean {
  return (
    (!filter.server_id || decision.server_id === filter.server_id) &&
    (!filter.grant_id || decision.grant_id === filter.grant_id) &&
    (!filter.policy_id || decision.policy_id === filter.policy_id) &&
    (!filter.target || decision.target === filter.target) &&
    (!filter.method || decision.method === filter.method) &&
    (!filter.outcome || decision.outcome === filter.outcome) &&
    (!filter.code || decision.code === filter.code)
  );
}
