import { ago, clockTime, dateTime } from "@/lib/format";

interface TimeProps {
  iso: string;
  form?: "ago" | "clock" | "date";
}

const FORMS = { ago, clock: clockTime, date: dateTime };

/** A time for people; hovering shows it exactly, in UTC. */
export function Time({ iso, form = "ago" }: TimeProps) {
  return (
    <time dateTime={iso} title={iso} className="whitespace-nowrap">
      {FORMS[form](iso)}
    </time>
  );
}
