// What an account uses and may: the numbers of real calls, a smaller plan, and what it refuses.
import { afterAll, expect, it } from "vitest";

import { launch, newContext, watchErrors } from "../browser";
import { connect } from "../call";
import { TEN_A_MINUTE } from "../policies";
import {
  fillNewServer,
  heading,
  mintGrant,
  paste,
  registerSample,
  saveNewPolicy,
  signUp,
} from "../steps";

const browser = await launch();
afterAll(() => browser.close());

const SESSION = { amount: 1000, currency: "EUR" };

it("shows what was used, and refuses plainly what is beyond the plan", async () => {
  const page = await (await newContext(browser)).newPage();
  const errors = watchErrors(page);
  await signUp(page, "Usage");
  await page.goto("/usage");
  await page.getByText("There were no calls this month.").waitFor();

  await registerSample(page);
  await page.getByRole("link", { name: "Write policy" }).click();
  await paste(page, TEN_A_MINUTE);
  await saveNewPolicy(page, "Ten sessions a minute");
  const token = await mintGrant(page, "Counted agent");
  const config = await page.getByRole("group", { name: "Terminal" }).innerText();
  const agent = await connect(/http\S+\/mcp\/\S+/.exec(config)?.[0] ?? "", token);
  for (let call = 0; call < 2; call++) await agent.call("create_session", SESSION);
  await agent.call("delete_customer", {});

  await page.goto("/usage");
  const said = (name: string) => page.getByRole("listitem").filter({ hasText: name });
  await said("Servers").getByText("1, not limited").waitFor();
  await said("Calls this month").getByText("2, not limited").waitFor();
  const facts = async () =>
    (await page.locator("dl").last().innerText()).split("\n").map((line) => line.trim());
  expect(await facts()).toEqual(expect.arrayContaining(["Allowed", "2", "Denied", "1"]));
  expect(await page.getByRole("row", { name: /^\d{4}-\d\d-\d\d 2 1$/ }).count()).toBe(1);

  await page.getByLabel("Plan").selectOption("small");
  await page.getByText("1 server, 3 calls a month, 5 calls at once.").waitFor();
  await page.getByRole("button", { name: "Change plan" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Change plan" }).click();
  await page.getByText("The account is on the plan small now.").waitFor();
  await said("Servers").getByText("1 of 1, none left").waitFor();
  await said("Calls at once, now").getByText("0 of 5").waitFor();

  await fillNewServer(page, "One too many");
  await page
    .getByText(/^The plan small of this account allows 1 server: there is no room/)
    .waitFor();
  await heading(page, "Register server");

  const answers = [];
  for (let call = 0; call < 4; call++) answers.push(await agent.call("create_session", SESSION));
  await agent.close();
  expect(answers.map(({ denied }) => denied)).toEqual([false, false, false, true]);
  expect(answers[3]?.text).toContain("the plan `small` of this account allows 3 calls a month");
  await page.goto("/usage");
  await said("Calls this month").getByText("none left").waitFor();
  expect(errors).toEqual([]);
});
