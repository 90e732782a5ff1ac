import { useEffect, useState } from "react";

import type { Decision } from "@/api/types";
import { matches, type DecisionFilter } from "@/features/decisions/filter";

/** How many arrived decisions are kept; older ones are read again page by page. */
const KEPT = 500;

export type LiveState = "connecting" | "live" | "lost";

interface Live {
  arrived: Decision[];
  state: LiveState;
}

/** Decisions as they are made, by server-sent events. The browser connects again by itself when the line breaks. */
export function useLive(filter: DecisionFilter, paused: boolean): Live {
  const [arrived, setArrived] = useState<Decision[]>([]);
  const [state, setState] = useState<LiveState>("connecting");
  const key = JSON.stringify(filter);

  useEffect(() => {
    if (paused) return;
    const wanted = JSON.parse(key) as DecisionFilter;
    const source = new EventSource("/api/v1/decisions/stream");
    source.addEventListener("open", () => setState("live"));
    source.addEventListener("error", () => setState("lost"));
    source.addEventListener("decision", (event: MessageEvent<string>) => {
      const decision = JSON.parse(event.data) as Decision;
      if (!matches(decision, wanted)) return;
      setArrived((known) =>
        [decision, ...known.filter((one) => one.id !== decision.id)].slice(0, KEPT),
      );
    });
    return () => source.close();
  }, [key, paused]);

  return { arrived, state: paused ? "connecting" : state };
}
