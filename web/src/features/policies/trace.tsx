import type { SimulationResult } from "@/api/types";
import { Outcome } from "@/components/outcome";
import { Prose } from "@/components/prose";
import { cn } from "@/lib/cn";
import { millis } from "@/lib/format";

/** The answer to a sample call, and what each step of the evaluation had to say. */
export function Trace({ result }: { result: SimulationResult }) {
  return (
    <div className="grid gap-3 border-t pt-3">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <Outcome outcome={result.outcome} className="text-lg" />
        {result.code && <span className="font-mono text-sm">{result.code}</span>}
        {result.rule && <span className="font-mono text-sm break-all text-dim">{result.rule}</span>}
      </div>
      {result.message && (
        <p>
          <Prose>{result.message}</Prose>
        </p>
      )}
      {!result.message && result.retry_after_ms != null && (
        <p className="text-dim">Try again in {millis(result.retry_after_ms)}.</p>
      )}
      <ol className="grid gap-0.5 text-sm">
        {result.steps.map((step, index) => (
          <li
            key={index}
            className="grid grid-cols-[1.5rem_minmax(0,1fr)_auto] gap-x-2 border-b py-1 last:border-b-0"
          >
            <span className="text-right text-dim">{step.step}</span>
            <span className="min-w-0">
              {words(step.name)}
              {step.rule && <span className="block font-mono break-all text-dim">{step.rule}</span>}
              {step.message && step.message !== result.message && (
                <span className="block text-dim">{step.message}</span>
              )}
              {step.seen.map((seen, at) => (
                <SeenLine key={at} seen={seen} />
              ))}
            </span>
            <span className={cn("font-semibold", LOOKS[step.verdict] ?? "text-dim font-normal")}>
              {words(step.verdict)}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

type Step = SimulationResult["steps"][number];

const LOOKS: Record<string, string> = {
  passed: "text-allow",
  denied: "text-deny",
  needs_approval: "text-hold",
  metered: "text-hold",
};

/** A group, comparison or limit that a step looked at: names and truth, never values. */
function SeenLine({ seen }: { seen: Step["seen"][number] }) {
  return (
    <span className="flex flex-wrap justify-between gap-x-3 text-dim">
      <span className="min-w-0">
        <Prose>{seen.what}</Prose> <span className="font-mono break-all">{seen.rule}</span>
      </span>
      {seen.truth != null && <span>{words(seen.truth)}</span>}
    </span>
  );
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}
