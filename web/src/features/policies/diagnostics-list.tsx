import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";

import type { Diagnostic } from "@/api/types";
import { lineOf, markFor } from "@/components/editor/marks";
import { Prose } from "@/components/prose";
import { count } from "@/lib/format";
import { parseTree } from "@/lib/json-tree";

interface DiagnosticsListProps {
  text: string;
  diagnostics: Diagnostic[];
  /** Whether there is an answer for the text at all. */
  known: boolean;
  onJump: (diagnostic: Diagnostic) => void;
}

/** Everything the server says of the document, each entry leading to its place. Its height does not change. */
export function DiagnosticsList({ text, diagnostics, known, onJump }: DiagnosticsListProps) {
  const tree = parseTree(text);
  const errors = diagnostics.filter((found) => found.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const summary = !known
    ? "Checking…"
    : [errors > 0 && count(errors, "error"), warnings > 0 && count(warnings, "warning")]
        .filter(Boolean)
        .join(", ") || "The document is valid.";
  return (
    <section aria-label="Findings" className="border border-t-0 bg-surface">
      <p role="status" className="flex h-9 items-center gap-2 px-3 text-sm font-semibold">
        {known && diagnostics.length === 0 && (
          <CircleCheck aria-hidden className="size-4 text-allow" />
        )}
        {summary}
      </p>
      {diagnostics.length > 0 && (
        <ul className="max-h-52 overflow-y-auto border-t">
          {diagnostics.map((found, index) => {
            const Icon = found.severity === "error" ? CircleAlert : TriangleAlert;
            return (
              <li key={index} className="border-b last:border-b-0">
                <button
                  type="button"
                  onClick={() => onJump(found)}
                  className="grid w-full grid-cols-[1rem_minmax(0,1fr)_auto] items-baseline gap-x-2 px-3 py-1.5 text-left -outline-offset-2 hover:bg-canvas"
                >
                  <Icon
                    role="img"
                    aria-label={found.severity}
                    className={`size-4 translate-y-0.5 ${found.severity === "error" ? "text-deny" : "text-hold"}`}
                  />
                  <span className="min-w-0">
                    <Prose>{found.message}</Prose>{" "}
                    <span className="font-mono text-sm break-all text-dim">
                      {found.pointer || "/"}
                    </span>
                  </span>
                  <span className="text-sm text-dim">
                    line {lineOf(text, markFor(text, tree, found))}
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
