import { Link, useNavigate } from "@tanstack/react-router";

import type { Server } from "@/api/types";
import { Button, buttonClass } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { HeadersField, type HeaderValue } from "@/features/servers/headers-field";
import { useServerActions } from "@/features/servers/queries";
import { count } from "@/lib/format";
import { useForm } from "@/lib/use-form";

interface Values {
  url: string;
  name: string;
  slug: string;
  headers: HeaderValue[];
}

interface RegisterFormProps {
  /** What the form begins with. */
  url?: string;
  name?: string;
  /** Where it goes afterwards; to the server's page otherwise. */
  onRegistered?: (server: Server) => Promise<void>;
}

export function RegisterForm({ url = "", name = "", onRegistered }: RegisterFormProps) {
  const { register } = useServerActions();
  const navigate = useNavigate();
  const known = ["/url", "/name", "/slug"];
  const initial: Values = { url, name, slug: "", headers: [] };
  const form = useForm(initial, known, async (values) => {
    const server = await register({
      url: values.url.trim(),
      name: values.name.trim(),
      ...(values.slug.trim() ? { slug: values.slug.trim() } : {}),
      auth:
        values.headers.length > 0 ? { kind: "headers", headers: values.headers } : { kind: "none" },
    });
    toast(`${server.name} is registered with ${count(server.inventory.tools, "tool")}.`);
    if (onRegistered) await onRegistered(server);
    else await navigate({ to: "/servers/$serverId", params: { serverId: server.id } });
  });
  return (
    <form noValidate onSubmit={form.submit} className="grid max-w-xl gap-5">
      <Field
        label="URL"
        hint="The server’s Streamable HTTP endpoint. It is connected to now, to read its tools."
        error={form.errors["/url"]}
      >
        {(control) => (
          <Input
            {...control}
            type="url"
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            placeholder="https://mcp.example.com/mcp"
            className="font-mono text-sm"
            value={form.values.url}
            onChange={(event) => form.set("url", event.target.value)}
          />
        )}
      </Field>
      <Field label="Name" error={form.errors["/name"]}>
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            placeholder="Payments"
            value={form.values.name}
            onChange={(event) => form.set("name", event.target.value)}
          />
        )}
      </Field>
      <Field
        label="Slug"
        optional
        hint="Stands in the gateway URL. Made from the name when left empty."
        error={form.errors["/slug"]}
      >
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            spellCheck={false}
            placeholder="payments"
            className="font-mono text-sm"
            value={form.values.slug}
            onChange={(event) => form.set("slug", event.target.value)}
          />
        )}
      </Field>
      <HeadersField
        headers={form.values.headers}
        errors={form.errors}
        onChange={(headers) => form.set("headers", headers)}
      />
      {form.failure && <Notice tone="error">{form.failure}</Notice>}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant="primary" busy={form.busy}>
          {form.busy ? "Reading its tools…" : "Register server"}
        </Button>
        <Link to="/servers" className={buttonClass("ghost")}>
          Cancel
        </Link>
      </div>
    </form>
  );
}
