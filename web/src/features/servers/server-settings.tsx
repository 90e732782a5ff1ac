import { useNavigate } from "@tanstack/react-router";

import type { Tagged } from "@/api/tagged";
import type { Server } from "@/api/types";
import { FormTrouble } from "@/components/form-trouble";
import { Panel } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import { toast } from "@/components/ui/toast";
import { HeadersField, type HeaderValue } from "@/features/servers/headers-field";
import { useServerActions } from "@/features/servers/queries";
import { useEdit } from "@/lib/use-edit";

interface Values {
  name: string;
  url: string;
  on_tool_change: Server["on_tool_change"];
  on_limits_unavailable: Server["on_limits_unavailable"];
  /** Null keeps the credentials as they are. */
  headers: HeaderValue[] | null;
}

const ON_TOOL_CHANGE: Record<Values["on_tool_change"], string> = {
  quarantine: "Deny it until somebody accepts the change",
  allow: "Go on by the policy",
};
const ON_LIMITS_UNAVAILABLE: Record<Values["on_limits_unavailable"], string> = {
  deny: "Deny calls that a limit applies to",
  allow: "Allow them, logged as unmetered",
};

const WORDS = {
  name: ({ name }: Values) => `Name: ${name}`,
  url: ({ url }: Values) => `URL: ${url}`,
  on_tool_change: (values: Values) =>
    `When a tool’s definition changes: ${ON_TOOL_CHANGE[values.on_tool_change]}`,
  on_limits_unavailable: (values: Values) =>
    `When the counters cannot be reached: ${ON_LIMITS_UNAVAILABLE[values.on_limits_unavailable]}`,
};

function valuesOf(server: Server): Values {
  const { name, url, on_tool_change, on_limits_unavailable } = server;
  return { name, url, on_tool_change, on_limits_unavailable, headers: null };
}

export function ServerSettings({ read }: { read: Tagged<Server> }) {
  const { change } = useServerActions();
  const form = useEdit(read, valuesOf, ["/name", "/url"], async (values, base) => {
    const { headers, url, ...rest } = values;
    await change(base, {
      ...rest,
      // A new URL or new credentials make the server be read again, so that they are sent only when they differ.
      ...(url === base.value.url ? {} : { url }),
      ...(headers && {
        auth: headers.length > 0 ? { kind: "headers", headers } : { kind: "none" },
      }),
    });
    toast("Settings saved.");
  });
  return (
    <>
      <Panel title="Settings">
        <form noValidate onSubmit={form.submit} className="grid max-w-xl gap-4">
          <Field label="Name" error={form.errors["/name"]}>
            {(control) => (
              <Input
                {...control}
                value={form.values.name}
                onChange={(event) => form.set("name", event.target.value)}
              />
            )}
          </Field>
          <Field label="URL" error={form.errors["/url"]}>
            {(control) => (
              <Input
                {...control}
                type="url"
                className="font-mono text-sm"
                value={form.values.url}
                onChange={(event) => form.set("url", event.target.value)}
              />
            )}
          </Field>
          <Field label="When a tool’s definition changes">
            {(control) => (
              <Select
                {...control}
                value={form.values.on_tool_change}
                onChange={(event) =>
                  form.set("on_tool_change", event.target.value as Values["on_tool_change"])
                }
              >
                {Object.entries(ON_TOOL_CHANGE).map(([value, words]) => (
                  <option key={value} value={value}>
                    {words}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="When the counters cannot be reached">
            {(control) => (
              <Select
                {...control}
                value={form.values.on_limits_unavailable}
                onChange={(event) =>
                  form.set(
                    "on_limits_unavailable",
                    event.target.value as Values["on_limits_unavailable"],
                  )
                }
              >
                {Object.entries(ON_LIMITS_UNAVAILABLE).map(([value, words]) => (
                  <option key={value} value={value}>
                    {words}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {form.values.headers ? (
            <HeadersField
              headers={form.values.headers}
              errors={form.errors}
              onChange={(headers) => form.set("headers", headers)}
            />
          ) : (
            <div>
              <Button size="sm" onClick={() => form.set("headers", [])}>
                Replace credentials
              </Button>
            </div>
          )}
          <FormTrouble form={form} words={WORDS} />
          <div>
            <Button type="submit" busy={form.busy}>
              Save settings
            </Button>
          </div>
        </form>
      </Panel>
      <DangerZone read={read} />
    </>
  );
}

function DangerZone({ read }: { read: Tagged<Server> }) {
  const server = read.value;
  const { remove } = useServerActions();
  const navigate = useNavigate();
  return (
    <Panel
      title="Danger zone"
      tone="danger"
      className="flex flex-wrap items-center justify-between gap-3"
    >
      <p className="max-w-prose text-dim">
        Deleting the server takes its policies and bindings with it. Agents lose access at once;
        decisions stay on record.
      </p>
      <Confirm
        trigger={<Button variant="danger">Delete server</Button>}
        title={`Delete ${server.name}?`}
        action="Delete server"
        phrase={server.slug}
        onConfirm={async () => {
          await remove(read);
          toast(`${server.name} is deleted.`);
          await navigate({ to: "/servers" });
        }}
      >
        Every grant loses its binding to this server, and calls through its gateway URL are refused
        from now on. This cannot be undone.
      </Confirm>
    </Panel>
  );
}
