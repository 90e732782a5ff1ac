import { useNavigate } from "@tanstack/react-router";

import type { Server } from "@/api/types";
import { Panel } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { HeadersField, type HeaderValue } from "@/features/servers/headers-field";
import { useServerActions } from "@/features/servers/queries";
import { useForm } from "@/lib/use-form";

interface Values {
  name: string;
  url: string;
  on_tool_change: Server["on_tool_change"];
  on_limits_unavailable: Server["on_limits_unavailable"];
  /** Null keeps the credentials as they are. */
  headers: HeaderValue[] | null;
}

export function ServerSettings({ server }: { server: Server }) {
  const { change } = useServerActions();
  const initial: Values = {
    name: server.name,
    url: server.url,
    on_tool_change: server.on_tool_change,
    on_limits_unavailable: server.on_limits_unavailable,
    headers: null,
  };
  const form = useForm(initial, ["/name", "/url"], async ({ headers, url, ...rest }) => {
    await change(server.id, {
      ...rest,
      // A new URL or new credentials make the server be read again, so that they are sent only when they differ.
      ...(url === server.url ? {} : { url }),
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
                <option value="quarantine">Deny it until somebody accepts the change</option>
                <option value="allow">Go on by the policy</option>
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
                <option value="deny">Deny calls that a limit applies to</option>
                <option value="allow">Allow them, logged as unmetered</option>
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
          {form.failure && <Notice tone="error">{form.failure}</Notice>}
          <div>
            <Button type="submit" busy={form.busy}>
              Save settings
            </Button>
          </div>
        </form>
      </Panel>
      <DangerZone server={server} />
    </>
  );
}

function DangerZone({ server }: { server: Server }) {
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
          await remove(server.id);
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
