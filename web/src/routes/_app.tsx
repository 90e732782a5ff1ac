import { createFileRoute, Outlet, redirect } from "@tanstack/react-router";

import { Shell } from "@/components/shell";
import { currentMe, useMe } from "@/features/auth/session";

// Everything behind the door: without a session, to the sign-in and back here afterwards.
export const Route = createFileRoute("/_app")({
  beforeLoad: async ({ context, location }) => {
    const me = await currentMe(context.cache);
    if (!me)
      throw redirect({
        // Who comes from the public catalogue is more likely new here.
        to: "catalogue" in location.search ? "/sign-up" : "/sign-in",
        search: location.href === "/" ? {} : { to: location.href },
      });
    return { me };
  },
  component: App,
});

function App() {
  const { me } = Route.useRouteContext();
  const current = useMe();
  return (
    <Shell me={current.data ?? me}>
      <Outlet />
    </Shell>
  );
}
