import { Download } from "lucide-react";

import { buttonClass } from "@/components/ui/button";
import type { DecisionFilter } from "@/features/decisions/filter";

/** The filtered log as a file. */
export function ExportLinks({ filter }: { filter: DecisionFilter }) {
  const href = (format: string) =>
    `/api/v1/decisions/export?${new URLSearchParams({ ...filter, format }).toString()}`;
  return (
    <>
      {["csv", "jsonl"].map((format) => (
        <a
          key={format}
          href={href(format)}
          download={`decisions.${format}`}
          className={buttonClass()}
        >
          <Download aria-hidden />
          {format.toUpperCase()}
        </a>
      ))}
    </>
  );
}
