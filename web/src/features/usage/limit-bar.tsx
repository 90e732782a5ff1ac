import { share } from "@/features/usage/days";
import { cn } from "@/lib/cn";

interface LimitBarProps {
  name: string;
  /** Null while nobody can say. */
  used: number | null;
  /** Null where nothing is limited. */
  max: number | null;
}

/** From this share on, a limit is worth a look. */
const NEAR = 0.8;

function tone(used: number, max: number): string {
  if (used >= max) return "bg-deny";
  return share(used, max) >= NEAR ? "bg-hold" : "bg-accent";
}

function words(used: number | null, max: number | null): string {
  const shown = used?.toLocaleString("en") ?? "not known right now";
  if (max === null) return `${shown}, not limited`;
  const most = max.toLocaleString("en");
  return used === null ? `${shown}, at most ${most}` : `${shown} of ${most}`;
}

/** How much of a limit is used: in words, and as a bar. */
export function LimitBar({ name, used, max }: LimitBarProps) {
  const isFull = max !== null && used !== null && used >= max;
  return (
    <li className="grid gap-1.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="font-medium">{name}</span>
        <span className={cn("text-sm", isFull ? "font-semibold text-deny" : "text-dim")}>
          {words(used, max)}
          {isFull && ", none left"}
        </span>
      </div>
      {max !== null && used !== null && (
        <div
          role="progressbar"
          aria-label={name}
          aria-valuemin={0}
          aria-valuemax={max}
          aria-valuenow={Math.min(used, max)}
          aria-valuetext={words(used, max)}
          className="h-2 overflow-hidden rounded-sm border border-line-strong bg-sunken"
        >
          <div
            className={cn("h-full", tone(used, max))}
            style={{ width: `${share(used, max) * 100}%` }}
          />
        </div>
      )}
    </li>
  );
}
