/**
 * FCBs of a device that lost its power again and again, of unspecified shape: every whole entry is found, and what is
 * added is where the device and the next reader find it, or nothing is changed. Images are made, and read as a device reads
 * them, by code of their own.
 */
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { createRandom, type Random } from "../../../src/sim/random.ts";
import { CircularBuffer } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import type { FcbHints, LogFinding } from "../../../src/storage/log-finding.ts";
import { recogniseLog } from "../../../src/storage/recognise-log.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";
import { zephyrEntries, type ZephyrShape, ZephyrWriter } from "../support/zephyr-fcb.ts";

const MAGIC = 0x12345678;
const ALIGNMENTS = [1, 2, 4, 8, 16] as const;
const SECTORS = [4096, 8192, 16_384, 32_768] as const;
const ERASE_BYTES = 4096;

interface Case {
  readonly name: string;
  readonly shape: ZephyrShape;
  readonly cells: Uint8Array;
  /** As hex, oldest first. */
  readonly good: readonly string[];
  readonly torn: number;
}

type Said = Partial<FcbHints> & { readonly sectorBytes?: number };

async function recognised(region: NorRegion, said: Said): Promise<LogFinding> {
  const { sectorBytes, ...fcb } = said;
  const none = { magic: undefined, version: undefined, alignBytes: undefined, scratchSectors: undefined, hasCrc: true };
  const nothing = { pageBytes: undefined, blockPages: undefined, recordBytes: undefined };
  const logFs = { ...nothing, whenFull: undefined, format: undefined };
  return recogniseLog(region, { layout: "fcb", sectorBytes, fcb: { ...none, ...fcb }, logFs });
}

async function opened(finding: LogFinding, region: NorRegion): Promise<CircularBuffer> {
  if (finding.layout !== "fcb") throw new Error("no FCB");
  return CircularBuffer.mount(region, finding.options);
}

async function recordsOf(log: CircularBuffer): Promise<string[]> {
  const found: string[] = [];
  for await (const item of log.records()) if (item.kind === "record") found.push(toHex(item.data));
  return found;
}

/** What is in `found` of `wanted`, in the order of `found`. */
function among(found: readonly string[], wanted: readonly string[]): readonly string[] {
  const set = new Set(wanted);
  return found.filter((one) => set.has(one));
}

const NEW = Uint8Array.of(0xa1, 0x5e, 0x77, 0x03, 0xcc, 0x19);

/** Appends as the command line does. "added", or why not; the flash is held against what a device sees. */
async function append({ shape, cells, good }: Case, said: Said): Promise<string> {
  const region = new NorRegion({ eraseBytes: ERASE_BYTES, cells });
  try {
    const finding = await recognised(region, said);
    if (finding.sureness !== "told" && finding.sureness !== "certain") return "refused: doubts";
    await (await opened(finding, region)).append(NEW);
  } catch (error) {
    // A ring may be full.
    if (!(error instanceof NorbridgeError && error.code === "ENOSPC")) {
      expect(error).toMatchObject({ code: "LAYOUT_MISMATCH" });
      const { remedies } = error as NorbridgeError;
      expect(remedies.some((one) => typeof one === "object" || one.startsWith("set-"))).toBe(true);
    }
    expect(region.changes).toEqual([]);
    return `refused: ${(error as Error).message}`;
  }
  expect(region.violations).toEqual([]);
  const wanted = [...good, toHex(NEW)];
  const seen = zephyrEntries(region.cells, shape)?.map(toHex);
  if (seen === undefined || among(seen, wanted).join() !== wanted.join()) return "added where no device sees it";
  const again = await recordsOf(await opened(await recognised(region, said), region));
  if (among(again, wanted).join() !== wanted.join()) return "added where the next reader does not see it";
  return "added";
}

/** This many true and this many false ones, in any order. */
function shuffled(random: Random, good: number, torn: number): boolean[] {
  const kinds: boolean[] = [];
  for (let [trues, falses] = [good, torn]; trues + falses > 0; ) {
    const isTrue = random.intBelow(trues + falses) < trues;
    kinds.push(isTrue);
    if (isTrue) trues--;
    else falses--;
  }
  return kinds;
}

/** An FCB with this many whole entries and torn ones, in any order. */
function caseOf(random: Random, good: number, torn: number, alignBytes: number, sectorBytes: number, most = 40): Case {
  const shape = { sectorBytes, sectorCount: 4, alignBytes, magic: MAGIC };
  const writer = new ZephyrWriter(shape, random.pick([0, 7, 65_534]));
  const kinds = shuffled(random, good, torn);
  const written: string[] = [];
  const tears: number[] = [];
  for (const isGood of kinds) {
    const data = random.bytes(1 + random.intBelow(most));
    const all = writer.elementBytes(data.length);
    // All of its length field at least: else there is nothing, or a device that does not start.
    const least = data.length < 0x80 ? 1 : 2;
    const tornBytes = isGood ? undefined : least + random.intBelow(all - alignBytes - least + 1);
    if (!writer.append(data, tornBytes)) break;
    if (isGood) written.push(toHex(data));
    else tears.push(tornBytes ?? 0);
  }
  const name = `${good} whole, ${torn} torn at ${tears.join(" ")}, align ${alignBytes}, sectors of ${sectorBytes}`;
  return { name, shape, cells: writer.cells, good: written, torn };
}

/** Nothing specified, and the magic alone. */
async function checkGuessed(one: Case): Promise<string> {
  let answer = "";
  for (const said of [{}, { magic: MAGIC }]) {
    const region = new NorRegion({ eraseBytes: ERASE_BYTES, cells: one.cells });
    const found = await recordsOf(await opened(await recognised(region, said), region));
    expect(among(found, one.good), `${one.name}: read`).toEqual(one.good);
    expect(region.changes).toEqual([]);
    answer = await append(one, said);
    expect(answer, one.name).toMatch(/^added$|^refused/);
  }
  return answer;
}

/** The right shape is taken, whatever is torn; another is refused where one whole entry speaks against it. */
async function checkTold(one: Case, otherAlign: number): Promise<string> {
  const { alignBytes, sectorBytes } = one.shape;
  const answer = await append(one, { magic: MAGIC, alignBytes, sectorBytes });
  if (one.good.length > 0) expect(answer, `${one.name}: told`).toMatch(/^added$|no sector is free/);
  const wrong = await append(one, { magic: MAGIC, alignBytes: otherAlign, sectorBytes });
  if (one.good.length > 0) expect(wrong, `${one.name}, told align ${otherAlign}`).toMatch(/^refused/);
  return answer;
}

describe("whole and torn entries in any number and order", () => {
  it.each(ALIGNMENTS)("write alignment %d", { timeout: 300_000 }, async (alignBytes) => {
    const random = createRandom("torn entries").branch(String(alignBytes));
    let cases = 0;
    let added = 0;
    let refusedAsTold = 0;
    for (let good = 0; good <= 12; good++) {
      for (let torn = effort(good % 4, 0); torn <= 12; torn += effort(4, 1)) {
        for (const sectorBytes of effort<readonly number[]>([random.pick(SECTORS)], SECTORS)) {
          const one = caseOf(random, good, torn, alignBytes, sectorBytes);
          if ((await checkGuessed(one)) === "added") added++;
          const others = [...ALIGNMENTS, 32].filter((other) => other !== alignBytes);
          const told = await checkTold(one, random.pick(others));
          if (told !== "added") refusedAsTold++;
          cases++;
        }
      }
    }
    sayCount(`FCB, align ${alignBytes}: ${cases} images, ${added} guessed rightly enough to add to`);
    // Where nothing whole is in it, chance may speak against what was told, once in some twenty.
    expect(refusedAsTold).toBeLessThanOrEqual(Math.ceil(cases / 100));
    expect(added).toBeGreaterThan(cases / 10);
  });

  it("entries over several sectors: their length is seen from the headers", { timeout: 120_000 }, async () => {
    const random = createRandom("torn entries, long");
    for (let round = 0; round < effort(25, 400); round++) {
      const sectorBytes = random.pick(SECTORS);
      const one = caseOf(
        random,
        4 + random.intBelow(9),
        random.intBelow(12),
        random.pick(ALIGNMENTS),
        sectorBytes,
        1_900,
      );
      await checkGuessed(one);
      await checkTold(one, 32);
    }
  });
});

it("an entry torn at each of its bytes", { timeout: 120_000 }, async () => {
  const random = createRandom("torn entries, each byte");
  let cases = 0;
  for (const alignBytes of ALIGNMENTS) {
    const shape = { sectorBytes: 4096, sectorCount: 4, alignBytes, magic: MAGIC };
    const lengths = effort([11, 130], [1, 3, 11, 60, 127, 128, 131, 300]);
    for (const length of lengths) {
      const all = new ZephyrWriter(shape).elementBytes(length);
      const step = effort(length > 100 ? 13 : 2, 1);
      for (let tornBytes = length < 0x80 ? 1 : 2; tornBytes < all; tornBytes += step) {
        const writer = new ZephyrWriter(shape);
        const [first, second, third] = [random.bytes(9), random.bytes(length), random.bytes(14)];
        writer.append(second, tornBytes);
        writer.append(first);
        writer.append(second, tornBytes);
        writer.append(third, 5);
        const name = `align ${alignBytes}, ${length} bytes torn at ${tornBytes}`;
        // Behind the last byte of the check byte it is whole.
        const good = zephyrEntries(writer.cells, shape)?.map(toHex) ?? [];
        expect(good, name).toContain(toHex(first));
        const one = { name, shape, cells: writer.cells, good, torn: 3 };
        await checkGuessed(one);
        await checkTold(one, 32);
        cases++;
      }
    }
  }
  sayCount(`FCB: entries torn at ${cases} places`);
});

it("one whole entry is enough to refuse what was told wrongly, and the answer names the option", async () => {
  const shape = { sectorBytes: 4096, sectorCount: 4, alignBytes: 4, magic: MAGIC };
  const writer = new ZephyrWriter(shape);
  writer.append(new Uint8Array(20).map((_, i) => i * 3 + 1));
  for (let i = 0; i < 3; i++)
    writer.append(
      new Uint8Array(20).map((_, j) => i + j),
      9,
    );
  const region = new NorRegion({ eraseBytes: 4096, cells: writer.cells });
  const options = { sectorBytes: 4096, magic: MAGIC, version: 1, alignBytes: 1, scratchSectors: 0, hasCrc: true };
  const log = await CircularBuffer.mount(region, options);
  await expect(log.append(NEW)).rejects.toMatchObject({
    code: "LAYOUT_MISMATCH",
    message: expect.stringMatching(
      / 0 of \d entries are valid with write alignment 1; with write alignment 4 1 of 4 are$/,
    ) as string,
    remedies: ["detect-log", "set-alignment"],
  });
  expect(region.changes).toEqual([]);
});

it("one sector does not show how long it is: no other is begun, and it is not erased", async () => {
  const shape = { sectorBytes: 16_384, sectorCount: 4, alignBytes: 1, magic: MAGIC };
  const writer = new ZephyrWriter(shape);
  for (let i = 0; i < 20; i++) writer.append(new Uint8Array(100).fill(i));
  const region = new NorRegion({ eraseBytes: 4096, cells: writer.cells });
  const finding = await recognised(region, { magic: MAGIC });
  expect(finding).toMatchObject({ sureness: "certain", options: { sectorBytes: 4096, assumed: ["sectorBytes"] } });
  const log = await opened(finding, region);
  const refused = {
    code: "LAYOUT_MISMATCH",
    remedies: ["set-sector-size"],
  };
  await log.append(new Uint8Array(1_000));
  await expect(log.append(new Uint8Array(1_200))).rejects.toMatchObject(refused);
  await expect(log.rotate()).rejects.toMatchObject(refused);
  await expect(log.clear()).rejects.toMatchObject(refused);
  await expect(log.appendToScratch()).rejects.toMatchObject(refused);
  expect(region.changes.filter(({ kind }) => kind === "erase")).toEqual([]);
  const told = await opened(await recognised(region, { magic: MAGIC, sectorBytes: 16_384 }), region);
  await told.append(new Uint8Array(1_200));
  expect(zephyrEntries(region.cells, shape)).toHaveLength(22);
});

it("a log whose entries are all right in another shape is not opened as an empty one", async () => {
  for (const alignBytes of [1, 4, 16] as const) {
    const shape = { sectorBytes: 4096, sectorCount: 4, alignBytes, magic: MAGIC };
    const writer = new ZephyrWriter(shape);
    const random = createRandom("told wrongly");
    for (let i = 0; i < 20; i++) writer.append(random.bytes(20 + i));
    const region = new NorRegion({ eraseBytes: 4096, cells: writer.cells });
    const options = { sectorBytes: 4096, magic: MAGIC, version: 1, scratchSectors: 0, hasCrc: true };
    for (const told of [1, 2, 4, 8, 16, 32]) {
      const open = CircularBuffer.mount(region, { ...options, alignBytes: told });
      if (told === alignBytes) await expect(open.then(recordsOf)).resolves.toHaveLength(20);
      else await expect(open).rejects.toMatchObject({ code: "LAYOUT_MISMATCH", operation: "open FCB" });
    }
  }
});
