// The whole way of a newcomer: from signing up to seeing the first call denied.
import { afterAll, expect, it } from "vitest";

import { launch, newContext, OSTIARY_URL, watchErrors } from "../browser";
import { connect } from "../call";
import { TEN_A_MINUTE, THIRTY_TOKENS, WITH_MISTAKES } from "../policies";
import { heading, mintGrant, paste, registerSample, saveNewPolicy, signUp } from "../steps";

const browser = await launch();
afterAll(() => browser.close());

it("leads from sign-up to the first denied call, seen as it happens", async () => {
  const page = await (await newContext(browser)).newPage();
  const errors = watchErrors(page);

  // What follows is without errors under this policy, which leaves no room for another host or an inline script.
  const front = await page.request.get("/");
  expect(front.headers()["content-security-policy"]).toContain("default-src 'self'");

  await signUp(page, "Journey");
  await page.getByRole("link", { name: "Register server" }).click();
  await heading(page, "Register server");
  await registerSample(page);
  await page.getByRole("link", { name: "create_widget_token", exact: true }).waitFor();

  // The recommended policy of a tool is the start of one's own; mistakes are shown at their place.
  await page.getByRole("link", { name: "create_session", exact: true }).click();
  await page.getByRole("link", { name: "Use this policy" }).click();
  await paste(page, WITH_MISTAKES);
  await page.getByText(/^2 errors/).waitFor();
  await expect
    .poll(() => page.locator(".cm-lintRange-error").allInnerTexts())
    .toEqual(['"refuse"', "-10"]);
  await page.getByRole("button", { name: /line 10$/ }).click();
  await expect.poll(() => page.evaluate(() => getSelection()?.toString())).toBe("-10");
  await page.getByRole("button", { name: "Save policy" }).click();
  await page.getByText("The document has errors. Nothing was saved.").waitFor();

  await paste(page, TEN_A_MINUTE);
  await saveNewPolicy(page, "Ten sessions a minute");
  const token = await mintGrant(page, "Journey agent");
  const config = await page.getByRole("group", { name: "Terminal" }).innerText();
  expect(config).toContain(`--header "Authorization: Bearer ${token}"`);
  const gatewayUrl = /http\S+\/mcp\/\S+/.exec(config)?.[0] ?? "";
  expect(gatewayUrl.startsWith(`${OSTIARY_URL}/mcp/`)).toBe(true);

  // The agent works while its decisions are watched.
  await page.getByRole("link", { name: "Watch its decisions" }).click();
  await page.getByText("Live: new decisions appear on top.").waitFor();
  const agent = await connect(gatewayUrl, token);
  expect(await agent.tools()).toEqual(["create_session"]);
  const answers = [];
  for (let call = 0; call < 11; call++) {
    answers.push(
      await agent.call("create_session", {
        amount: 1000,
        currency: "EUR",
        reference: `order-${call}`,
      }),
    );
  }
  await agent.close();
  expect(answers.slice(0, 10).filter((answer) => answer.text.includes("[POLICY DENIED]"))).toEqual(
    [],
  );
  expect(answers[10]?.denied).toBe(true);
  expect(answers[10]?.text).toMatch(/^\[POLICY DENIED\] .*try again in/);

  const denied = page.locator('tr[data-outcome="denied"]');
  await denied.first().waitFor();
  expect(await denied.first().innerText()).toContain("limit_exceeded");
  await denied.first().getByRole("button", { name: "create_session" }).click();
  const drawer = page.getByRole("dialog", { name: "Decision" });
  await drawer.getByText("/tools/create_session/limits/0").waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });

  expect(errors).toEqual([]);
});

it("saves the document of the other seed page as it is pasted", async () => {
  const page = await (await newContext(browser)).newPage();
  await signUp(page, "Paste");
  await registerSample(page);
  await page.getByRole("link", { name: "Write policy" }).click();
  await paste(page, THIRTY_TOKENS);
  await saveNewPolicy(page, "Thirty tokens");
  expect(await page.locator(".cm-content").innerText()).toContain('"max": 30,');
});

it("shows who came first when two people save one policy", async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  await signUp(page, "Conflict");
  await registerSample(page);
  await page.getByRole("link", { name: "Write policy" }).click();
  await paste(page, TEN_A_MINUTE);
  await saveNewPolicy(page, "Shared");
  const other = await context.newPage();
  await other.goto(page.url());
  await paste(other, TEN_A_MINUTE.replace("10", "9"));
  await other.getByRole("button", { name: "Save new version" }).click();
  await other.getByText(/^Version 2,/).waitFor();
  await other.close();

  await paste(page, TEN_A_MINUTE.replace("10", "8"));
  await page.getByRole("button", { name: "Save new version" }).click();
  const dialog = page.getByRole("dialog", { name: "Somebody else has saved this policy" });
  await dialog.getByText('"max": 9,').waitFor();
  await dialog.getByRole("button", { name: "Save mine as version 3" }).click();
  await page.getByText(/^Version 3,/).waitFor();

  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("button", { name: /^Version 1/ }).click();
  await page.getByRole("button", { name: "Roll back to version 1" }).click();
  await page.getByRole("button", { name: "Roll back", exact: true }).click();
  await page.getByRole("button", { name: /^Version 4/ }).waitFor();
});
