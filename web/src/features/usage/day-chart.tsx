import { axisEnd, type ChartDay } from "@/features/usage/days";

const HEIGHT = 120;
const STEP = 10;
const BAR = 7;

/** Calls by day: forwarded ones below, refused ones on top. The table beside it says the same to those who do not see it. */
export function DayChart({ days }: { days: ChartDay[] }) {
  const end = axisEnd(Math.max(...days.map((day) => day.forwarded + day.refused)));
  const scale = HEIGHT / end;
  const width = days.length * STEP;
  return (
    <figure className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-2">
      <div className="flex gap-2">
        <div aria-hidden className="flex flex-col justify-between text-right text-xs text-dim">
          <span>{end.toLocaleString("en")}</span>
          <span>0</span>
        </div>
        <svg
          aria-hidden
          viewBox={`0 0 ${width} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="h-40 min-w-0 flex-1 border-y border-line"
        >
          {days.map((day, index) => (
            <g key={day.date}>
              <title>{`${day.date}: ${day.forwarded} forwarded, ${day.refused} refused`}</title>
              <rect
                x={index * STEP}
                y={0}
                width={STEP}
                height={HEIGHT}
                className="fill-transparent"
              />
              <rect
                x={index * STEP + (STEP - BAR) / 2}
                y={HEIGHT - day.forwarded * scale}
                width={BAR}
                height={day.forwarded * scale}
                className="fill-accent"
              />
              <rect
                x={index * STEP + (STEP - BAR) / 2}
                y={HEIGHT - (day.forwarded + day.refused) * scale}
                width={BAR}
                height={day.refused * scale}
                className="fill-deny"
              />
            </g>
          ))}
        </svg>
      </div>
      <figcaption className="flex flex-wrap justify-between gap-x-4 text-xs text-dim">
        <span>
          {days[0]?.date} to {days.at(-1)?.date} (UTC)
        </span>
        <span className="flex gap-4">
          <Key className="bg-accent">forwarded</Key>
          <Key className="bg-deny">refused</Key>
        </span>
      </figcaption>
      <table className="sr-only">
        <caption>Calls by day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Forwarded</th>
            <th scope="col">Refused</th>
          </tr>
        </thead>
        <tbody>
          {days
            .filter((day) => day.forwarded + day.refused > 0)
            .map((day) => (
              <tr key={day.date}>
                <th scope="row">{day.date}</th>
                <td>{day.forwarded}</td>
                <td>{day.refused}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  );
}

function Key({ className, children }: { className: string; children: string }) {
  return (
    <span className="flex items-center gap-1.5">
      <span aria-hidden className={`size-2.5 ${className}`} />
      {children}
    </span>
  );
}
