// Numbers and times for people. Times are shown in the browser's zone; the exact UTC time goes into `title`.

const time = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const day = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short" });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** `14:03:59`, with the day in front when it is not today. */
export function clockTime(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  const isToday = at.toDateString() === now.toDateString();
  return isToday ? time.format(at) : `${day.format(at)} ${time.format(at)}`;
}

/** `21 Nov 2026, 14:03`. */
export function dateTime(iso: string): string {
  return full.format(new Date(iso));
}

const STEPS: [limit: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86_400, "hour", 3600],
  [2_592_000, "day", 86_400],
  [31_536_000, "month", 2_592_000],
  [Infinity, "year", 31_536_000],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** `5 minutes ago`, `in 3 days`. */
export function ago(iso: string, now: number = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  const step = STEPS.find(([limit]) => size < limit);
  if (!step) return dateTime(iso);
  return relative.format(Math.round(seconds / step[2]), step[1]);
}

/** Microseconds as `840 µs` or `1.2 ms`. */
export function micros(value: number): string {
  return value < 1000 ? `${value} µs` : `${(value / 1000).toFixed(1)} ms`;
}

/** Milliseconds as `420 ms`, `42 s` or `5 min`. */
export function millis(value: number): string {
  if (value < 1000) return `${value} ms`;
  if (value < 120_000) return `${Math.ceil(value / 1000)} s`;
  return `${Math.ceil(value / 60_000)} min`;
}

/** Bytes as `512 B`, `1.4 KiB` or `2.0 MiB`. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  if (value < 1_048_576) return `${(value / 1024).toFixed(1)} KiB`;
  return `${(value / 1_048_576).toFixed(1)} MiB`;
}

/** `1 tool`, `4 tools`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString("en")} ${value === 1 ? one : many}`;
}
