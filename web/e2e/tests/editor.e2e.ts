// What the editor completes, and what the form beside it writes.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";

import { launch, newContext } from "../browser";
import { paste, registerSample, signUp } from "../steps";

const browser = await launch();
let page: Page;

beforeAll(async () => {
  page = await (await newContext(browser)).newPage();
  await signUp(page, "Editor");
  await registerSample(page);
  await page.getByRole("link", { name: "Write policy" }).click();
});
afterAll(() => browser.close());

const text = () => page.locator(".cm-content").innerText();

async function complete(document: string, moves: string[]): Promise<string[]> {
  await paste(page, document);
  for (const key of moves) await page.keyboard.press(key);
  await page.keyboard.press("Control+Space");
  const options = page.locator(".cm-tooltip-autocomplete li");
  await options.first().waitFor();
  return options.allInnerTexts();
}

it("completes members, values, tools and paths of arguments", async () => {
  const members = await complete('{ "version": "1",  }', ["ArrowLeft", "ArrowLeft"]);
  expect(members.some((option) => option.includes("default"))).toBe(true);
  expect(members.some((option) => option.includes("version"))).toBe(false);
  await page.keyboard.press("Escape");

  const values = await complete('{ "default":  }', ["ArrowLeft", "ArrowLeft"]);
  expect(values).toEqual(expect.arrayContaining([expect.stringContaining('"deny"')]));
  await page.keyboard.press("Escape");

  const tools = await complete('{ "tools": {  } }', [
    "ArrowLeft",
    "ArrowLeft",
    "ArrowLeft",
    "ArrowLeft",
  ]);
  expect(tools).toEqual(expect.arrayContaining([expect.stringContaining("create_session")]));
  await page.keyboard.press("Escape");

  const inPath =
    '{ "tools": { "create_session": { "deny_if": [{ "conditions": [{ "path": "" }] }] } } }';
  const paths = await complete(
    inPath,
    Array.from({ length: 14 }, () => "ArrowLeft"),
  );
  expect(paths).toEqual(expect.arrayContaining([expect.stringContaining('"args.')]));
  await page.keyboard.press("Escape");
});

it("writes rules into the document and keeps what it does not know", async () => {
  const limits = '"limits": [{ "counter": "c", "window": "minute", "max": 10.50 }]';
  await paste(
    page,
    `{ "version": "1", "default": "deny", "tools": { "create_session": { ${limits} } } }`,
  );
  await page.getByRole("tab", { name: "Rules" }).click();
  await page.getByLabel("What happens to create_session").selectOption("deny");
  await page.getByLabel("Reason for create_session").fill("Ask the shop first.");
  await page.getByLabel("What happens to create_widget_token").selectOption("allow");
  await page.getByLabel("Most calls of create_widget_token").fill("10");
  await page
    .getByText("The document is valid.")
    .or(page.getByText(/^\d+ warnings?$/))
    .waitFor();
  await page.getByRole("tab", { name: "JSON" }).click();
  const written = await text();
  expect(written).toContain(limits);
  expect(JSON.parse(written).tools).toEqual({
    create_session: {
      limits: [{ counter: "c", window: "minute", max: 10.5 }],
      action: "deny",
      reason: "Ask the shop first.",
    },
    create_widget_token: { rate_limit: { max: 10, window: 60 } },
  });
});
