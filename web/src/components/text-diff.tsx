import { cn } from "@/lib/cn";
import { count } from "@/lib/format";
import { diffLines, withContext } from "@/lib/line-diff";

const LOOKS = {
  same: ["", " "],
  added: ["bg-allow-soft text-allow", "+"],
  removed: ["bg-deny-soft text-deny", "−"],
} as const;

interface TextDiffProps {
  label: string;
  before: string;
  after: string;
}

/** What changed between two texts, line by line. Signs as well as colours tell the sides apart. */
export function TextDiff({ label, before, after }: TextDiffProps) {
  if (before === after) return <p className="text-dim">The texts are the same.</p>;
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="max-h-[32rem] overflow-auto border bg-surface font-mono text-sm"
    >
      {withContext(diffLines(before, after)).map((part, index) =>
        part.kind === "skipped" ? (
          <p
            key={index}
            className="border-y bg-sunken px-3 py-0.5 text-dim first:border-t-0 last:border-b-0"
          >
            {count(part.count, "unchanged line")}
          </p>
        ) : (
          <p key={index} className={cn("flex min-w-max whitespace-pre", LOOKS[part.kind][0])}>
            <span className="w-12 shrink-0 pr-2 text-right opacity-80 select-none">
              {part.number}
            </span>
            <span className="w-5 shrink-0">{LOOKS[part.kind][1]}</span>
            <span className="pr-3">{part.text}</span>
          </p>
        ),
      )}
    </div>
  );
}
