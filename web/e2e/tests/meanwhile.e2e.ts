// Two tabs change the same things: the slower one is told, overwrites nothing unseen, and loses nothing that was typed.
import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";

import { launch, newContext, watchErrors } from "../browser";
import { TEN_A_MINUTE } from "../policies";
import { heading, mintGrant, paste, registerSample, saveNewPolicy, signUp } from "../steps";

const browser = await launch();
afterAll(() => browser.close());

/** Renames the server whose page is open. */
async function rename(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Save settings" }).click();
}

it("tells the slower of two tabs that edit a server, and keeps what was typed there", async () => {
  const context = await newContext(browser);
  const slow = await context.newPage();
  const errors = watchErrors(slow);
  await signUp(slow, "Two tabs");
  await registerSample(slow);
  const quick = await context.newPage();
  await quick.goto(slow.url());
  await heading(quick, "Sample shop");

  await slow.getByLabel("Name", { exact: true }).fill("Mine");
  await quick.getByLabel("When a tool’s definition changes").selectOption("allow");
  await rename(quick, "Theirs");
  await heading(quick, "Theirs");

  await slow.getByRole("button", { name: "Save settings" }).click();
  const alert = slow.getByRole("alert");
  await alert.getByText("Somebody else changed this meanwhile.").waitFor();
  await alert.getByText("Name: Theirs").waitFor();
  await alert.getByText("Go on by the policy").waitFor();
  expect(await slow.getByLabel("Name", { exact: true }).inputValue()).toBe("Mine");
  await heading(slow, "Theirs");

  await slow.getByRole("button", { name: "Save settings" }).click();
  await heading(slow, "Mine");
  await alert.waitFor({ state: "detached" });
  expect(await slow.getByLabel("When a tool’s definition changes").inputValue()).toBe("allow");

  // What is about to be deleted is looked at once more, too.
  await slow.getByRole("button", { name: "Delete server" }).click();
  const dialog = slow.getByRole("alertdialog");
  await dialog.getByRole("textbox").fill("sample-shop");
  await quick.reload();
  await heading(quick, "Mine");
  await rename(quick, "Wanted");
  await heading(quick, "Wanted");
  await dialog.getByRole("button", { name: "Delete server" }).click();
  await dialog.getByText(/^Somebody else changed this meanwhile/).waitFor();
  await dialog.getByRole("button", { name: "Delete server" }).click();
  await heading(slow, "Servers");
  expect(errors).toEqual([]);
});

it("tells the slower of two tabs that change what a grant opens", async () => {
  const context = await newContext(browser);
  const slow = await context.newPage();
  await signUp(slow, "Two hands");
  await registerSample(slow);
  await slow.getByRole("link", { name: "Write policy" }).click();
  await paste(slow, TEN_A_MINUTE);
  await saveNewPolicy(slow, "Ten sessions a minute");
  await mintGrant(slow, "Shared agent");
  await slow.getByRole("link", { name: "I have copied the token" }).click();
  await heading(slow, "Shared agent");
  const quick = await context.newPage();
  await quick.goto(slow.url());

  for (const page of [slow, quick])
    await page.getByRole("button", { name: "Change", exact: true }).click();
  await quick.getByLabel("Mode").selectOption("shadow");
  await quick.getByRole("button", { name: "Save binding" }).click();
  await quick.getByText("The binding is in force.").waitFor();

  await slow.getByLabel("Policy").selectOption("");
  await slow.getByRole("button", { name: "Save binding" }).click();
  await slow.getByRole("alert").getByText("Mode: shadow").waitFor();
  await slow.getByRole("button", { name: "Discard what I typed" }).click();
  await slow.getByRole("alert").waitFor({ state: "detached" });
  expect(await slow.getByLabel("Mode").inputValue()).toBe("shadow");
  await slow.getByRole("button", { name: "Save binding" }).click();
  await slow.getByText("The binding is in force.").waitFor();
});
