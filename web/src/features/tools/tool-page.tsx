import { Link } from "@tanstack/react-router";

import type { Tagged } from "@/api/tagged";
import type { Tool } from "@/api/types";
import { CategoryBadge, RiskBadge } from "@/components/badges";
import { Fact, Facts, Page, Panel } from "@/components/page";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Button, buttonClass } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Confirm } from "@/components/ui/confirm";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { May } from "@/features/auth/may";
import { useServer } from "@/features/servers/queries";
import { AnnotationBadges } from "@/features/tools/annotation-badges";
import { useTool, useToolActions } from "@/features/tools/queries";
import { WHY } from "@/features/tools/risk-words";
import { Evidence } from "@/features/tools/evidence";
import { Findings } from "@/features/tools/findings";
import { OverrideForm } from "@/features/tools/override-form";
import { SchemaView } from "@/features/tools/schema-view";

export function ToolPage({ serverId, name }: { serverId: string; name: string }) {
  const tool = useTool(serverId, name);
  return <Loaded query={tool}>{(data) => <Filled serverId={serverId} read={data} />}</Loaded>;
}

function Filled({ serverId, read }: { serverId: string; read: Tagged<Tool> }) {
  const tool = read.value;
  const server = useServer(serverId);
  return (
    <Page
      title={tool.name}
      heading={<span className="font-mono break-all">{tool.name}</span>}
      above={
        <>
          <Link to="/servers" className="hover:underline">
            Servers
          </Link>
          {" / "}
          <Link to="/servers/$serverId" params={{ serverId }} className="hover:underline">
            {server.data?.value.name ?? "Server"}
          </Link>
        </>
      }
      lead={tool.title && tool.title !== tool.name ? tool.title : undefined}
    >
      {tool.state === "changed" && <Changed serverId={serverId} read={read} />}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="grid min-w-0 gap-5">
          <Findings findings={tool.findings} />
          <Panel title="What it says it does">
            <p className="whitespace-pre-line">
              {tool.description ?? "The server gives no description."}
            </p>
          </Panel>
          <Panel title="Parameters">
            <SchemaView schema={tool.input_schema} label={`Parameters of ${tool.name}`} />
          </Panel>
          <details className="border bg-surface">
            <summary className="cursor-pointer px-4 py-2.5 font-semibold">
              Definition as the server sent it
            </summary>
            <div className="p-4 pt-0">
              <CodeBlock label="Definition" code={JSON.stringify(tool.definition, null, 2)} />
            </div>
          </details>
        </div>
        <div className="grid min-w-0 gap-5">
          <Panel title="Risk">
            <Facts>
              <Fact name="Risk">
                <RiskBadge risk={tool.risk} />
              </Fact>
              <Fact name="Category">
                <CategoryBadge category={tool.category} />
              </Fact>
              <Fact name="The server claims">
                <AnnotationBadges annotations={tool.annotations} />
              </Fact>
              <Fact name="First seen">
                <Time iso={tool.first_seen_at} form="date" />
              </Fact>
              <Fact name="Fingerprint">
                <span className="font-mono text-sm break-all text-dim">{tool.fingerprint}</span>
              </Fact>
            </Facts>
          </Panel>
          <Evidence tool={tool} />
          <May permission="manage_policies">
            <OverrideForm key={tool.name} serverId={serverId} read={read} />
          </May>
          <Panel title="Recommended policy" className="grid gap-3">
            <p className="text-dim">{WHY[tool.category]}</p>
            <CodeBlock
              label="policy.json"
              code={JSON.stringify(tool.recommended_policy.document, null, 2)}
            />
            <May permission="manage_policies">
              <div>
                <Link
                  to="/policies/new"
                  search={{ server: serverId, tool: tool.name }}
                  className={buttonClass("primary")}
                >
                  Use this policy
                </Link>
              </div>
            </May>
          </Panel>
        </div>
      </div>
    </Page>
  );
}

function Changed({ serverId, read }: { serverId: string; read: Tagged<Tool> }) {
  const { accept } = useToolActions(serverId);
  return (
    <Notice tone="warning">
      <p>
        The definition of this tool has changed since it was accepted. Until somebody accepts the
        change, calls of it are denied where the server quarantines changes.{" "}
        <Link
          to="/servers/$serverId/changes"
          params={{ serverId }}
          className="font-semibold text-accent underline"
        >
          See what changed
        </Link>
      </p>
      <May permission="manage_policies">
        <div className="mt-2">
          <Confirm
            trigger={<Button size="sm">Accept the change</Button>}
            title={`Accept the new definition of ${read.value.name}?`}
            action="Accept"
            onConfirm={async () => {
              await accept(read);
              toast("The change is accepted.");
            }}
          >
            From now on calls are decided by the policy alone.
          </Confirm>
        </div>
      </May>
    </Notice>
  );
}
