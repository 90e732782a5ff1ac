import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

const CONTROL =
  "w-full min-w-0 rounded-sm border border-line-strong bg-surface px-2.5 text-ink placeholder:text-dim " +
  "aria-invalid:border-deny disabled:opacity-60";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input {...rest} className={cn(CONTROL, "h-9", className)} />;
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea {...rest} className={cn(CONTROL, "py-2", className)} />;
}

/** The browser's own select: one that every keyboard, reader and phone already knows. */
export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select {...rest} className={cn(CONTROL, "h-9 pr-7", className)} />;
}
