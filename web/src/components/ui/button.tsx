import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

type Variant = "primary" | "secondary" | "ghost" | "danger";
type Size = "sm" | "md";

const VARIANTS: Record<Variant, string> = {
  primary: "border-accent bg-accent text-accent-ink hover:brightness-110",
  secondary: "border-line-strong bg-surface text-ink hover:bg-sunken",
  ghost: "border-transparent text-ink hover:bg-sunken",
  danger: "border-deny bg-surface text-deny hover:bg-deny-soft",
};
const SIZES: Record<Size, string> = {
  sm: "h-7 px-2 text-sm gap-1",
  md: "h-9 px-3.5 gap-1.5",
};

/** The look of a button, for links that act like one. */
export function buttonClass(variant: Variant = "secondary", size: Size = "md"): string {
  return cn(
    "inline-flex shrink-0 items-center justify-center rounded-sm border font-medium whitespace-nowrap select-none",
    "disabled:cursor-not-allowed disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0",
    VARIANTS[variant],
    SIZES[size],
  );
}

interface ButtonProps extends ComponentProps<"button"> {
  variant?: Variant;
  size?: Size;
  /** Work is going on: the button cannot be pressed, and says so to assistive technology. */
  busy?: boolean;
}

export function Button({ variant, size, busy = false, className, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={cn(buttonClass(variant, size), busy && "loading", className)}
    />
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  label: string;
}

/** A square button with an icon; the label is its name and its tooltip. */
export function IconButton({ label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={cn(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-sm text-dim hover:bg-sunken hover:text-ink [&_svg]:size-4",
        className,
      )}
    />
  );
}
