import type { ReactNode } from "react";

import { isCode, problemMessage } from "@/api/problem";
import { Prose } from "@/components/prose";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

/** Rows of the height the real ones will have, so that nothing jumps when they arrive. */
export function LoadingRows({ rows = 4 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="border bg-surface">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex h-10 items-center gap-4 border-b px-3 last:border-b-0">
          <span className="loading h-3 w-1/4 bg-line" />
          <span className="loading h-3 w-1/2 bg-sunken" />
        </div>
      ))}
    </div>
  );
}

interface EmptyProps {
  title: string;
  children: ReactNode;
  action?: ReactNode;
}

/** Nothing here yet: what would be here, and how it gets here. */
export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div className="grid justify-items-start gap-3 border border-dashed border-line-strong px-5 py-8">
      <div>
        <p className="text-lg font-semibold">{title}</p>
        <div className="mt-1 max-w-prose text-dim">{children}</div>
      </div>
      {action}
    </div>
  );
}

export function Failure({ error, retry }: { error: unknown; retry?: () => unknown }) {
  const missing = isCode(error, "not_found");
  return (
    <Notice tone="error">
      <p>
        {missing ? (
          "There is no such thing in this account, or it has been deleted."
        ) : (
          <Prose>{problemMessage(error)}</Prose>
        )}
      </p>
      {retry && !missing && (
        <Button size="sm" className="mt-2" onClick={() => void retry()}>
          Try again
        </Button>
      )}
    </Notice>
  );
}

interface LoadedProps<T> {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  rows?: number;
  children: (data: T) => ReactNode;
}

/** The states of a query in one place: loading, failed, or its data. Data that is already there stays in view. */
export function Loaded<T>({ query, rows, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failure error={query.error} retry={query.refetch} />;
  return <LoadingRows {...(rows === undefined ? {} : { rows })} />;
}
