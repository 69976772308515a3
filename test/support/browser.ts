/**
 * Debian's browsers for tests of pages: started once for a file, each page in a context of its own. Whatever a page
 * complains of is collected: errors, violations of its content policy, requests to other places.
 *
 * They start slowly, so these tests run only with NORBRIDGE_CAMPAIGN=full, as CI does.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import { effort } from "./effort.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export type BrowserName = "chromium" | "firefox";

const PATHS: Readonly<Record<BrowserName, readonly string[]>> = {
  chromium: ["/usr/bin/chromium", "/usr/bin/chromium-browser"],
  firefox: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
};

function pathOf(name: BrowserName): string | undefined {
  return PATHS[name].find((path) => existsSync(path));
}

/** Why a test with a browser does not run now; undefined if it does. */
export function browserMissing(name: BrowserName): string | undefined {
  if (!effort(false, true)) return "tests with a browser run with NORBRIDGE_CAMPAIGN=full";
  return pathOf(name) === undefined ? `${name} is not installed` : undefined;
}

/** Builds the pages if their sources have changed; a few milliseconds if not. */
export function buildPages(): void {
  const built = spawnSync(process.execPath, [".ci/pages.mjs"], { cwd: ROOT, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`the pages cannot be built: ${built.stderr}`);
}

/** A browser that a test has started. */
export interface TestBrowser {
  readonly name: BrowserName;
  readonly browser: Browser;
  close(): Promise<void>;
}

const CHROMIUM_ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update", "--force-color-profile=srgb"],
];

/** Starts a browser with an empty profile. `preferences` are those of Firefox. */
export async function startBrowser(
  name: BrowserName,
  preferences: Readonly<Record<string, boolean>> = {},
): Promise<TestBrowser> {
  const executablePath = pathOf(name);
  if (executablePath === undefined) throw new Error(`${name} is not installed`);
  const { default: puppeteer } = await import("puppeteer-core");
  const profile = mkdtempSync(join(tmpdir(), `norbridge-${name}-`));
  const browser =
    name === "chromium"
      ? await puppeteer.launch({ executablePath, userDataDir: profile, args: CHROMIUM_ARGUMENTS })
      : await puppeteer.launch({
          ...({ browser: "firefox", executablePath, userDataDir: profile } as const),
          extraPrefsFirefox: { ...preferences },
        });
  return {
    name,
    browser,
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A page, and what was wrong with it so far. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts, messages of level "error", violations of the policy, requests to other origins. */
  readonly complaints: string[];
}

export interface OpenPageOptions {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Pixels of a picture for one of the page. */
  readonly scale?: number | undefined;
  readonly theme?: "light" | "dark" | undefined;
  /** Complaints that the test brings about: a message that matches is left out. */
  readonly expected?: RegExp | undefined;
}

// In the words of the page: the tests have no types of a browser.
const COLLECT_VIOLATIONS = `
  document.addEventListener("securitypolicyviolation", (event) => {
    policyViolations.push("policy: " + event.violatedDirective + " " + event.blockedURI);
  });`;

/** Opens an address in a context of its own, so that nothing stays from another page. */
export async function openPage(tested: TestBrowser, url: string, options: OpenPageOptions = {}): Promise<WatchedPage> {
  const context = await tested.browser.createBrowserContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  const complain = (text: string): void => {
    if (options.expected?.test(text) !== true) complaints.push(text);
  };
  page.on("pageerror", (error) => complain(`error: ${error instanceof Error ? error.message : String(error)}`));
  page.on("console", (message) => {
    if (message.type() === "error") complain(`console: ${message.text()}`);
  });
  const { origin } = new URL(url);
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) complain(`request: ${request.url()}`);
  });
  const { width = 1280, height = 800, scale = 1 } = options;
  await page.setViewport({ width, height, deviceScaleFactor: scale });
  if (tested.name === "chromium") {
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: options.theme ?? "light" },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
  }
  await page.evaluateOnNewDocument(`globalThis.policyViolations = []; ${COLLECT_VIOLATIONS}`);
  await page.goto(url);
  return { page, complaints };
}

/** All complaints, with the violations that the page itself was told of. */
export async function allComplaints({ page, complaints }: WatchedPage): Promise<readonly string[]> {
  return [...complaints, ...((await page.evaluate("policyViolations")) as string[])];
}

/** The text that a person sees. */
export async function visibleText({ page }: WatchedPage): Promise<string> {
  return (await page.evaluate("document.body.innerText")) as string;
}

const MOST_MS = 20_000;

/** Waits until `test` is true. Throws what `describe` says if it is not in time. */
export async function until(test: () => Promise<boolean>, describe: () => Promise<string>): Promise<void> {
  const deadline = Date.now() + MOST_MS;
  while (!(await test())) {
    if (Date.now() > deadline) throw new Error(await describe());
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Waits until the text of the page matches. */
export async function waitForText(watched: WatchedPage, pattern: RegExp): Promise<void> {
  await until(
    async () => pattern.test(await visibleText(watched)),
    async () => `${String(pattern)} is not on the page:\n${await visibleText(watched)}`,
  );
}
