import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { Server } from "@/api/types";
import { Page } from "@/components/page";
import { Empty, Loaded, LoadingRows } from "@/components/states";
import { Button, buttonClass } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { May, NotYours } from "@/features/auth/may";
import { useCatalogueTemplate } from "@/features/catalogue/use-template";
import { usePolicyActions } from "@/features/policies/queries";
import { templatesFor } from "@/features/policies/templates";
import { Workbench } from "@/features/policies/workbench";
import { useServerChoices } from "@/features/servers/queries";
import { useAllTools } from "@/features/tools/queries";
import { useForm } from "@/lib/use-form";

interface NewPolicyProps {
  /** The server and the tool that the page was opened from. */
  serverId: string | undefined;
  tool: string | undefined;
  /** The server of the public catalogue that it was opened from. */
  catalogue: string | undefined;
}

export function NewPolicy({ serverId, tool, catalogue }: NewPolicyProps) {
  const servers = useServerChoices();
  return (
    <Page
      title="Write policy"
      above={
        <Link to="/policies" className="hover:underline">
          Policies
        </Link>
      }
    >
      <May permission="manage_policies" otherwise={<NotYours />}>
        <Loaded query={servers}>
          {({ items }) => {
            const server = items.find((one) => one.id === serverId) ?? items[0];
            if (!server) {
              return (
                <Empty
                  title="A policy needs a server"
                  action={
                    <Link
                      to="/servers/new"
                      search={{ ...(catalogue && { catalogue }), ...(tool && { tool }) }}
                      className={buttonClass("primary")}
                    >
                      Register server
                    </Link>
                  }
                >
                  It speaks of the server’s tools, so that they must be known first.
                </Empty>
              );
            }
            return (
              <ForServer
                key={server.id}
                servers={items}
                server={server}
                tool={tool}
                catalogue={catalogue}
              />
            );
          }}
        </Loaded>
      </May>
    </Page>
  );
}

interface ForServerProps {
  servers: Server[];
  server: Server;
  tool: string | undefined;
  catalogue: string | undefined;
}

function ForServer({ servers, server, tool, catalogue }: ForServerProps) {
  const tools = useAllTools(server.id);
  const offered = useCatalogueTemplate(catalogue, tool);
  if ((!tools.data && !tools.error) || offered === "loading") return <LoadingRows rows={10} />;
  const templates = [...(offered ? [offered] : []), ...templatesFor(tools.data ?? [])];
  const wanted = offered ?? templates.find((one) => one.id === `tool:${tool}`) ?? templates[0];
  return (
    <>
      {offered && catalogue && offered.server !== server.name && (
        <Notice>
          This policy is for {offered.server}.{" "}
          <Link
            to="/servers/new"
            search={{ catalogue, ...(tool && { tool }) }}
            className="font-semibold text-accent underline"
          >
            Register it
          </Link>{" "}
          unless it is {server.name}.
        </Notice>
      )}
      <Form servers={servers} server={server} templates={templates} first={wanted} tool={tool} />
    </>
  );
}

interface FormProps {
  servers: Server[];
  server: Server;
  templates: ReturnType<typeof templatesFor>;
  first: ReturnType<typeof templatesFor>[number] | undefined;
  tool: string | undefined;
}

function Form({ servers, server, templates, first, tool }: FormProps) {
  const navigate = useNavigate();
  const { create } = usePolicyActions();
  const [template, setTemplate] = useState(first?.id ?? "");
  const form = useForm(
    { name: tool ? `${server.name}: ${tool}` : `${server.name} policy`, text: first?.text ?? "" },
    ["/name"],
    async ({ name, text }) => {
      const policy = await create({ serverId: server.id, name, text });
      toast(`${policy.name} is saved as version 1.`);
      await navigate({ to: "/policies/$policyId", params: { policyId: policy.id } });
    },
  );
  const start = (id: string) => {
    setTemplate(id);
    const chosen = templates.find((one) => one.id === id);
    if (chosen) form.set("text", chosen.text);
  };
  return (
    <>
      <form
        noValidate
        onSubmit={form.submit}
        className="grid items-start gap-4 md:grid-cols-2 xl:grid-cols-[1fr_1fr_1fr_auto]"
      >
        <Field label="Name" error={form.errors["/name"]}>
          {(control) => (
            <Input
              {...control}
              value={form.values.name}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        <Field label="Server">
          {(control) => (
            <Select
              {...control}
              value={server.id}
              onChange={(event) =>
                void navigate({ to: "/policies/new", search: { server: event.target.value } })
              }
            >
              {servers.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Start from">
          {(control) => (
            <Select {...control} value={template} onChange={(event) => start(event.target.value)}>
              {templates.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Button type="submit" variant="primary" busy={form.busy} className="xl:mt-6">
          Save policy
        </Button>
      </form>
      {form.failure && <Notice tone="error">{form.failure}</Notice>}
      <Workbench
        serverId={server.id}
        text={form.values.text}
        onChange={(text) => form.set("text", text)}
        onSave={() => form.submit()}
      />
    </>
  );
}
