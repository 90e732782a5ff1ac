import type { Role } from "@/api/types";

/** All roles with what they are for, the least powerful first. */
const ROLES: [role: Role, label: string][] = [
  ["viewer", "viewer: sees everything, changes nothing"],
  ["policy_manager", "policy manager: writes and binds policies"],
  ["admin", "admin: servers, grants, keys and members too"],
  ["owner", "owner: everything, and the account itself"],
];

/** The roles that somebody may give: none above their own. */
export function rolesUpTo(own: Role): [role: Role, label: string][] {
  return ROLES.slice(0, ROLES.findIndex(([role]) => role === own) + 1);
}

export function roleName(role: Role): string {
  return role.replaceAll("_", " ");
}
