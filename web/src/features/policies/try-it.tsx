import { useState } from "react";

import { client } from "@/api/client";
import { problemMessage, unwrap } from "@/api/problem";
import type { SimulationResult, Tool } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input, Select, Textarea } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { sampleArguments } from "@/features/policies/sample-arguments";
import { Trace } from "@/features/policies/trace";

type Kind = "tool" | "resource" | "prompt";

const SUBJECTS: Record<Kind, string> = { tool: "Tool", resource: "URI", prompt: "Prompt" };

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The body with the arguments as they were written: a member that stands twice and a number too large for a float are
 * decided upon too, and would be gone after parsing.
 */
function withArguments(body: { calls: object[] }, args: string | null): string {
  const text = JSON.stringify(body);
  // The one call is the last member of the body: the text ends in `}]}`.
  return args === null ? text : `${text.slice(0, -3)},"arguments":${args}}]}`;
}

interface TryItProps {
  text: string;
  serverId: string;
  tools: Tool[];
}

/** Decides one sample call by the draft as it stands, without a counter being touched. */
export function TryIt({ text, serverId, tools }: TryItProps) {
  const [kind, setKind] = useState<Kind>("tool");
  const [name, setName] = useState("");
  const [args, setArgs] = useState("{}");
  const [client_name, setClientName] = useState("");
  const [approved, setApproved] = useState(false);
  const [result, setResult] = useState<SimulationResult | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const choose = (next: string) => {
    setName(next);
    const tool = tools.find((one) => one.name === next);
    if (tool) setArgs(JSON.stringify(sampleArguments(tool.input_schema), null, 2));
  };
  const decide = async () => {
    if (!isJson(args)) {
      setError("The arguments are no JSON.");
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const call = {
        [kind]: name,
        ...(client_name && { client: { name: client_name } }),
        ...(approved && { approved }),
      };
      const body = { document: text, server_id: serverId, calls: [call] };
      const bodySerializer = () => withArguments(body, kind === "tool" ? args : null);
      const answer = unwrap(
        await client.POST("/api/v1/policies/simulate", { body, bodySerializer }),
      );
      setResult(answer.results[0] ?? null);
    } catch (failure) {
      setResult(null);
      setError(problemMessage(failure));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      noValidate
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void decide();
      }}
    >
      <div className="grid grid-cols-[7rem_minmax(0,1fr)] gap-2">
        <Field label="Call">
          {(control) => (
            <Select
              {...control}
              value={kind}
              onChange={(event) => setKind(event.target.value as Kind)}
            >
              <option value="tool">tool</option>
              <option value="resource">resource</option>
              <option value="prompt">prompt</option>
            </Select>
          )}
        </Field>
        <Field label={SUBJECTS[kind]}>
          {(control) => (
            <Input
              {...control}
              list={kind === "tool" ? "known-tools" : undefined}
              autoComplete="off"
              spellCheck={false}
              className="font-mono text-sm"
              value={name}
              onChange={(event) => choose(event.target.value)}
            />
          )}
        </Field>
      </div>
      <datalist id="known-tools">
        {tools.map((tool) => (
          <option key={tool.name} value={tool.name} />
        ))}
      </datalist>
      {kind === "tool" && (
        <Field label="Arguments">
          {(control) => (
            <Textarea
              {...control}
              rows={5}
              spellCheck={false}
              className="font-mono text-sm"
              value={args}
              onChange={(event) => setArgs(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field label="Client name" optional>
        {(control) => (
          <Input
            {...control}
            placeholder="claude-code"
            value={client_name}
            onChange={(event) => setClientName(event.target.value)}
          />
        )}
      </Field>
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-(--accent)"
          checked={approved}
          onChange={(event) => setApproved(event.target.checked)}
        />
        A person has approved the call
      </label>
      <div>
        <Button type="submit" busy={busy} disabled={name === ""}>
          Decide
        </Button>
      </div>
      <div aria-live="polite">
        {error && <Notice tone="error">{error}</Notice>}
        {result && <Trace result={result} />}
      </div>
    </form>
  );
}
