// Every page in both themes through axe, and the way in by keyboard alone.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";

import { launch, newContext, watchErrors } from "../browser";
import { connect } from "../call";
import { TEN_A_MINUTE, WITH_MISTAKES } from "../policies";
import {
  heading,
  mintGrant,
  newEmail,
  paste,
  PASSWORD,
  registerSample,
  saveNewPolicy,
  signUp,
} from "../steps";

const browser = await launch();
afterAll(() => browser.close());

async function check(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.flatMap((violation) =>
      violation.nodes.map(
        (node) => `${violation.id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`,
      ),
    );
    expect.soft(found, `${name}, ${colorScheme}`).toEqual([]);
  }
}

it("has no findings of axe on any page", { timeout: 240_000 }, async () => {
  const page = await (await newContext(browser)).newPage();
  const errors = watchErrors(page);
  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await check(page, "sign-in");
  await page.goto("/sign-up");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.locator("[aria-invalid]").first().waitFor();
  await check(page, "sign-up, refused");
  for (const path of [
    "/catalogue",
    "/catalogue/patterns/rug-pull",
    "/catalogue/categories/execute",
  ]) {
    await page.goto(path);
    await heading(page, /./);
    await check(page, path);
  }
  await page.goto("/catalogue");
  await page.getByRole("link", { name: "create_session" }).first().click();
  await heading(page, "create_session");
  await check(page, "tool of the catalogue");
  await page.getByRole("main").getByRole("navigation").getByRole("link").last().click();
  await page.getByRole("heading", { name: "All tools" }).waitFor();
  await check(page, "server of the catalogue");
  await signUp(page, "Axe");
  await check(page, "overview, first steps");
  for (const path of [
    "/servers",
    "/policies",
    "/grants",
    "/decisions",
    "/api-keys",
    "/account",
    "/usage",
    "/members",
    "/security",
    "/forgot-password",
    "/servers/new",
  ]) {
    await page.goto(path);
    await page.locator("h1").waitFor();
    await check(page, `${path}, empty`);
  }
  await registerSample(page);
  await check(page, "server");
  await page.getByRole("link", { name: "create_session", exact: true }).click();
  await page.getByText("Recommended policy").waitFor();
  await check(page, "tool");
  await page.getByRole("link", { name: "Use this policy" }).click();
  await paste(page, WITH_MISTAKES);
  await page.getByText(/^2 errors/).waitFor();
  await check(page, "policy with errors");
  await page.getByRole("tab", { name: "Rules" }).click();
  await check(page, "policy as rules");
  await page.getByRole("tab", { name: "JSON" }).click();
  await paste(page, TEN_A_MINUTE);
  await saveNewPolicy(page, "Ten sessions a minute");
  await page.getByRole("combobox", { name: "Tool", exact: true }).fill("create_session");
  await page.getByRole("button", { name: "Decide" }).click();
  await page.locator("[aria-live] ol").waitFor();
  await check(page, "policy, tried");
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("heading", { name: "Version 1" }).waitFor();
  await check(page, "history");
  await page.goBack();
  const token = await mintGrant(page, "Axe agent");
  const config = await page.getByRole("group", { name: "Terminal" }).innerText();
  await check(page, "grant, minted");
  await page.getByRole("link", { name: "I have copied the token" }).click();
  await page.getByRole("button", { name: "Revoke grant" }).click();
  await page.getByRole("alertdialog").waitFor();
  await check(page, "grant, asked to revoke");
  for (const path of ["/", "/servers", "/policies", "/grants"]) {
    await page.goto(path);
    await page.locator("table, ol").first().waitFor();
    await check(page, `${path}, filled`);
  }
  const agent = await connect(/http\S+\/mcp\/\S+/.exec(config)?.[0] ?? "", token);
  await agent.call("delete_customer", {});
  await agent.close();
  await page.goto("/decisions");
  await page.getByRole("button", { name: "delete_customer" }).waitFor();
  await check(page, "/decisions, filled");
  await page.getByRole("button", { name: "delete_customer" }).click();
  await page.getByRole("dialog").getByText("not forwarded").waitFor();
  await check(page, "decision");
  expect(errors).toEqual([]);
});

/** Presses Tab until the focus is on what has this accessible name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      const label =
        element instanceof HTMLInputElement
          ? element.labels?.[0]?.textContent
          : element?.textContent;
      return element?.getAttribute("aria-label") ?? label ?? "";
    });
    if (at.trim() === name) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}

it("is entered and worked by keyboard alone", async () => {
  const page = await (await newContext(browser)).newPage();
  await page.goto("/sign-up");
  await page.getByRole("button", { name: "Create account" }).waitFor();
  await tabTo(page, "E-mail");
  await page.keyboard.type(newEmail());
  await tabTo(page, "Password");
  await page.keyboard.type(PASSWORD);
  await tabTo(page, "Account name");
  await page.keyboard.type("Keyboard");
  await page.keyboard.press("Enter");
  await heading(page, "Overview");

  // The first stop of every page leads past the navigation.
  await page.reload();
  await heading(page, "Overview");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(
    "Skip to the content",
  );
  const outline = await page.evaluate(
    () => getComputedStyle(document.activeElement as Element).outlineStyle,
  );
  expect(outline).toBe("solid");
  await page.keyboard.press("Enter");
  await tabTo(page, "Register server");
  await page.keyboard.press("Enter");
  await heading(page, "Register server");
});

it("lets the keyboard out of the editor by Escape, then Tab", async () => {
  const page = await (await newContext(browser)).newPage();
  await signUp(page, "Trap");
  await registerSample(page);
  await page.getByRole("link", { name: "Write policy" }).click();
  await page.getByRole("textbox", { name: "Policy document" }).click();
  const inEditor = () =>
    page.evaluate(() => document.activeElement?.closest(".cm-editor") !== null);
  await page.keyboard.press("Tab");
  expect(await inEditor()).toBe(true);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  expect(await inEditor()).toBe(false);
});
