/**
 * A region with more than one log: none of them is taken without a word. And `--since` with the times that a log itself
 * keeps.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "../../src/cli/program/run-cli.ts";
import { realClock } from "../../src/clock.ts";
import { goldenBytes } from "../storage/support/golden.ts";
import { packedGolden } from "../storage/support/packed-golden.ts";
import { effort } from "../support/effort.ts";
import { fakeIo, jsonLines } from "../support/fake-io.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-logs-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** 64 KiB a log, in this order. */
const PLACE_BYTES = 0x10000;
const LOGS = {
  fcb: goldenBytes("mynewt-log/fcb-log3-a4-hash-few.bin.gz"),
  fcb2: goldenBytes("mynewt-log/fcb2-log3-a8-hash-few.bin.gz"),
  "px-log-fs": goldenBytes("px-log-fs/nr-rollover.bin"),
  "flashdb-tsdb": packedGolden("flashdb").image("tsdb-g1-t32-status"),
} as const;
type Layout = keyof typeof LOGS;
const LAYOUTS = Object.keys(LOGS) as Layout[];

function flashOf(layouts: readonly Layout[]): Uint8Array {
  const flash = new Uint8Array(PLACE_BYTES * LAYOUTS.length).fill(0xff);
  for (const layout of layouts) flash.set(LOGS[layout], LAYOUTS.indexOf(layout) * PLACE_BYTES);
  return flash;
}

async function run(flash: Uint8Array, ...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const path = join(folder, "dump.bin");
  writeFileSync(path, flash);
  const io = fakeIo({ cwd: folder, env: { XDG_STATE_HOME: join(folder, "state") } });
  const code = await runCli([...words, "-p", `image:${path}`], { ...io, clock: realClock });
  expect(Buffer.compare(readFileSync(path), flash)).toBe(0);
  return { code, out: io.stdout.text, err: io.stderr.text };
}

function layoutOf({ out }: { out: string }): unknown {
  return jsonLines(out).at(-1)?.["layout"];
}

const ALL_PAIRS = LAYOUTS.flatMap((one, index) => LAYOUTS.slice(index + 1).map((other) => [one, other] as const));
const PAIRS = effort(ALL_PAIRS.slice(0, 1).concat(ALL_PAIRS.slice(-1)), ALL_PAIRS);

describe.each(PAIRS)("%s and %s", (one, other) => {
  const flash = flashOf([one, other]);

  it("log read names both and asks; log info shows one that can be written to, and names the other", async () => {
    const read = await run(flash, "log", "read");
    expect([read.code, read.out]).toEqual([9, ""]);
    expect(read.err).toContain("there are 2 logs");
    for (const layout of [one, other]) expect(read.err).toMatch(new RegExp(`${layout}( at|\n|, )`));
    expect(read.err).toMatch(/--range.*--layout/);
    const info = await run(flash, "log", "info");
    const isShown = one === "fcb" || one === "px-log-fs" || other === "px-log-fs";
    const text = isShown ? `also here: (${one}|${other})` : "there are 2 logs";
    expect([info.code, info.err]).toEqual([isShown ? 0 : 9, expect.stringMatching(new RegExp(text))]);
  });

  it.each([one, other])("--layout and --range select: %s", async (layout) => {
    const range = ["--range", `${LAYOUTS.indexOf(layout) * PLACE_BYTES},64k`];
    const byRange = await run(flash, "log", "read", "--json", ...range);
    expect([byRange.code, layoutOf(byRange)]).toEqual([0, layout]);
    const byLayout = await run(flash, "log", "read", "--json", "--layout", layout);
    expect([byLayout.code, layoutOf(byLayout)]).toEqual([0, layout]);
  });
});

it.each(LAYOUTS)("%s alone is read without a question", async (layout) => {
  const read = await run(flashOf([layout]), "log", "read", "--json");
  expect([read.code, layoutOf(read)]).toEqual([0, layout]);
});

it("two of one layout are several, too", async () => {
  const flash = flashOf(["fcb2"]);
  flash.set(LOGS.fcb2, 3 * PLACE_BYTES);
  const { code, err } = await run(flash, "log", "read");
  expect([code, err]).toEqual([9, expect.stringMatching(/there are 2 logs: fcb2 at 0x010000.*, fcb2 at 0x030000/)]);
});

it("two px_log_fs are several, and each is read by its range", async () => {
  const flash = flashOf(["px-log-fs"]);
  flash.set(LOGS["px-log-fs"], 0);
  const { code, err } = await run(flash, "log", "read");
  expect([code, err]).toEqual([9, expect.stringContaining("there are 2 logs")]);
  const one = await run(flash, "log", "read", "--json", "--range", "0,64k");
  expect([one.code, layoutOf(one)]).toEqual([0, "px-log-fs"]);
});

it("--layout fcb2 says where there is none, and is no layout to write to", async () => {
  const none = await run(flashOf(["px-log-fs"]), "log", "read", "--layout", "fcb2");
  expect([none.code, none.err]).toEqual([9, expect.stringContaining("no FCB2 was found")]);
  const write = await run(flashOf(["fcb2"]), "log", "append", "--layout", "fcb2", "--data", "00");
  expect([write.code, write.err]).toEqual([2, expect.stringContaining("an FCB2 is only read")]);
});

describe("--since", () => {
  it("takes a number for a TSDB, whose times are numbers", async () => {
    const flash = flashOf(["flashdb-tsdb"]);
    const timesOf = (out: string): unknown[] => jsonLines(out).flatMap((line) => line["time"] ?? []);
    const all = timesOf((await run(flash, "log", "read", "--json")).out).map(Number);
    const middle = all[Math.floor(all.length / 2)]!;
    const late = await run(flash, "log", "read", "--json", "--since", String(middle));
    expect(timesOf(late.out)).toEqual(all.filter((time) => time >= middle));
    expect(timesOf((await run(flash, "log", "read", "--json", "--since", "9999999999")).out)).toEqual([]);
  });

  it("refuses a date for it and says which number it would be", async () => {
    const { code, err } = await run(flashOf(["flashdb-tsdb"]), "log", "read", "--since", "2026-01-01");
    expect([code, err]).toEqual([2, expect.stringContaining("--since 1767225600")]);
  });

  it("refuses a number where times are no numbers", async () => {
    const { code, err } = await run(flashOf(["px-log-fs"]), "log", "read", "--since", "1700000000");
    expect([code, err]).toEqual([2, expect.stringContaining("needs a log that keeps numbers as times")]);
  });

  it("goes by the time of Mynewt's records without a struct", async () => {
    const flash = flashOf(["fcb"]);
    const countOf = async (...words: string[]): Promise<number> =>
      (await run(flash, "log", "read", "--format", "csv", ...words)).out.trimEnd().split("\r\n").length - 1;
    const all = await countOf();
    expect(await countOf("--since", "2023-11-14")).toBe(all);
    expect(await countOf("--since", "2023-11-15")).toBe(0);
  });
});
