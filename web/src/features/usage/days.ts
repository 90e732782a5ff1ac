// Days of a month for a chart: those without a call are there, too.
import type { Usage } from "@/api/types";

export interface ChartDay {
  /** `2026-11-05`. */
  date: string;
  forwarded: number;
  refused: number;
}

type Sums = Pick<
  Usage["month"],
  "allowed" | "denied" | "held" | "shadow_denied" | "allowed_unmetered"
>;

/** Calls that went to their server. */
export function forwarded(sums: Sums): number {
  return sums.allowed + sums.shadow_denied + sums.allowed_unmetered;
}

/** Calls that did not. */
export function refused(sums: Sums): number {
  return sums.denied + sums.held;
}

/** Every day of the month, of UTC, in order. */
export function chartDays(
  usage: Pick<Usage, "month_starts_at" | "month_ends_at" | "days">,
): ChartDay[] {
  const known = new Map(usage.days.map((day) => [day.date, day]));
  const end = Date.parse(usage.month_ends_at);
  const days: ChartDay[] = [];
  for (let at = Date.parse(usage.month_starts_at); at < end; at += 86_400_000) {
    const date = new Date(at).toISOString().slice(0, 10);
    const day = known.get(date);
    days.push({
      date,
      forwarded: day ? forwarded(day) : 0,
      refused: day ? refused(day) : 0,
    });
  }
  return days;
}

/** The end of an axis: the next round number, 1, 2 or 5 with zeros behind it. */
export function axisEnd(most: number): number {
  if (most <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * power).find((end) => end >= most) ?? most;
}

/** How much of a limit is used, from 0 to 1; 1 of a limit of nothing. */
export function share(used: number, max: number): number {
  return max === 0 ? 1 : Math.min(used / max, 1);
}
