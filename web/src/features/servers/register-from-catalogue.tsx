import { useNavigate } from "@tanstack/react-router";

import { Loaded } from "@/components/states";
import { useCatalogueServer } from "@/features/catalogue/queries";
import { RegisterForm } from "@/features/servers/register-form";

/** Registers a server of the public catalogue, and goes on to the policy that was looked at there. */
export function RegisterFromCatalogue({ slug, tool }: { slug: string; tool: string | undefined }) {
  const navigate = useNavigate();
  const found = useCatalogueServer(slug);
  return (
    <Loaded query={found}>
      {({ server }) => (
        <RegisterForm
          url={server.url ?? ""}
          name={server.name}
          onRegistered={(registered) =>
            navigate({
              to: "/policies/new",
              search: { server: registered.id, catalogue: slug, ...(tool && { tool }) },
            })
          }
        />
      )}
    </Loaded>
  );
}
