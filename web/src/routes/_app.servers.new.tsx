import { createFileRoute, Link } from "@tanstack/react-router";

import { Page } from "@/components/page";
import { May, NotYours } from "@/features/auth/may";
import { RegisterForm } from "@/features/servers/register-form";
import { RegisterFromCatalogue } from "@/features/servers/register-from-catalogue";

interface Search {
  /** A server of the public catalogue that is to be registered, and the tool whose policy is wanted afterwards. */
  catalogue?: string;
  tool?: string;
}

export const Route = createFileRoute("/_app/servers/new")({
  validateSearch: ({ catalogue, tool }): Search => ({
    ...(typeof catalogue === "string" && { catalogue }),
    ...(typeof tool === "string" && { tool }),
  }),
  component: NewServerPage,
});

function NewServerPage() {
  const { catalogue, tool } = Route.useSearch();
  return (
    <Page
      title="Register server"
      above={
        <Link to="/servers" className="hover:underline">
          Servers
        </Link>
      }
    >
      <May permission="manage_access" otherwise={<NotYours />}>
        {catalogue ? <RegisterFromCatalogue slug={catalogue} tool={tool} /> : <RegisterForm />}
      </May>
    </Page>
  );
}
