import { createFileRoute } from "@tanstack/react-router";

import { GrantList } from "@/features/grants/grant-list";

export const Route = createFileRoute("/_app/grants/")({ component: GrantList });
