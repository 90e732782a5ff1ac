// A real Chromium against a running gateway. What the page logs as an error fails the test at its end.
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must be set`);
  return value.replace(/\/$/, "");
}

export const OSTIARY_URL = required("OSTIARY_URL");
/** A URL at which the sample MCP server answers. */
export const SAMPLE_URL = required("OSTIARY_SAMPLE_URL");

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["OSTIARY_CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    args: ARGS,
  });
}

export interface Look {
  theme?: "light" | "dark";
  width?: number;
  height?: number;
  /** Off for a browser that runs no scripts. */
  javaScriptEnabled?: boolean;
}

export async function newContext(browser: Browser, look: Look = {}): Promise<BrowserContext> {
  const { theme = "light", width = 1280, height = 900, javaScriptEnabled = true } = look;
  const context = await browser.newContext({
    baseURL: OSTIARY_URL,
    colorScheme: theme,
    viewport: { width, height },
    reducedMotion: "reduce",
    javaScriptEnabled,
  });
  context.setDefaultTimeout(15_000);
  return context;
}

/**
 * Collects what goes wrong in a page. An answer of the API that is no 2xx is logged by the browser as a failed resource;
 * those are expected answers, and shown by the dashboard in its own words.
 */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  return errors;
}
