import { share } from "@/features/usage/days";
import { cn } from "@/lib/cn";

interface LimitBarProps {
  name: string;
  used: number;
  /** Null where nothing is limited. */
  max: number | null;
  hint?: string;
}

/** From this share on, a limit is worth a look. */
const NEAR = 0.8;

function tone(used: number, max: number): string {
  if (used >= max) return "bg-deny";
  return share(used, max) >= NEAR ? "bg-hold" : "bg-accent";
}

/** How much of a limit is used: in words, and as a bar. */
export function LimitBar({ name, used, max, hint }: LimitBarProps) {
  const shown = used.toLocaleString("en");
  const isFull = max !== null && used >= max;
  return (
    <li className="grid gap-1.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="font-medium">{name}</span>
        <span className={cn("text-sm", isFull ? "font-semibold text-deny" : "text-dim")}>
          {max === null ? `${shown}, not limited` : `${shown} of ${max.toLocaleString("en")}`}
          {isFull && ", none left"}
        </span>
      </div>
      {max !== null && (
        <div
          role="progressbar"
          aria-label={name}
          aria-valuemin={0}
          aria-valuemax={max}
          aria-valuenow={Math.min(used, max)}
          aria-valuetext={`${shown} of ${max.toLocaleString("en")}`}
          className="h-2 overflow-hidden rounded-sm border border-line-strong bg-sunken"
        >
          <div
            className={cn("h-full", tone(used, max))}
            style={{ width: `${share(used, max) * 100}%` }}
          />
        </div>
      )}
      {hint && <p className="text-sm text-dim">{hint}</p>}
    </li>
  );
}
