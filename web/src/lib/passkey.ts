// What browsers know of passkeys, as JSON both ways (WebAuthn level 3).

import type { components } from "@/api/schema";

type Answer = components["schemas"]["PasskeyProofRequest"]["credential"];

interface Question {
  publicKey: unknown;
}

type Parse<T> = (options: unknown) => T;

interface Parsers {
  parseCreationOptionsFromJSON?: Parse<PublicKeyCredentialCreationOptions>;
  parseRequestOptionsFromJSON?: Parse<PublicKeyCredentialRequestOptions>;
}

const parsers: Parsers | undefined =
  "PublicKeyCredential" in globalThis
    ? (globalThis.PublicKeyCredential as unknown as Parsers)
    : undefined;

/** Whether this browser can be asked. */
export const hasPasskeys =
  parsers?.parseCreationOptionsFromJSON !== undefined &&
  parsers.parseRequestOptionsFromJSON !== undefined;

/** Has the device make a new passkey. */
export async function makePasskey(options: unknown): Promise<Answer> {
  const publicKey = parsers?.parseCreationOptionsFromJSON?.((options as Question).publicKey);
  if (!publicKey) throw new Error("This browser has no passkeys.");
  return answer(await navigator.credentials.create({ publicKey }));
}

/** Has the device prove that it has a passkey. */
export async function provePasskey(options: unknown): Promise<Answer> {
  const publicKey = parsers?.parseRequestOptionsFromJSON?.((options as Question).publicKey);
  if (!publicKey) throw new Error("This browser has no passkeys.");
  return answer(await navigator.credentials.get({ publicKey }));
}

function answer(credential: Credential | null): Answer {
  if (!credential) throw new Error("The device did not answer.");
  return (credential as PublicKeyCredential).toJSON() as unknown as Answer;
}
