import { useMemo, useRef, useState } from "react";

import type { Diagnostic } from "@/api/types";
import { JsonEditor, type EditorHandle } from "@/components/editor/json-editor";
import { Panel } from "@/components/page";
import { TabPanel, Tabs } from "@/components/ui/tabs";
import { Builder } from "@/features/policies/builder";
import { DiagnosticsList } from "@/features/policies/diagnostics-list";
import { PastCalls } from "@/features/policies/past-calls";
import { usePolicySchema, useValidation } from "@/features/policies/queries";
import { TryIt } from "@/features/policies/try-it";
import { useInventory, useVocabulary } from "@/features/policies/use-vocabulary";
import { cn } from "@/lib/cn";
import { useDebounced } from "@/lib/use-debounced";

const CHECK_AFTER_MS = 250;
const NONE: Diagnostic[] = [];

interface WorkbenchProps {
  serverId: string;
  text: string;
  onChange: (text: string) => void;
  onSave: () => void;
}

/** Where a policy is written: as JSON or as rules, checked as it changes, with calls to try it on. */
export function Workbench({ serverId, text, onChange, onSave }: WorkbenchProps) {
  const [view, setView] = useState<"json" | "rules">("json");
  const [trial, setTrial] = useState<"call" | "past">("call");
  const editor = useRef<EditorHandle>(null);
  const tools = useInventory(serverId);
  const vocabulary = useVocabulary(tools);
  const schema = usePolicySchema();
  const settled = useDebounced(text, CHECK_AFTER_MS);
  const validation = useValidation(settled, serverId);
  const answer = validation.data;
  const diagnostics = useMemo(
    () => (answer ? [...answer.errors, ...answer.warnings] : NONE),
    [answer],
  );

  const jump = (found: Diagnostic) => {
    setView("json");
    // The editor is there after the tab has been drawn.
    requestAnimationFrame(() => editor.current?.jumpTo(found));
  };

  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="min-w-0">
        <Tabs
          label="Ways to write the policy"
          tabs={[
            { value: "json", label: "JSON" },
            { value: "rules", label: "Rules" },
          ]}
          value={view}
          onChange={setView}
          aside={
            <p
              id="editor-help"
              className={cn("py-2 text-sm text-dim", view === "rules" && "invisible")}
            >
              Ctrl+Space completes · Escape, then Tab leaves the editor
            </p>
          }
        >
          <TabPanel value="json">
            <div className="h-[clamp(20rem,58vh,44rem)] border border-t-0">
              <JsonEditor
                ref={editor}
                label="Policy document"
                describedBy="editor-help"
                value={text}
                onChange={onChange}
                onSave={onSave}
                diagnostics={diagnostics}
                schema={schema}
                vocabulary={vocabulary}
              />
            </div>
          </TabPanel>
          <TabPanel value="rules">
            <Builder text={text} tools={tools} onChange={onChange} />
          </TabPanel>
        </Tabs>
        <DiagnosticsList
          text={text}
          diagnostics={diagnostics}
          known={validation.data !== undefined}
          onJump={jump}
        />
      </div>
      <Panel title="Try it">
        <Tabs
          label="What to try the policy on"
          tabs={[
            { value: "call", label: "A call" },
            { value: "past", label: "Past calls" },
          ]}
          value={trial}
          onChange={setTrial}
        >
          <TabPanel value="call">
            <div className="pt-4">
              <TryIt text={text} serverId={serverId} tools={tools} />
            </div>
          </TabPanel>
          <TabPanel value="past">
            <div className="pt-4">
              <PastCalls text={text} serverId={serverId} />
            </div>
          </TabPanel>
        </Tabs>
      </Panel>
    </div>
  );
}
