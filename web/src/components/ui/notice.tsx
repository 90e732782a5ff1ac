import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { Prose } from "@/components/prose";
import { cn } from "@/lib/cn";

type Tone = "error" | "warning" | "info";

const LOOK = {
  error: { box: "border-deny bg-deny-soft", icon: CircleAlert, ink: "text-deny" },
  warning: { box: "border-hold bg-hold-soft", icon: TriangleAlert, ink: "text-hold" },
  info: { box: "border-accent bg-accent-soft", icon: Info, ink: "text-accent" },
};

/** A sentence that must not be overlooked. Errors are announced when they appear. */
export function Notice({ tone = "info", children }: { tone?: Tone; children: ReactNode }) {
  const { box, icon: Icon, ink } = LOOK[tone];
  return (
    <div
      role={tone === "error" ? "alert" : undefined}
      className={cn("flex gap-2.5 border-l-3 px-3 py-2.5", box)}
    >
      <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", ink)} />
      <div className="min-w-0 flex-1">
        {typeof children === "string" ? <Prose>{children}</Prose> : children}
      </div>
    </div>
  );
}
