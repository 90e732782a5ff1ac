import type { ReactNode } from "react";

import type { Outcome as OutcomeName } from "@/api/types";
import { cn } from "@/lib/cn";

interface Look {
  label: string;
  ink: string;
  /** The door as a line across the way, and how far the call got. */
  drawing: ReactNode;
}

const LOOKS: Record<OutcomeName, Look> = {
  allowed: {
    label: "allowed",
    ink: "text-allow",
    drawing: <path d="M1 7h17m-3.5-3L18 7l-3.5 3M10 1v2.5M10 10.5V13" />,
  },
  denied: {
    label: "denied",
    ink: "text-deny",
    drawing: <path d="M1 7h6.5M10 1v12" strokeWidth="2" />,
  },
  held: {
    label: "held",
    ink: "text-hold",
    drawing: <path d="M1 7h3M10 1v12M7 7h.01" strokeLinecap="round" strokeWidth="2" />,
  },
  shadow_denied: {
    label: "would deny",
    ink: "text-shade",
    drawing: <path d="M1 7h17m-3.5-3L18 7l-3.5 3M10 1v2m0 2v1m0 2v1m0 2v2" />,
  },
  allowed_unmetered: {
    label: "unmetered",
    ink: "text-hold",
    drawing: <path d="M1 7h3m2.5 0h3m2.5 0h6m-3.5-3L18 7l-3.5 3M10 1v2.5M10 10.5V13" />,
  },
};

export const OUTCOMES = Object.keys(LOOKS) as OutcomeName[];

export function outcomeLabel(outcome: OutcomeName): string {
  return LOOKS[outcome].label;
}

/** How a call ended at the door: drawn and named, so that colour is never the only sign. */
export function Outcome({ outcome, className }: { outcome: OutcomeName; className?: string }) {
  const look = LOOKS[outcome];
  return (
    <span
      className={cn(
        "inline-flex items-center gap-2 font-semibold whitespace-nowrap",
        look.ink,
        className,
      )}
    >
      <svg
        aria-hidden
        viewBox="0 0 19 14"
        className="h-3.5 w-[1.2rem] shrink-0 fill-none stroke-current"
        strokeWidth="1.6"
      >
        {look.drawing}
      </svg>
      {look.label}
    </span>
  );
}
