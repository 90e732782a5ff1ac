import type { ReactNode } from "react";
import { useEffect } from "react";

import { Logo } from "@/components/logo";
import { ThemeSwitch } from "@/components/theme-switch";

/** The frame of the pages before the door: what Ostiary is on one side, the form on the other. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Ostiary`;
  }, [title]);
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
      <header className="flex flex-col justify-between gap-10 bg-stone p-6 text-white lg:p-12">
        <div className="flex items-center justify-between">
          <p className="flex items-center gap-2.5 text-lg font-semibold tracking-tight">
            <Logo className="size-8 text-white/90" />
            Ostiary
          </p>
          <ThemeSwitch />
        </div>
        <div className="hidden max-w-md lg:block">
          <p className="text-[2rem] leading-tight font-semibold tracking-tight text-balance">
            Every call an agent makes, decided at the door.
          </p>
          <Doorway />
          <p className="mt-6 text-white/80">
            Ostiary stands between your agents and the MCP servers they use. Nothing reaches a
            server without passing the rules you set, and every decision is on record before the
            call goes on.
          </p>
        </div>
        <p className="hidden text-sm text-white/70 lg:block">
          Everything here can also be done through the REST API at{" "}
          <span className="font-mono">/api/v1</span>.
        </p>
      </header>
      <main className="flex justify-center px-5 py-10 lg:items-center">
        <div className="w-full max-w-sm">
          <h1 className="mb-6 text-2xl font-semibold tracking-tight">{title}</h1>
          {children}
        </div>
      </main>
    </div>
  );
}

const CALLS: { call: string; outcome: string; passes: boolean }[] = [
  { call: "get_invoice", outcome: "allowed", passes: true },
  { call: "create_session", outcome: "allowed, 10 of 10 this minute", passes: true },
  { call: "create_session", outcome: "denied, try again in 42 s", passes: false },
  { call: "delete_customer", outcome: "hidden", passes: false },
];

/** Four calls at a door, as the decision log would show them. */
function Doorway() {
  return (
    <ul className="mt-8 grid gap-2 font-mono text-sm">
      {CALLS.map(({ call, outcome, passes }) => (
        <li key={call + outcome} className="grid grid-cols-[9.5rem_2.5rem_1fr] items-center gap-2">
          <span>{call}</span>
          <svg
            aria-hidden
            viewBox="0 0 40 14"
            className={passes ? "fill-none stroke-white/85" : "fill-none stroke-lamp"}
            strokeWidth="1.6"
          >
            <path
              d={passes ? "M1 7h37m-4-3.5L38 7l-4 3.5M20 0v3.5M20 10.5V14" : "M1 7h17M20 0v14"}
            />
          </svg>
          <span className={passes ? "text-white/75" : "text-lamp"}>{outcome}</span>
        </li>
      ))}
    </ul>
  );
}
