/** The page of the station in Debian's browsers: 1, 4 and 16 slots, a lost station, the keyboard alone, no complaint. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  allComplaints,
  browserMissing,
  type BrowserName,
  buildPages,
  openPage,
  type OpenPageOptions,
  startBrowser,
  type TestBrowser,
  until,
  visibleText,
  waitForText,
  type WatchedPage,
} from "../support/browser.ts";
import { describeUnless } from "../support/needs.ts";
import { listenOn } from "../../src/transport/listen.ts";
import { serveStation, type ServedStation } from "./served-page.ts";

const open: ServedStation[] = [];
let tested: TestBrowser;

async function serve(slots: number, options: Parameters<typeof serveStation>[1] = {}): Promise<ServedStation> {
  const served = await serveStation(slots, options);
  open.push(served);
  return served;
}

async function show(served: ServedStation, options: OpenPageOptions = {}, place = ""): Promise<WatchedPage> {
  const watched = await openPage(tested, `${served.server.url}${place}`, options);
  return watched;
}

/** What a tile says, in the order of the page. */
async function tileTexts({ page }: WatchedPage): Promise<string[]> {
  const script = `[...document.querySelectorAll(".tile")].map((tile) => tile.innerText.replaceAll("\\n", " "))`;
  return (await page.evaluate(script)) as string[];
}

/** Tiles whose word is too small to be read from three metres, or that are not in sight; 4 mm for each metre. */
async function badTiles({ page }: WatchedPage): Promise<string[]> {
  const script = `[...document.querySelectorAll(".tile")].flatMap((tile) => {
    const word = tile.querySelector(".verdict span");
    const size = parseFloat(getComputedStyle(word).fontSize);
    const box = tile.getBoundingClientRect();
    const isCut = word.getBoundingClientRect().right > box.right || box.bottom > innerHeight || box.right > innerWidth;
    const rest = tile.querySelector(".rest").getBoundingClientRect();
    const isUnder = word.getBoundingClientRect().bottom > rest.top + size * 0.2;
    return size < 34 || isCut || isUnder ? [word.innerText + " " + size + " " + isCut + " " + isUnder] : [];
  })`;
  return (await page.evaluate(script)) as string[];
}

function suite(name: BrowserName): void {
  beforeAll(async () => {
    buildPages();
    tested = await startBrowser(name);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ server }) => server.close()));
  });
  afterAll(async () => {
    await tested.close();
  });

  it("shows 1, 4 and 16 slots, each in sight and readable from far away, and what happens in them at once", async () => {
    for (const slots of [1, 4, 16]) {
      const served = await serve(slots);
      const watched = await show(served, { width: 1920, height: 1080 });
      await waitForText(watched, /INSERT/);
      expect(await tileTexts(watched)).toHaveLength(slots);
      served.station.showEverything();
      await waitForText(watched, /PASS[\s\S]*NB26-000412/);
      if (slots > 1) await waitForText(watched, /FAIL[\s\S]*VERIFY_MISMATCH: 12 bytes differ/);
      expect(await badTiles(watched), `${slots} slots`).toEqual([]);
      served.station.empty("A");
      await waitForText(watched, /^A\b[\s\S]*INSERT/m);
      expect(await allComplaints(watched)).toEqual([]);
      await watched.page.close();
    }
  });

  it("says at once that the station is gone, and goes on when it is back", async () => {
    const served = await serve(4);
    const watched = await show(served, { expected: /ERR_|Failed to load|can.t establish|NetworkError/ });
    await waitForText(watched, /INSERT/);
    const port = Number(new URL(served.server.url).port);
    await served.server.close();
    await waitForText(watched, /No connection to the station[\s\S]*What is shown is old/);
    const again = await serve(4, { port });
    again.station.pass("B", "NB26-000777");
    await waitForText(watched, /NB26-000777/);
    expect(await visibleText(watched)).not.toMatch(/No connection/);
    again.station.pass("C", "NB26-000778");
    await waitForText(watched, /NB26-000778/);
    expect(await allComplaints(watched)).toEqual([]);
  });

  it("takes a scan wherever the focus is, and says if it was wrong", async () => {
    const served = await serve(4);
    const watched = await show(served);
    served.station.scan("A", "NB26-000412");
    await waitForText(watched, /Scan the label of the housing, slot A/);
    await watched.page.focus(".tile button");
    await watched.page.keyboard.type("HS-99 x\n");
    await until(
      () => Promise.resolve(served.station.commands.length > 0),
      () => visibleText(watched),
    );
    await watched.page.keyboard.type("wrong\n");
    await waitForText(watched, /wrong: it is not a label/);
    expect(served.station.commands).toMatchObject([{ kind: "scan", text: "HS-99 x" }, { text: "wrong" }]);
  });
}

describeUnless(browserMissing("firefox"))("the page of the station in Firefox", () => {
  suite("firefox");
});

describeUnless(browserMissing("chromium"))("the page of the station in Chromium", () => {
  suite("chromium");

  describe("with the keyboard alone", () => {
    it("presses a button of a tile, changes the theme, and reaches every view", async () => {
      const served = await serve(2);
      const watched = await show(served);
      served.station.write("A", "NB26-000412");
      await waitForText(watched, /WRITE/);
      await tabTo(watched, "Stop, slot A");
      await watched.page.keyboard.press("Enter");
      await until(
        () => Promise.resolve(served.station.commands.length > 0),
        () => visibleText(watched),
      );
      expect(served.station.commands).toEqual([{ kind: "stop", slot: "A" }]);
      await tabTo(watched, "As the system");
      await watched.page.keyboard.press("ArrowLeft");
      expect(await watched.page.evaluate("document.documentElement.dataset.theme")).toBe("dark");
      await tabTo(watched, "Supervisor");
      await watched.page.keyboard.press("Enter");
      await waitForText(watched, /Yield by hour[\s\S]*VERIFY_MISMATCH/);
      await tabTo(watched, "Sectors that have failed");
      await watched.page.keyboard.press("End");
      await waitForText(watched, /0x07f000 to 0x07ffff, 4 KiB/);
      await tabTo(watched, "Unit");
      await watched.page.keyboard.press("Enter");
      await tabTo(watched, "Serial number");
      await watched.page.keyboard.type("NB26-000412\n");
      await waitForText(watched, /70:B3:D5:00:01:9C/);
      expect(await allComplaints(watched)).toEqual([]);
    });
  });

  it("shows what comes from chips and people as text, and a log of 2,000 records as table and plot", async () => {
    const served = await serve(1);
    const watched = await show(served, {}, "#/unit/NB26-000412");
    await waitForText(watched, /SH-200[\s\S]*<img src=x onerror=alert\(1\)>/);
    await until(
      async () => (await watched.page.$(".plot-area canvas")) !== null,
      () => visibleText(watched),
    );
    expect(await watched.page.$("img")).toBeNull();
    // Of the records only those in sight are elements.
    expect(await watched.page.evaluate(`document.querySelectorAll(".table-window.long tbody tr").length`)).toBeLessThan(
      120,
    );
    await watched.page.evaluate(`document.querySelector(".table-window.long").scrollTop = 1e7`);
    await waitForText(watched, /2026-11-30 \d\d:33:19/);
    expect(await allComplaints(watched)).toEqual([]);
  });

  it("has no violation that axe finds, in both themes, on a phone and on a desk", async () => {
    const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
    const served = await serve(10);
    served.station.showEverything();
    for (const [place, words] of [
      ["", /NOT RECORDED/],
      ["#/report", /Unexplained/],
      ["#/unit/NB26-000412", /12 more records/],
    ] as const) {
      for (const [theme, width] of [
        ["light", 360],
        ["dark", 1280],
      ] as const) {
        const watched = await show(served, { theme, width }, place);
        await waitForText(watched, words);
        await watched.page.evaluate(axe);
        const found = await watched.page.evaluate(`axe.run(document).then(({ violations }) =>
          violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 200)).join(" | ")))`);
        expect(found, `${theme} ${place} ${width}`).toEqual([]);
        expect(await watched.page.evaluate("document.documentElement.scrollWidth"), place).toBeLessThanOrEqual(width);
        await watched.page.close();
      }
    }
  });

  it("lets no page of another origin start anything or read anything", async () => {
    const served = await serve(2);
    const attack = createServer((_, response) => {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>elsewhere</title>");
    });
    try {
      const { port } = await listenOn(attack, "127.0.0.1", 0);
      const { page } = await openPage(tested, `http://127.0.0.1:${port}/`);
      const own = new URL(served.server.url).origin;
      const tried = await page.evaluate(`(async () => {
        const own = ${JSON.stringify(own)};
        const body = JSON.stringify({ kind: "stop", slot: "A" });
        const tell = (promise) => promise.then(() => "let in", () => "refused");
        const forms = [
          fetch(own + "/api/command", { method: "POST", body, headers: { "x-norbridge": "1", "content-type": "application/json" } }),
          fetch(own + "/api/command", { method: "POST", body }),
          fetch(own + "/api/state"),
        ].map(tell);
        await fetch(own + "/api/command", { method: "POST", body, mode: "no-cors" }).catch(() => undefined);
        const source = new EventSource(own + "/api/events");
        forms.push(new Promise((resolve) => {
          source.onerror = () => resolve("refused");
          source.addEventListener("state", () => resolve("let in"));
        }));
        const frame = document.createElement("iframe");
        frame.src = own;
        document.body.append(frame);
        await new Promise((resolve) => (frame.onload = resolve));
        return [...(await Promise.all(forms)), frame.contentDocument === null ? "refused" : "let in"];
      })()`);
      expect(tried).toEqual(Array.from({ length: 5 }, () => "refused"));
      expect(served.station.commands).toEqual([]);
    } finally {
      attack.close();
    }
  });

  it("needs the token where the station has one, and leaves it out of the address", async () => {
    const served = await serve(1, { token: "t0ken" });
    const right = await show(served);
    await waitForText(right, /INSERT/);
    expect(right.page.url()).not.toContain("t0ken");
    expect(await allComplaints(right)).toEqual([]);
    const wrong = await openPage(tested, served.server.url.replace(/#.*/, ""), { expected: /401/ });
    await waitForText(wrong, /This station needs its token/);
    await wrong.page.keyboard.type("t0ken\n");
    await waitForText(wrong, /INSERT/);
  });
});

/** Presses Tab until the element with this name has the focus. */
async function tabTo({ page }: WatchedPage, name: string): Promise<void> {
  const script = `(() => {
    const element = document.activeElement;
    const label = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? element.textContent;
    return label.trim();
  })()`;
  for (let presses = 0; presses < 60; presses++) {
    if (((await page.evaluate(script)) as string).startsWith(name)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${name}`);
}
