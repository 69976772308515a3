/**
 * The page that programs chips, in Chromium on its own simulator: the whole flow and the same result as in Node.js, a blocked
 * page, a second window, the keyboard alone, no complaint, axe in both themes.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { openChip } from "../../src/index.ts";
import { createRandom } from "../../src/sim/random.ts";
import { type ChipPageServer, serveChipPage } from "../../src/station-server/chip-page-server.ts";
import { pageFolder, readPage } from "../../src/station-server/page-files.ts";
import {
  allComplaints,
  browserMissing,
  type BrowserName,
  buildPages,
  openPage,
  startBrowser,
  type TestBrowser,
  until,
  waitForText,
  type WatchedPage,
} from "../support/browser.ts";
import { describeUnless } from "../support/needs.ts";

const AXE = readFileSync(fileURLToPath(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url)), "utf8");
const folder = mkdtempSync(join(tmpdir(), "norbridge-page-"));
let tested: TestBrowser;
let server: ChipPageServer;

function contentOf(seed: number, lengthBytes: number): Uint8Array {
  const random = createRandom(seed);
  return Uint8Array.from({ length: lengthBytes }, () => random.nextUint32() & 0xff);
}

function fileWith(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Presses the button whose text starts so. */
async function press({ page }: WatchedPage, text: string): Promise<void> {
  const script = `(() => {
    const button = [...document.querySelectorAll("button")].find((one) => one.textContent.trim().startsWith(${JSON.stringify(text)}));
    if (button === undefined || button.getAttribute("aria-disabled") === "true") return false;
    button.click();
    return true;
  })()`;
  await until(
    async () => (await page.evaluate(script)) as boolean,
    () => Promise.resolve(`there is no button "${text}" that can be pressed`),
  );
}

async function choose({ page }: WatchedPage, path: string): Promise<void> {
  const found: unknown = await page.$("input[type=file]");
  const input = found as { uploadFile(path: string): Promise<void> } | null;
  await input?.uploadFile(path);
}

async function connected(options: Parameters<typeof openPage>[2] = {}): Promise<WatchedPage> {
  const watched = await openPage(tested, server.url, options);
  await press(watched, "Try the simulator");
  await waitForText(watched, /The chip is identified/);
  return watched;
}

/** A page in the same context, as a tab that is opened again: with the files of the one before. */
async function openedAgain({ page, complaints }: WatchedPage): Promise<WatchedPage> {
  const next = await page.browserContext().newPage();
  await next.goto(server.url);
  return { page: next, complaints };
}

/** What the page saves as a file, as bytes, instead of a download. */
async function savedBytes(watched: WatchedPage, act: () => Promise<void>): Promise<Uint8Array> {
  await watched.page.evaluate(`globalThis.saved = undefined;
    URL.createObjectURL = (blob) => { blob.arrayBuffer().then((all) => { saved = [...new Uint8Array(all)]; }); return "#"; };`);
  await act();
  await until(
    async () => (await watched.page.evaluate("saved !== undefined")) as boolean,
    () => Promise.resolve("nothing was saved"),
  );
  return Uint8Array.from((await watched.page.evaluate("saved")) as number[]);
}

async function violations(watched: WatchedPage, theme: "light" | "dark"): Promise<readonly string[]> {
  await watched.page.evaluate(`document.documentElement.dataset.theme = "${theme}"`);
  await watched.page.evaluate(AXE);
  const found = (await watched.page.evaluate("axe.run().then(({ violations }) => violations)")) as {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

function suite(name: BrowserName): void {
  beforeAll(async () => {
    buildPages();
    tested = await startBrowser(name);
  });
  beforeEach(async () => {
    server = await serveChipPage(await readPage(pageFolder("chip")), 0);
  });
  afterEach(async () => {
    await server.close();
  });
  afterAll(async () => {
    await tested.close();
  });

  it("writes, verifies, compares and reads what the same job in Node.js leaves on the chip", async () => {
    const image = contentOf(1, 40_000);
    const watched = await connected();
    await choose(watched, fileWith("image.bin", image));
    await waitForText(watched, /Plan: erase 0 blocks .*program 40,000 bytes/);
    await press(watched, "Write");
    await waitForText(watched, /Written and verified: 40,000 bytes/);
    await press(watched, "Verify");
    await waitForText(watched, /The chip holds the image: 40,000 bytes are the same/);
    await press(watched, "Compare");
    await waitForText(watched, /No byte differs/);
    const read = await savedBytes(watched, () => press(watched, "Read the whole chip"));

    const chip = await openChip("sim:AT25SF041");
    const report = await chip.write(image);
    expect(Buffer.compare(read, await chip.read())).toBe(0);
    await chip.close();
    expect(await watched.page.evaluate("document.body.innerText")).toContain(chip.identity.jedecId);
    await press(watched, "Write");
    await waitForText(watched, new RegExp(`SHA-256 ${report.sha256}`));
    expect(await allComplaints(watched)).toEqual([]);
  });

  it("needs no pointer, tells of a second window, and has no fault that axe knows in either theme", async () => {
    const watched = await openPage(tested, server.url);
    await waitForText(watched, /Try the simulator/);
    const focused = `document.activeElement.textContent.trim()`;
    for (let tabs = 0; tabs < 20 && (await watched.page.evaluate(focused)) !== "Try the simulator"; tabs++) {
      await watched.page.keyboard.press("Tab");
    }
    await watched.page.keyboard.press("Enter");
    await waitForText(watched, /The chip is identified/);
    const second = await openedAgain(watched);
    await waitForText(second, /open in another window/);
    await second.page.close();
    for (const theme of ["light", "dark"] as const) expect(await violations(watched, theme)).toEqual([]);
    expect(await allComplaints(watched)).toEqual([]);
  });
}

describeUnless(browserMissing("chromium"))("the page in Chromium", () => {
  suite("chromium");

  it("a page that is blocked for 4 s in the middle of a write changes nothing", async () => {
    const watched = await connected();
    await choose(watched, fileWith("image.bin", contentOf(3, 64 * 1024)));
    await waitForText(watched, /Plan: /);
    await press(watched, "Write");
    await watched.page.evaluate("{ const end = performance.now() + 4000; while (performance.now() < end); }");
    await waitForText(watched, /Written and verified: 65,536 bytes/);
    expect(await allComplaints(watched)).toEqual([]);
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
