// What the signed-in role may do, so that nothing is offered that the API would refuse. The API decides; this only shows.
import type { ReactNode } from "react";

import type { Role } from "@/api/types";
import { Notice } from "@/components/ui/notice";
import { useMe } from "@/features/auth/session";

/** A row of the table of roles. Seeing is everybody's. */
export type Permission = "manage_policies" | "manage_access" | "manage_members" | "manage_account";

const ALLOWED: Record<Role, readonly Permission[]> = {
  owner: ["manage_policies", "manage_access", "manage_members", "manage_account"],
  admin: ["manage_policies", "manage_access", "manage_members"],
  policy_manager: ["manage_policies"],
  viewer: [],
};

export function allows(role: Role, permission: Permission): boolean {
  return ALLOWED[role].includes(permission);
}

/** Whether the signed-in person may; nobody may while it is not known who that is. */
export function useMay(permission: Permission): boolean {
  const role = useMe().data?.role;
  return role !== undefined && allows(role, permission);
}

interface MayProps {
  permission: Permission;
  /** In its place for those who may not. */
  otherwise?: ReactNode;
  children: ReactNode;
}

export function May({ permission, otherwise = null, children }: MayProps) {
  return useMay(permission) ? children : otherwise;
}

/** In place of a form that would only be refused. */
export function NotYours() {
  return <Notice tone="warning">Your role in this account does not allow this.</Notice>;
}
