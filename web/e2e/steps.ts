// The steps a person takes, by what they see: labels and names of buttons.
import type { Page } from "playwright-core";

import { SAMPLE_URL } from "./browser";

export const PASSWORD = "a lantern over the door";

export function newEmail(): string {
  return `e2e-${Date.now()}-${Math.floor(Math.random() * 1e6)}@example.com`;
}

export async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

export async function signUp(page: Page, account: string): Promise<void> {
  await page.goto("/sign-up");
  await page.getByLabel("E-mail").fill(newEmail());
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("Account name").fill(account);
  await page.getByRole("button", { name: "Create account" }).click();
  await heading(page, "Overview");
}

/** Has the sample server registered by a name, whatever comes of it. */
export async function fillNewServer(page: Page, name: string): Promise<void> {
  await page.goto("/servers/new");
  await page.getByLabel("URL").fill(SAMPLE_URL);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Register server" }).click();
}

/** Registers the sample server; the page shows its tools afterwards. */
export async function registerSample(page: Page): Promise<void> {
  await fillNewServer(page, "Sample shop");
  await heading(page, "Sample shop");
  await page.getByRole("link", { name: "create_session", exact: true }).waitFor();
}

/** Replaces the whole text of the policy editor, as by pasting. */
export async function paste(page: Page, text: string): Promise<void> {
  const editor = page.getByRole("textbox", { name: "Policy document" });
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.press("Delete");
  await page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData("text/plain", pasted);
    document.activeElement?.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, text);
}

export async function saveNewPolicy(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page
    .getByText("The document is valid.")
    .or(page.getByText(/^\d+ warnings?$/))
    .waitFor();
  await page.getByRole("button", { name: "Save policy" }).click();
  await page.getByText("Version 1, in use by no grant yet.").waitFor();
}

/** Mints a grant from the page of a policy and reads the token that is shown once. */
export async function mintGrant(page: Page, label: string): Promise<string> {
  await page.getByRole("link", { name: "Mint grant" }).click();
  await page.getByLabel("Label").fill(label);
  await page.getByRole("button", { name: "Mint grant" }).click();
  return (await page.getByTestId("token").innerText()).trim();
}
