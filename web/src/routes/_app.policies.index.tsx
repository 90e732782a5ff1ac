import { createFileRoute } from "@tanstack/react-router";

import { PolicyList } from "@/features/policies/policy-list";

export const Route = createFileRoute("/_app/policies/")({ component: PolicyList });
