// People: somebody is invited and works in another's account, passwords change, accounts change hands and go.
import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";

import { launch, newContext, watchErrors } from "../browser";
import { heading, newEmail, PASSWORD, signUp } from "../steps";

const browser = await launch();
afterAll(() => browser.close());

/** Invites an address and answers the link, which is shown where no mail is sent. */
async function invite(page: Page, email: string, role: string): Promise<string> {
  await page.goto("/members");
  await page.getByRole("button", { name: "Invite member" }).click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Role", { exact: true }).selectOption(role);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  return (await page.getByTestId("invitation-link").innerText()).trim();
}

it("invites somebody new, who works in the account and is removed again", async () => {
  const owner = await (await newContext(browser)).newPage();
  const errors = watchErrors(owner);
  await signUp(owner, "Hosts");
  const email = newEmail();
  const link = await invite(owner, email, "viewer");

  const guest = await (await newContext(browser)).newPage();
  await guest.goto(link);
  await heading(guest, "Accept invitation");
  await guest.getByText(email).waitFor();
  await guest.getByLabel("Choose a password").fill(PASSWORD);
  await guest.getByRole("button", { name: "Accept invitation" }).click();
  await heading(guest, "Overview");
  await guest.goto("/members");
  await guest.getByText("Your role in this account does not allow this.").waitFor();

  await owner.goto("/members");
  await owner.getByLabel(`Role of ${email}`).selectOption("admin");
  await owner.getByText(`${email} is admin now.`).waitFor();
  await guest.reload();
  await guest.getByRole("button", { name: "Invite member" }).waitFor();

  await owner.getByRole("button", { name: `Remove ${email}` }).click();
  await owner.getByRole("button", { name: "Remove member" }).click();
  await owner.getByText(`${email} is no member any more.`).waitFor();
  await guest.reload();
  await heading(guest, "Sign in");
  expect(errors).toEqual([]);
});

it("turns from one account to another and back", async () => {
  const page = await (await newContext(browser)).newPage();
  await signUp(page, "First house");
  await page.getByRole("button", { name: /First house/ }).click();
  await page.getByRole("menuitem", { name: "New account" }).click();
  await page.getByLabel("Account name").fill("Second house");
  await page.getByRole("button", { name: "Create account" }).click();
  const switcher = page.getByRole("button", { name: /Second house/ });
  await switcher.waitFor();
  await switcher.click();
  await page.getByRole("menuitem", { name: /First house/ }).click();
  await page.getByRole("button", { name: /First house/ }).waitFor();
});

it("changes the password and signs the other browsers out", async () => {
  const page = await (await newContext(browser)).newPage();
  await signUp(page, "Locks");
  const email = (await page.request.get("/api/v1/me").then((answer) => answer.json())) as {
    user: { email: string };
  };
  const other = await (await newContext(browser)).newPage();
  await other.goto("/sign-in");
  await other.getByLabel("E-mail").fill(email.user.email);
  await other.getByLabel("Password").fill(PASSWORD);
  await other.getByRole("button", { name: "Sign in" }).click();
  await heading(other, "Overview");

  await page.goto("/security");
  await page.getByRole("button", { name: "Sign out the others" }).waitFor();
  await page.getByLabel("Current password").fill("not this one at all");
  await page.getByLabel("New password").fill("another lantern over it");
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("is not your password").waitFor();
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText(/Your other browsers are signed out/).waitFor();
  await other.reload();
  await heading(other, "Sign in");
});

it("asks for the deletion of an account and restores it", async () => {
  const page = await (await newContext(browser)).newPage();
  await signUp(page, "Brief");
  await page.goto("/account");
  const slug = await page.locator("dd").first().innerText();
  await page.getByRole("button", { name: "Delete account" }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByLabel(/to go on/).fill(slug.trim());
  await dialog.getByRole("button", { name: "Delete account" }).click();
  await page.getByText(/This account is going to be deleted/).waitFor();
  await page.getByRole("button", { name: "Restore account" }).click();
  await page.getByRole("button", { name: "Delete account" }).waitFor();
});
