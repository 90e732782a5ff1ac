import { QueryClientProvider } from "@tanstack/react-query";
import { createRouter, RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { onSignedOut } from "@/api/client";
import { createQueryCache } from "@/api/query";
import { Toaster } from "@/components/ui/toast";
import { Broken, Lost, Waiting } from "@/components/whole-page";

import { routeTree } from "./routeTree.gen";
import "./styles.css";

const cache = createQueryCache();
const router = createRouter({
  routeTree,
  context: { cache },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultPendingComponent: Waiting,
  defaultNotFoundComponent: Lost,
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

onSignedOut(() => {
  cache.clear();
  void router.navigate({ to: "/sign-in", search: { to: router.state.location.href } });
});

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root element");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={cache}>
      <RouterProvider router={router} />
      <Toaster />
    </QueryClientProvider>
  </StrictMode>,
);
