// Signing in elsewhere: what the installation's provider of sign-ins leads to, and back from.
import type { components } from "@/api/schema";
import { localPath } from "@/lib/local-path";

type SecondFactorNeeded = components["schemas"]["SecondFactorNeeded"];

/** What the word for a failure in the address means. */
export const FAILURES: Record<string, string> = {
  provider_failed: "The other site did not let you in, or did not answer. Try again.",
  provider_expired: "That took too long, or was begun in another browser. Try again.",
  sign_in_to_link:
    "Somebody has signed up with your address and a password. Sign in with it, then link the other site under Security.",
  email_not_verified: "The other site does not say that mail to your address reaches you.",
  linked_to_somebody_else: "Somebody else here signs in with that identity.",
};

/** What is still to come for somebody who has signed in elsewhere; it stands behind `#`, which reaches no server. */
export function neededFrom(hash: string): { needed: SecondFactorNeeded; to: string } | null {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const token = values.get("token");
  if (!token) return null;
  const needed = {
    token,
    has_app: values.get("has_app") === "true",
    has_passkeys: values.get("has_passkeys") === "true",
  };
  return { needed, to: localPath(values.get("to")) };
}
