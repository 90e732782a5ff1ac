import type { ReactNode } from "react";

import type { Category, Mode, Risk } from "@/api/types";
import { cn } from "@/lib/cn";

export function Badge({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <span
      className={cn(
        "inline-flex h-5 items-center gap-1 rounded-sm border px-1.5 text-xs font-medium whitespace-nowrap",
        className ?? "border-line-strong text-dim",
      )}
    >
      {children}
    </span>
  );
}

const RISKS: Record<Risk, { steps: number; ink: string }> = {
  low: { steps: 1, ink: "text-dim" },
  medium: { steps: 2, ink: "text-accent" },
  high: { steps: 3, ink: "text-hold" },
  critical: { steps: 4, ink: "text-deny" },
};

/** Risk as one to four steps and its word. */
export function RiskBadge({ risk }: { risk: Risk }) {
  const { steps, ink } = RISKS[risk];
  return (
    <span
      className={cn("inline-flex items-center gap-1.5 text-sm font-medium whitespace-nowrap", ink)}
    >
      <svg aria-hidden viewBox="0 0 17 12" className="h-3 w-4 shrink-0">
        {[1, 2, 3, 4].map((step) => (
          <rect
            key={step}
            x={(step - 1) * 4.5}
            y={12 - step * 3}
            width="3"
            height={step * 3}
            className={step <= steps ? "fill-current" : "fill-line"}
          />
        ))}
      </svg>
      {risk}
    </span>
  );
}

export const CATEGORIES: Category[] = [
  "read",
  "write",
  "execute",
  "destructive",
  "financial",
  "other",
];
export const RISK_LEVELS: Risk[] = ["low", "medium", "high", "critical"];

const CATEGORY_LOOKS: Record<Category, string> = {
  read: "border-line-strong text-dim",
  write: "border-accent text-accent",
  execute: "border-hold text-hold",
  destructive: "border-deny text-deny",
  financial: "border-deny bg-deny-soft text-deny",
  other: "border-dashed border-line-strong text-dim",
};

export function CategoryBadge({ category }: { category: Category }) {
  return <Badge className={CATEGORY_LOOKS[category]}>{category}</Badge>;
}

export function ModeBadge({ mode }: { mode: Mode }) {
  return (
    <Badge
      className={
        mode === "shadow" ? "border-dashed border-shade text-shade" : "border-line-strong text-ink"
      }
    >
      {mode}
    </Badge>
  );
}
