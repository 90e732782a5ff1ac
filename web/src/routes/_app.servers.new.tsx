import { createFileRoute, Link } from "@tanstack/react-router";

import { Page } from "@/components/page";
import { May, NotYours } from "@/features/auth/may";
import { RegisterForm } from "@/features/servers/register-form";

export const Route = createFileRoute("/_app/servers/new")({ component: NewServerPage });

function NewServerPage() {
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
        <RegisterForm />
      </May>
    </Page>
  );
}
