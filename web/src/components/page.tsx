import { useEffect, type ReactNode } from "react";

import { cn } from "@/lib/cn";

interface PageProps {
  title: string;
  /** The whole heading where a plain title is not enough. */
  heading?: ReactNode;
  lead?: ReactNode;
  above?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of the dashboard: its name in the window's title, one h1, and what one may do there. */
export function Page({ title, heading, lead, above, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Ostiary`;
  }, [title]);
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-5">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          {above && <div className="mb-1 text-sm text-dim">{above}</div>}
          <h1 className="text-2xl leading-tight font-semibold tracking-tight">
            {heading ?? title}
          </h1>
          {lead && <div className="mt-1 max-w-prose text-dim">{lead}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  title?: ReactNode;
  actions?: ReactNode;
  tone?: "plain" | "danger";
  className?: string;
  children: ReactNode;
}

/** A framed part of a page. */
export function Panel({ title, actions, tone = "plain", className, children }: PanelProps) {
  return (
    <section className={cn("min-w-0 border bg-surface", tone === "danger" && "border-deny")}>
      {title && (
        <div className="flex min-h-11 flex-wrap items-center justify-between gap-2 border-b px-4 py-1.5">
          <h2 className="font-semibold">{title}</h2>
          {actions}
        </div>
      )}
      <div className={cn("p-4", className)}>{children}</div>
    </section>
  );
}

/** Names and values, aligned. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[max-content_minmax(0,1fr)]">{children}</dl>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-sm text-dim max-sm:-mb-2">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}
