import type { ComponentProps, ReactNode } from "react";

import { cn } from "@/lib/cn";

/** A table in a frame of its own that scrolls sideways where the window is narrow, by keyboard too. */
export function Table({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="overflow-x-auto border bg-surface"
    >
      <table className="w-full border-collapse text-left">{children}</table>
    </div>
  );
}

export function Head({ children }: { children: ReactNode }) {
  return (
    <thead className="border-b bg-sunken text-sm text-dim">
      <tr>{children}</tr>
    </thead>
  );
}

export function Th({ className, ...rest }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      {...rest}
      className={cn("px-3 py-1.5 font-medium whitespace-nowrap", className)}
    />
  );
}

export function Row({ className, ...rest }: ComponentProps<"tr">) {
  return <tr {...rest} className={cn("border-b last:border-b-0 hover:bg-canvas", className)} />;
}

export function Td({ className, ...rest }: ComponentProps<"td">) {
  return <td {...rest} className={cn("px-3 py-2 align-top", className)} />;
}
