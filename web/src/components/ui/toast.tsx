// Short confirmations at the lower edge, announced politely. What needs an answer is never a toast.
import { useSyncExternalStore } from "react";

interface Toast {
  id: number;
  text: string;
}

const SHOWN_MS = 4000;
let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export function toast(text: string): void {
  const id = nextId++;
  set([...toasts, { id, text }]);
  setTimeout(() => set(toasts.filter((shown) => shown.id !== id)), SHOWN_MS);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toaster() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-4 z-60 grid justify-items-center gap-2 px-4"
    >
      {shown.map((entry) => (
        <p
          key={entry.id}
          className="border-l-3 border-lamp bg-stone px-4 py-2 text-white shadow-lg"
        >
          {entry.text}
        </p>
      ))}
    </div>
  );
}
