import type { ComponentProps, ReactNode } from "react";

import { cn } from "@/lib/cn";

interface TableProps {
  label: string;
  /** Whether its rows are [StackedRow]s. */
  stacks?: boolean;
  children: ReactNode;
}

/** Where the window is narrow: no columns. What is laid out so is no table any more, unless it is said to be one. */
const STACKS = "max-sm:block max-sm:*:block max-sm:[&>thead]:sr-only";

/** A table in a frame of its own that scrolls sideways where the window is narrow, by keyboard too. */
export function Table({ label, stacks = false, children }: TableProps) {
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="overflow-x-auto border bg-surface"
    >
      <table
        role={stacks ? "table" : undefined}
        className={cn("w-full border-collapse text-left", stacks && STACKS)}
      >
        {children}
      </table>
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

/** A row of a few words and what is done with them: where the window is narrow, the words stand above the rest. */
export function StackedRow({ className, ...rest }: ComponentProps<"tr">) {
  const stacked =
    "max-sm:flex max-sm:flex-wrap max-sm:items-center max-sm:*:first:w-full max-sm:*:last:ml-auto";
  return <Row role="row" {...rest} className={cn(stacked, className)} />;
}

export function Td({ className, ...rest }: ComponentProps<"td">) {
  return <td {...rest} className={cn("px-3 py-2 align-top", className)} />;
}
