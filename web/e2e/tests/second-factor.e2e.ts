// The second factor: an app that makes codes, passkeys on a device, and codes to fall back on.
import { createHmac } from "node:crypto";

import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";

import { launch, newContext, watchErrors } from "../browser";
import { heading, PASSWORD, signUp } from "../steps";

const browser = await launch();
afterAll(() => browser.close());

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** What an app shows (RFC 6238). */
function code(secret: string, steps: number): string {
  const bits = [...secret].map((c) => ALPHABET.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function emailOf(page: Page): Promise<string> {
  const answer = await page.request.get("/api/v1/me");
  return ((await answer.json()) as { user: { email: string } }).user.email;
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.request.post("/api/v1/auth/sign-out");
  await page.goto("/sign-in");
}

async function confirmPassword(page: Page): Promise<void> {
  await page.getByLabel("Your password").fill(PASSWORD);
  await page.getByRole("button", { name: "Go on" }).click();
}

it("asks for a code of the app, and takes a recovery code once", async () => {
  const page = await (await newContext(browser)).newPage();
  const errors = watchErrors(page);
  await signUp(page, "Codes");
  const email = await emailOf(page);
  await page.goto("/security");
  await page.getByRole("button", { name: "Set up app" }).click();
  await confirmPassword(page);
  await page.getByRole("img", { name: "QR code of the secret" }).waitFor();
  const secret = (await page.getByTestId("totp-secret").innerText()).trim();
  await page.getByRole("textbox", { name: "Code" }).fill(code(secret, 0));
  await page.getByRole("button", { name: "Confirm" }).click();
  const codes = await page.getByRole("list", { name: "Recovery codes" }).innerText();
  const recovery = codes.split("\n")[0]?.trim() ?? "";
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByText("10 recovery codes left").waitFor();

  await signOut(page);
  await signIn(page, email);
  await page.getByRole("textbox", { name: "Code" }).fill("000000");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(/is not right/).waitFor();
  await page.getByRole("textbox", { name: "Code" }).fill(code(secret, 1));
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading(page, "Overview");

  await signOut(page);
  await signIn(page, email);
  await page.getByRole("textbox", { name: "Code" }).fill(recovery);
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading(page, "Overview");
  await page.goto("/security");
  await page.getByText("9 recovery codes left").waitFor();
  expect(errors).toEqual([]);
});

it("adds a passkey and signs in with it", async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  const errors = watchErrors(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await signUp(page, "Devices");
  const email = await emailOf(page);
  await page.goto("/security");
  await page.getByRole("button", { name: "Add passkey" }).click();
  await confirmPassword(page);
  await page.getByLabel("Name").fill("Laptop");
  await page.getByRole("button", { name: "Add passkey" }).last().click();
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByRole("button", { name: "Remove passkey Laptop" }).waitFor();

  await signOut(page);
  await signIn(page, email);
  await page.getByRole("button", { name: "Use your passkey" }).click();
  await heading(page, "Overview");
  await page.goto("/security");
  await page
    .getByText(/last used/)
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Remove passkey Laptop" }).click();
  await confirmPassword(page);
  await page.getByText("The passkey is removed.").waitFor();
  await signOut(page);
  await signIn(page, email);
  await heading(page, "Overview");
  expect(errors).toEqual([]);
});
