// Pictures of every page for people to look at: light and dark, wide and narrow. OSTIARY_SCREENSHOTS says where to.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";

import { connect } from "../call";
import { launch, newContext, watchErrors } from "../browser";
import { TEN_A_MINUTE, WITH_MISTAKES } from "../policies";
import { mintGrant, paste, registerSample, saveNewPolicy, signUp } from "../steps";

const DIRECTORY = process.env["OSTIARY_SCREENSHOTS"] ?? "target/screenshots";
const LOOKS = [
  { theme: "light", width: 1280 },
  { theme: "dark", width: 1280 },
  { theme: "light", width: 375 },
  { theme: "dark", width: 375 },
] as const;

const browser = await launch();
beforeAll(() => mkdir(DIRECTORY, { recursive: true }));
afterAll(() => browser.close());

/** Takes every look of the page as it stands; a page wider than the window is a fault. */
async function shoot(page: Page, name: string): Promise<void> {
  for (const { theme, width } of LOOKS) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: width === 375 ? 812 : 900 });
    await page.waitForTimeout(150);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect.soft(overflow, `${name} at ${width} is wider than the window`).toBeLessThanOrEqual(0);
    await page.screenshot({
      path: join(DIRECTORY, `${name}-${width}-${theme}.png`),
      fullPage: true,
    });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** Some calls of each kind, so that there are decisions to see. */
async function makeCalls(gatewayUrl: string, token: string): Promise<void> {
  const agent = await connect(gatewayUrl, token);
  for (let call = 0; call < 7; call++)
    await agent.call("create_session", { amount: 1000, currency: "EUR" });
  for (const tool of ["delete_customer", "get_order", "no_such_tool"]) await agent.call(tool, {});
  await agent.close();
}

it("walks through all pages", { timeout: 600_000 }, async () => {
  const page = await (await newContext(browser)).newPage();
  const errors = watchErrors(page);

  for (const [name, path] of [
    ["00-catalogue", "/catalogue"],
    ["00-catalogue-empty", "/catalogue?q=nothingatall"],
    ["00-patterns", "/catalogue/patterns"],
    ["00-pattern", "/catalogue/patterns/data-exfiltration"],
    ["00-category", "/catalogue/categories/execute"],
  ] as const) {
    await page.goto(path);
    await shoot(page, name);
  }
  await page.goto("/catalogue");
  await page.getByRole("link", { name: "create_session" }).first().click();
  await shoot(page, "00-catalogue-tool");
  await page.getByRole("main").getByRole("navigation").getByRole("link").last().click();
  await page.getByRole("heading", { name: "All tools" }).waitFor();
  await shoot(page, "00-catalogue-server");

  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await shoot(page, "01-sign-in");
  await page.goto("/sign-up");
  await page.getByLabel("E-mail").fill("nobody");
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  await page
    .getByText(/12 characters/)
    .first()
    .waitFor();
  await shoot(page, "02-sign-up-refused");
  await signUp(page, "Acme");
  await shoot(page, "03-overview-first");
  await page.goto("/servers");
  await page.getByText("No server yet").waitFor();
  await shoot(page, "04-servers-empty");
  await page.goto("/servers/new");
  await page.getByLabel("URL").waitFor();
  await shoot(page, "05-server-new");
  await registerSample(page);
  await shoot(page, "06-server");
  await page.getByRole("link", { name: "create_session", exact: true }).click();
  await page.getByText("Recommended policy").waitFor();
  await shoot(page, "07-tool");
  await page.getByRole("link", { name: "Use this policy" }).click();
  await page.getByText("The document is valid.").waitFor();
  await shoot(page, "08-policy-new");
  await paste(page, WITH_MISTAKES);
  await page.getByText("2 errors").waitFor();
  await shoot(page, "09-policy-errors");
  await paste(page, TEN_A_MINUTE);
  await saveNewPolicy(page, "Ten sessions a minute");
  await page.getByRole("combobox", { name: "Tool", exact: true }).fill("create_session");
  await page.getByRole("button", { name: "Decide" }).click();
  await page.locator("[aria-live] ol").waitFor();
  await shoot(page, "10-policy-tried");
  await page.getByRole("tab", { name: "Rules" }).click();
  await page
    .getByLabel(/What happens to/)
    .first()
    .waitFor();
  await shoot(page, "11-policy-rules");
  await page.getByRole("tab", { name: "JSON" }).click();
  await paste(
    page,
    TEN_A_MINUTE.replace("10", "5").replace('"deny",', '"deny",\n  "hide": ["delete_*"],'),
  );
  await page.getByRole("button", { name: "Save new version" }).click();
  await page.getByText(/^Version 2,/).waitFor();
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("region", { name: "Changed lines" }).waitFor();
  await shoot(page, "12-policy-history");
  await page.goto("/policies");
  await page.getByRole("link", { name: "Ten sessions a minute" }).click();
  const token = await mintGrant(page, "Support agent");
  const config = await page.getByRole("group", { name: "Terminal" }).innerText();
  await shoot(page, "13-grant-minted");
  await page.getByRole("link", { name: "I have copied the token" }).click();
  await page.getByRole("button", { name: "Revoke grant" }).waitFor();
  await shoot(page, "14-grant");
  await makeCalls(/http\S+\/mcp\/\S+/.exec(config)?.[0] ?? "", token);
  for (const [name, path, words] of [
    ["15-overview", "/", "Overview"],
    ["16-servers", "/servers", "Sample shop"],
    ["17-policies", "/policies", "Ten sessions a minute"],
    ["18-grants", "/grants", "Support agent"],
    ["19-decisions", "/decisions", "Live"],
    ["20-api-keys", "/api-keys", "No API key yet"],
    ["21-account", "/account", "Gateway URL"],
    ["22-lost", "/no/such/page", "No such page"],
  ] as const) {
    await page.goto(path);
    await page.getByText(words).first().waitFor();
    await shoot(page, name);
  }
  for (const [name, path, words] of [
    ["30-members", "/members", "(you)"],
    ["31-security", "/security", "this one"],
    ["39-usage", "/usage", "Calls this month"],
    ["32-forgot-password", "/forgot-password", "Send link"],
    ["33-reset-password", "/reset-password#none", "Set password"],
    ["34-verify-email", "/verify-email#none", "Confirm address"],
  ] as const) {
    await page.goto(path);
    await page.getByText(words).first().waitFor();
    await shoot(page, name);
  }
  await page.goto("/usage");
  await page.getByLabel("Plan").selectOption("small");
  await page.getByRole("button", { name: "Change plan" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Change plan" }).click();
  await page.getByText("none left").first().waitFor();
  await shoot(page, "40-usage-full");
  await page.goto("/members");
  await page.getByRole("button", { name: "Invite member" }).click();
  await page.getByLabel("E-mail").fill("grace.hopper@example.com");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const link = await page.getByTestId("invitation-link").innerText();
  await shoot(page, "35-invited");
  await page.goto("/members");
  await page.getByText("Open invitations").first().waitFor();
  await shoot(page, "36-members-invited");
  const guest = await (await newContext(browser)).newPage();
  await guest.goto(link.trim());
  await guest.getByText("invites").waitFor();
  await shoot(guest, "37-accept");
  await page.getByRole("button", { name: /^Account:/ }).click();
  await page.getByRole("menuitem", { name: "New account" }).waitFor();
  await page.screenshot({ path: join(DIRECTORY, "38-switcher-1280-light.png") });
  await page.keyboard.press("Escape");
  await page.goto("/decisions?outcome=denied");
  await page.getByRole("button", { name: "create_session" }).first().click();
  await page.getByText("limit_exceeded").last().waitFor();
  await shoot(page, "23-decision");
  expect(errors).toEqual([]);
});
