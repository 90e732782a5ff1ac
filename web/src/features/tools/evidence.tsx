import type { Tool } from "@/api/types";
import { Badge, CategoryBadge, RiskBadge } from "@/components/badges";
import { Fact, Facts, Panel } from "@/components/page";
import { Time } from "@/components/time";

/** Why a tool is called what it is called, beside what a person says instead. */
export function Evidence({ tool }: { tool: Tool }) {
  const { classification, overridden } = tool;
  return (
    <Panel title="Why" className="grid gap-3">
      <Facts>
        <Fact name="Computed">
          <span className="flex flex-wrap items-center gap-2">
            <CategoryBadge category={classification.category} />
            <RiskBadge risk={classification.risk} />
            <span className="text-dim">{Math.round(classification.confidence * 100)} % sure</span>
          </span>
        </Fact>
        {overridden && (
          <Fact name="Overruled">
            by {overridden.by}, <Time iso={overridden.at} form="date" />
          </Fact>
        )}
        {classification.signals.length > 0 && (
          <Fact name="Signals">
            <span className="flex flex-wrap gap-1">
              {classification.signals.map((signal) => (
                <Badge key={signal}>{signal.replaceAll("_", " ")}</Badge>
              ))}
            </span>
          </Fact>
        )}
      </Facts>
      {classification.evidence.length === 0 ? (
        <p className="text-dim">Nothing in the definition says what it does.</p>
      ) : (
        <ul aria-label="Evidence" className="grid gap-1">
          {classification.evidence.map((one) => (
            <li key={`${one.where} ${one.words}`} className="flex flex-wrap items-center gap-2">
              <span className="text-dim">{one.where}</span>
              <q className="min-w-0 break-words">{one.words}</q>
              <CategoryBadge category={one.category} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
