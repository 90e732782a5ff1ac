import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import type { ReactNode } from "react";

import type { Grant, Policy, Server } from "@/api/types";
import { buttonClass } from "@/components/ui/button";
import { May } from "@/features/auth/may";
import { cn } from "@/lib/cn";

interface FirstStepsProps {
  servers: Server[];
  policies: Policy[];
  grants: Grant[];
  hasDecisions: boolean;
}

interface Step {
  done: boolean;
  title: string;
  text: string;
  action: ReactNode;
}

/** The steps to the first decided call. Gone once a call has been decided. */
export function FirstSteps({ servers, policies, grants, hasDecisions }: FirstStepsProps) {
  if (hasDecisions) return null;
  const server = servers[0];
  const policy = policies[0];
  const grant = grants.find(({ status }) => status === "active");
  const primary = buttonClass("primary");
  const steps: Step[] = [
    {
      done: server !== undefined,
      title: "Register an MCP server",
      text: "By its URL. Its tools are read at once, and the risk of each is rated.",
      action: (
        <May permission="manage_access">
          <Link to="/servers/new" className={primary}>
            Register server
          </Link>
        </May>
      ),
    },
    {
      done: policy !== undefined,
      title: "Write a policy",
      text: "Which tools an agent may call, with what arguments, how often. Start from what is recommended.",
      action: (
        <May permission="manage_policies">
          <Link to="/policies/new" search={server ? { server: server.id } : {}} className={primary}>
            Write policy
          </Link>
        </May>
      ),
    },
    {
      done: grant !== undefined,
      title: "Mint a grant",
      text: "A token for one agent. It opens the server, with the policy at the door.",
      action: (
        <May permission="manage_access">
          <Link
            to="/grants/new"
            search={policy ? { server: policy.server_id, policy: policy.id } : {}}
            className={primary}
          >
            Mint grant
          </Link>
        </May>
      ),
    },
    {
      done: false,
      title: "Point your client at the gateway, and watch",
      text: "Claude Code, Cursor, VS Code or any MCP client, with the configuration that came with the token. Every call appears here as it is decided.",
      action: (
        <Link to="/decisions" search={{}} className={primary}>
          Watch decisions
        </Link>
      ),
    },
  ];
  const next = steps.findIndex((step) => !step.done);
  return (
    <ol aria-label="First steps" className="border bg-surface">
      {steps.map((step, index) => (
        <li
          key={step.title}
          aria-current={index === next ? "step" : undefined}
          className={cn(
            "grid grid-cols-[1.75rem_minmax(0,1fr)] gap-x-4 border-b border-l-3 border-l-transparent px-4 py-4 last:border-b-0 sm:px-5",
            index === next && "border-l-lamp",
          )}
        >
          <span
            aria-hidden
            className={cn(
              "grid size-7 place-items-center rounded-full border text-sm font-semibold",
              step.done
                ? "border-allow text-allow"
                : index === next
                  ? "border-ink"
                  : "border-line-strong text-dim",
            )}
          >
            {step.done ? <Check className="size-4" /> : index + 1}
          </span>
          <div className="grid justify-items-start gap-1">
            <h2 className={cn("text-lg font-semibold", step.done && "font-medium text-dim")}>
              {step.title}
              {step.done && <span className="sr-only"> (done)</span>}
            </h2>
            {!step.done && <p className="max-w-prose text-dim">{step.text}</p>}
            {index === next && <div className="mt-2">{step.action}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}
