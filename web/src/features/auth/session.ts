// Who is signed in: asked once, kept in the query cache.
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";

import { api, client } from "@/api/client";
import { isCode, unwrap } from "@/api/problem";
import type { components } from "@/api/schema";
import type { Me } from "@/api/types";
import { provePasskey } from "@/lib/passkey";

const me = api.queryOptions("get", "/api/v1/me");

/** The signed-in person, or null. */
export async function currentMe(cache: QueryClient): Promise<Me | null> {
  try {
    return await cache.ensureQueryData(me);
  } catch (error) {
    if (isCode(error, "unauthenticated")) return null;
    throw error;
  }
}

export function useMe() {
  return api.useQuery("get", "/api/v1/me");
}

type SecondFactorNeeded = components["schemas"]["SecondFactorNeeded"];

export interface Credentials {
  email: string;
  password: string;
}

export interface NewPerson extends Credentials {
  account_name: string;
}

export interface Acceptance {
  token: string;
  password?: string;
}

/** Tells the other tabs of this browser that it looks at another account: what they show is of the one before. */
const switches = "BroadcastChannel" in globalThis ? new BroadcastChannel("ostiary-account") : null;
switches?.addEventListener("message", () => location.assign("/"));

/** Signing up, in and out. Another person's data never stays in the cache. */
export function useSession() {
  const cache = useQueryClient();
  const router = useRouter();
  const enter = (person: Me, to: string) => {
    cache.clear();
    cache.setQueryData(me.queryKey, person);
    router.history.push(to);
  };
  return {
    /** Leads to `to`, a path of this site with its query. */
    signUp: async (body: NewPerson, to: string) =>
      enter(unwrap(await client.POST("/api/v1/auth/sign-up", { body })), to),
    /** Leads to `to`, a path of this site with its query; or answers what the second step needs. */
    signIn: async (body: Credentials, to: string): Promise<SecondFactorNeeded | null> => {
      const answer = unwrap(await client.POST("/api/v1/auth/sign-in", { body }));
      if ("token" in answer) return answer;
      enter(answer, to);
      return null;
    },
    /** The second step of signing in. */
    giveCode: async (body: { token: string; code: string }, to: string) =>
      enter(unwrap(await client.POST("/api/v1/auth/second-factor", { body })), to),
    /** The second step of signing in, with a passkey. */
    givePasskey: async (token: string, to: string) => {
      const begun = await client.POST("/api/v1/auth/second-factor/passkey", { body: { token } });
      const { ceremony, options } = unwrap(begun);
      const body = { token, ceremony, credential: await provePasskey(options) };
      const path = "/api/v1/auth/second-factor/passkey/confirm";
      enter(unwrap(await client.POST(path, { body })), to);
    },
    /** Leads to the overview of the account that invited. */
    accept: async (body: Acceptance) => {
      enter(unwrap(await client.POST("/api/v1/invitations/accept", { body })), "/");
      switches?.postMessage(null);
    },
    /** Leads to the overview of another account of the same person. */
    switchTo: async (id: string) => {
      const path = { id };
      enter(unwrap(await client.POST("/api/v1/accounts/{id}/switch", { params: { path } })), "/");
      switches?.postMessage(null);
    },
    /** Leads to the overview of a new account. */
    createAccount: async (body: { name: string }) => {
      enter(unwrap(await client.POST("/api/v1/accounts", { body })), "/");
      switches?.postMessage(null);
    },
    signOut: async () => {
      unwrap(await client.POST("/api/v1/auth/sign-out"));
      await router.navigate({ to: "/sign-in", search: {} });
      cache.clear();
    },
  };
}
