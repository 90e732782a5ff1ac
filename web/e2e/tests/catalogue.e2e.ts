// From a public page of the catalogue, as nobody, to a gateway URL under the policy that was read there.
import { afterAll, expect, it } from "vitest";

import { launch, newContext, SAMPLE_URL, watchErrors } from "../browser";
import { connect } from "../call";
import { heading, mintGrant, newEmail, PASSWORD } from "../steps";

const browser = await launch();
afterAll(() => browser.close());

it("reads about a tool without an account and ends with its policy in force", async () => {
  const context = await newContext(browser);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  const errors = watchErrors(page);

  await page.goto("/catalogue");
  await page.getByRole("searchbox", { name: "Search" }).fill("checkout session");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: "create_session" }).first().click();
  await heading(page, "create_session");
  await page.getByText("high risk").first().waitFor();
  const shown = await page.getByLabel("policy.json").first().innerText();
  await page.getByRole("button", { name: "Copy" }).first().click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);

  // Nobody is signed in: an account first, then where the link leads.
  await page.getByRole("link", { name: "Use this policy" }).click();
  await heading(page, "Create an account");
  await page.getByLabel("E-mail").fill(newEmail());
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("Account name").fill("Reader");
  await page.getByRole("button", { name: "Create account" }).click();

  // A policy needs a server; the catalogue knows where this one answers.
  await heading(page, "Write policy");
  await page.getByText("A policy needs a server").waitFor();
  await page.getByRole("main").getByRole("link", { name: "Register server" }).click();
  await heading(page, "Register server");
  expect(await page.getByLabel("URL").inputValue()).toBe(SAMPLE_URL);
  await page.getByRole("button", { name: "Register server" }).click();

  await heading(page, "Write policy");
  const editor = page.getByRole("textbox", { name: "Policy document" });
  await expect.poll(() => editor.innerText()).toContain("create_session_rate");
  await page.getByText("The document is valid.").waitFor();
  await page.getByRole("button", { name: "Save policy" }).click();
  await page.getByText("Version 1, in use by no grant yet.").waitFor();
  const token = await mintGrant(page, "Reader's agent");
  const config = await page.getByRole("group", { name: "Terminal" }).innerText();
  const agent = await connect(/http\S+\/mcp\/\S+/.exec(config)?.[0] ?? "", token);
  expect(await agent.tools()).toEqual(["create_session"]);
  const call = () => agent.call("create_session", { amount: 1000, currency: "EUR" });
  for (let calls = 0; calls < 10; calls++) expect((await call()).denied).toBe(false);
  expect((await call()).denied).toBe(true);
  await agent.close();

  // Who is signed in goes straight to a policy that begins with the recommended one.
  await page.goto("/catalogue?q=create_widget_token");
  await page.getByRole("link", { name: "create_widget_token" }).first().click();
  await page.getByRole("link", { name: "Use this policy" }).click();
  await heading(page, "Write policy");
  await expect.poll(() => editor.innerText()).toContain("create_widget_token_rate");
  expect(errors).toEqual([]);
});

it("reads the same without a script", async () => {
  const quiet = await newContext(browser, { javaScriptEnabled: false });
  const page = await quiet.newPage();
  await page.goto("/catalogue?category=execute");
  await page.getByRole("link", { name: "create_session" }).first().click();
  await heading(page, "create_session");
  await page.getByRole("heading", { name: "How do I block create_session completely?" }).waitFor();
  await page.getByRole("link", { name: "Runaway loop" }).click();
  await heading(page, "Runaway loop");
});
