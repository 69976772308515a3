/**
 * Erase commands that clear more or less than the descriptor says: nothing outside of the image is lost, whatever is cut, and the
 * message names the size.
 */
import { describe, expect, it } from "vitest";
import type { At25Descriptor } from "../../../drivers/chip-descriptor.ts";
import { rangeEnd, rangeIntersection } from "../../../drivers/geometry.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { type ImageSource, memoryImage } from "../../../src/files/image-source.ts";
import { carryOnWrite, putHeldBack } from "../../../src/jobs/carry-on.ts";
import { eraseRange } from "../../../src/jobs/erase-range.ts";
import { runOnRegion } from "../../../src/jobs/run-on-region.ts";
import { writeImage } from "../../../src/jobs/write/write-image.ts";
import type { JobRecord } from "../../../src/journal/journal-line.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { parseJournal } from "../../../src/journal/read-journal.ts";
import { effort } from "../../support/effort.ts";
import { noise } from "../support/nor-double.ts";
import {
  mortalHost,
  type OddChip,
  oddChip,
  partWithErases,
  unprovedPart,
  withSectorsOnly,
} from "../support/odd-chip.ts";

const KIB = 1024;
const LONG = { timeout: 180_000 };
const CAPACITY_BYTES = 512 * KIB;
const FULL = noise(CAPACITY_BYTES, 3);
const ADDRESS = 0x12345;
const DATA = noise(3000, 9);
const IMAGE = memoryImage("image", [{ address: ADDRESS, data: DATA }]);
/** 20h might erase 64 KiB on a sibling. */
const UNPROVED = unprovedPart({ 0x20: 64 * KIB, 0x52: 64 * KIB, 0xd8: 64 * KIB });
const LARGER = partWithErases({ 0x20: 64 * KIB });

async function failure(job: Promise<unknown>): Promise<NorbridgeError> {
  const error: unknown = await job.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NorbridgeError)) throw new Error("expected a NorbridgeError", { cause: error });
  return error;
}

function cellsOf({ chip }: OddChip): Uint8Array {
  return chip.peek(0, CAPACITY_BYTES);
}

/** Compares half a megabyte at once; a failure says where. */
function expectCells(odd: OddChip, wanted: Uint8Array): void {
  const now = cellsOf(odd);
  expect(now.findIndex((byte, at) => byte !== wanted[at])).toBe(-1);
}

/** Address of the first cell outside of the image that is not as it was. */
function lostAt(odd: OddChip, before: Uint8Array = FULL): number {
  const now = cellsOf(odd);
  return now.findIndex((byte, at) => byte !== before[at] && (at < ADDRESS || at >= ADDRESS + DATA.length));
}

async function fullChip(part = LARGER, settings: Record<string, string> = {}): Promise<OddChip> {
  const odd = await oddChip(part, settings);
  odd.chip.load(0, FULL);
  return odd;
}

/** C01: an old sibling of the ID erases more. */
describe("an erase that clears more than its block", () => {
  it.each(["native", "serprog"])("stops the job over %s, with all bytes around put back", async (protocol) => {
    const odd = await fullChip(LARGER, { protocol });
    const device = await odd.open(UNPROVED);
    const error = await odd.simulation.run(() => failure(writeImage(device, IMAGE)));
    expect(error.code).toBe("CHIP_AMBIGUOUS");
    expect(error.message).toContain("20h erased 65,536 bytes, not 4,096");
    expect(error.message).toContain("the bytes around it are as before");
    expect(error.remedies).toEqual(["set-part", "set-chip-description"]);
    expect(lostAt(odd)).toBe(-1);
    expect(odd.simulation.violations).toEqual([]);
  });

  it.each([8, 16, 32])("names the size: %i KiB", async (sizeKib) => {
    const odd = await fullChip(partWithErases({ 0x20: sizeKib * KIB }));
    const device = await odd.open(UNPROVED);
    const error = await odd.simulation.run(() => failure(writeImage(device, IMAGE)));
    expect(error.message).toContain(`20h erased ${(sizeKib * KIB).toLocaleString("en-US")} bytes, not 4,096`);
    expect(lostAt(odd)).toBe(-1);
  });

  it("says at least, if what was blank before does not show how far it went", async () => {
    const odd = await fullChip();
    odd.chip.load(0x14000, new Uint8Array(0xc000).fill(0xff));
    odd.chip.load(0x10000, new Uint8Array(0x2000).fill(0xff));
    const device = await odd.open(UNPROVED);
    const error = await odd.simulation.run(() => failure(writeImage(device, IMAGE)));
    expect(error.message).toContain("20h erased at least 8,192 bytes, not 4,096");
  });

  it("stops an erase, and one that a program asks of the device", async () => {
    const odd = await fullChip();
    const device = await odd.open(UNPROVED);
    const range = { address: 0x12000, lengthBytes: 4096 };
    const error = await odd.simulation.run(() => failure(eraseRange(device, range)));
    expect(error.code).toBe("CHIP_AMBIGUOUS");
    const again = await odd.open(UNPROVED);
    const direct = await odd.simulation.run(() => failure(again.erase(0x22000, 4096)));
    expect(direct.code).toBe("CHIP_AMBIGUOUS");
    const now = cellsOf(odd);
    const isErased = (at: number): boolean => [0x12000, 0x22000].some((start) => at >= start && at < start + 4096);
    expect(now.findIndex((byte, at) => (isErased(at) ? byte !== 0xff : byte !== FULL[at]))).toBe(-1);
  });

  it("is seen at the first neighbour that holds anything; a blank one proves nothing", async () => {
    const odd = await oddChip(LARGER);
    const before = new Uint8Array(CAPACITY_BYTES).fill(0xff);
    before.set(FULL.subarray(0x12000, 0x14000), 0x12000);
    before.set(FULL.subarray(0x25000, 0x27000), 0x25000);
    odd.chip.load(0, before);
    const device = await odd.open(UNPROVED);
    // All around 0x40000 is blank, and stays so.
    await odd.simulation.run(() => device.program(0x40000, DATA));
    before.set(DATA, 0x40000);
    await odd.simulation.run(() => eraseRange(device, { address: 0x40000, lengthBytes: 4096 }));
    before.fill(0xff, 0x40000, 0x41000);
    expectCells(odd, before);
    const error = await odd.simulation.run(() => failure(writeImage(device, IMAGE)));
    expect(error.code).toBe("CHIP_AMBIGUOUS");
    expect(lostAt(odd, before)).toBe(-1);
  });

  // With larger blocks the resume erases with one of them; without, it meets the same erase once more.
  it.each([
    ["with", UNPROVED],
    ["without", withSectorsOnly(UNPROVED)],
  ])(
    "killed before any step, also of the putting back, %s larger blocks: a resume loses nothing",
    LONG,
    async (_, part) => {
      const whole = await journalled(Infinity, part);
      expect(whole.error.code).toBe("CHIP_AMBIGUOUS");
      expect(whole.held).toBe(0);
      const stride = effort(Math.ceil(whole.steps / 4), 31);
      for (let most = Math.floor(stride / 2); most < whole.steps; most += stride) {
        // A journal that still holds the unit is resumed once more; what counts is that nothing is lost.
        const { lost } = await journalled(most, part);
        expect({ most, lost }).toEqual({ most, lost: -1 });
      }
    },
  );
});

it(
  "a sector that is proved is not called so while an erase can reach it, wherever the host is killed",
  LONG,
  async () => {
    const image = memoryImage("image", [{ address: 0x12000, data: noise(8192, 9) }]);
    // The first sector is programmed as it is, and proved; the second has to be erased.
    const content = FULL.slice().fill(0xff, 0x12000, 0x13000);
    const part = withSectorsOnly(UNPROVED);
    const whole = await journalled(Infinity, part, { image, content });
    expect(whole.error.code).toBe("CHIP_AMBIGUOUS");
    expect(whole.notProved).toEqual([]);
    const stride = effort(Math.ceil(whole.steps / 4), 31);
    let proved = 0;
    for (let most = Math.floor(stride / 2); most < whole.steps; most += stride) {
      const { released, notProved } = await journalled(most, part, { image, content });
      expect({ most, notProved }).toEqual({ most, notProved: [] });
      proved += released;
    }
    expect(proved).toBeGreaterThan(0);
  },
);

it("a job on a region has the bytes around in its journal, and the next run puts them back first", LONG, async () => {
  const whole = await streamed(Infinity);
  expect(whole.error?.code).toBe("CHIP_AMBIGUOUS");
  expect({ held: whole.held, lost: whole.lost }).toEqual({ held: 0, lost: -1 });
  const stride = effort(Math.ceil(whole.steps / 6), 23);
  let held = 0;
  for (let most = Math.floor(stride / 2); most < whole.steps; most += stride) {
    const run = await streamed(most);
    expect({ most, lost: run.lost }).toEqual({ most, lost: -1 });
    held += run.held;
  }
  expect(held).toBeGreaterThan(0);
});

/** A region that is erased and programmed by a host that dies at a step, and what the next run does first. */
async function streamed(
  most: number,
): Promise<{ error: NorbridgeError | undefined; held: number; lost: number; steps: number }> {
  const odd = await fullChip();
  const host = mortalHost(odd.bridge);
  const part = withSectorsOnly(UNPROVED);
  const device = await odd.open(part, host.bridge);
  const range = { address: 0x12000, lengthBytes: 8192 };
  host.arm(most);
  const lines: Uint8Array[] = [];
  const medium = { append: (line: Uint8Array) => void lines.push(line), close: () => undefined };
  const safe = Journal.begin(medium, {
    ...RECORD,
    command: "stream",
    stream: { bufferBytes: 256, writeBlockBytes: 1 },
  });
  const ended = await odd.simulation.run(() =>
    runOnRegion(device, range, { operation: "stream", safe }, async (region) => {
      await region.erase(0, 4096);
      await region.program(0, DATA.subarray(0, 256));
    }).then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  const { held } = parseJournal(Buffer.concat(lines));
  const next = await odd.open(part);
  const resumed = Journal.goOn(medium, parseJournal(Buffer.concat(lines)));
  await odd.simulation.run(() =>
    putHeldBack(next, resumed.held, { safe: resumed }, {}).catch((reason: unknown) => {
      // It is still opened as the wrong part.
      if (!(reason instanceof NorbridgeError) || reason.code !== "CHIP_AMBIGUOUS") throw reason;
    }),
  );
  const now = cellsOf(odd);
  const lost = now.findIndex((byte, at) => byte !== FULL[at] && (at < range.address || at >= rangeEnd(range)));
  const error = ended instanceof NorbridgeError ? ended : undefined;
  return { error, held: held.length, lost, steps: host.steps };
}

const RECORD: JobRecord = {
  v: 1,
  command: "write",
  image: { file: "image", base: 0, sha256: "0".repeat(64) },
  address: 0,
  lengthBytes: DATA.length,
  chip: { name: "AT25SF041", jedecId: "1f8401", uniqueId: "", capacityBytes: CAPACITY_BYTES },
  beside: [],
  keepsOld: false,
  connection: [],
  process: { pid: 1, started: "" },
};

/** A write with a journal whose host dies at a step, and the resume after it. */
async function journalled(
  most: number,
  part: At25Descriptor,
  { image, content }: { readonly image: ImageSource; readonly content: Uint8Array } = { image: IMAGE, content: FULL },
): Promise<Journalled> {
  const odd = await fullChip();
  odd.chip.load(0, content);
  const host = mortalHost(odd.bridge);
  const device = await odd.open(part, host.bridge);
  host.arm(most);
  const lines: Uint8Array[] = [];
  const medium = { append: (line: Uint8Array) => void lines.push(line), close: () => undefined };
  const journal = Journal.begin(medium, RECORD);
  const ended = await odd.simulation.run(() =>
    writeImage(device, image, { safe: journal }).then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  const error = ended instanceof NorbridgeError ? ended : new NorbridgeError("BUG", String(ended), { operation: "" });
  const read = parseJournal(Buffer.concat(lines));
  const isOnChip = await Promise.all(read.released.map((address) => holds(odd, image, address)));
  const notProved = read.released.filter((_, index) => isOnChip[index] !== true);
  const next = await odd.open(part);
  const resumed = Journal.goOn(medium, read);
  await odd.simulation.run(() =>
    carryOnWrite(next, image, resumed.held, { safe: resumed }, {}).catch((reason: unknown) => {
      if (!(reason instanceof NorbridgeError) || reason.code !== "CHIP_AMBIGUOUS") throw reason;
    }),
  );
  const { held } = parseJournal(Buffer.concat(lines));
  const { released } = read;
  return { error, lost: lostAt(odd), held: held.length, released: released.length, notProved, steps: host.steps };
}

interface Journalled {
  readonly error: NorbridgeError;
  /** Where a byte outside of the image is lost after the resume; -1: nowhere. */
  readonly lost: number;
  /** Units in progress after the resume. */
  readonly held: number;
  /** Sectors that the journal called proved when the host died. */
  readonly released: number;
  /** Those of them that did not hold the image. */
  readonly notProved: readonly number[];
  readonly steps: number;
}

/** Whether the chip holds what the image has in the sector at this address. */
async function holds(odd: OddChip, image: ImageSource, address: number): Promise<boolean> {
  for (const segment of image.segments) {
    const part = rangeIntersection(segment, { address, lengthBytes: 4096 });
    if (part === undefined) continue;
    const wanted = await image.read(part);
    if (Buffer.compare(odd.chip.peek(part.address, part.lengthBytes), wanted) !== 0) return false;
  }
  return true;
}

describe("an erase that clears its block and nothing else", () => {
  it("is proved once: the second erase asks for nothing beside it", async () => {
    const odd = await fullChip(partWithErases({}));
    const device = await odd.open(UNPROVED);
    await odd.simulation.run(() => writeImage(device, IMAGE));
    const afterFirst = odd.simulation.linkBytes.down;
    const second = memoryImage("second", [{ address: 0x32345, data: DATA }]);
    await odd.simulation.run(() => writeImage(device, second));
    const expected = FULL.slice();
    expected.set(DATA, ADDRESS);
    expected.set(DATA, 0x32345);
    expectCells(odd, expected);
    expect(odd.simulation.violations).toEqual([]);
    // 60 KiB beside the first erase were read; for the second only what the block keeps.
    expect(afterFirst).toBeGreaterThan(60 * KIB);
    expect(odd.simulation.linkBytes.down - afterFirst).toBeLessThan(4 * KIB);
  });
});

describe("what the proof costs", () => {
  it.each(effort(["native"], ["native", "serprog"]))(
    "over %s: under a hundredth of a full write of 512 KiB",
    async (protocol) => {
      const costs: { bytes: number; us: number }[] = [];
      for (const part of [unprovedPart({}), unprovedPart({ 0x20: 64 * KIB, 0x52: 64 * KIB, 0xd8: 256 * KIB })]) {
        const odd = await fullChip(partWithErases({}), { protocol });
        const device = await odd.open(part);
        const { linkBytes, clock } = odd.simulation;
        const before = { bytes: linkBytes.up + linkBytes.down, us: clock.nowUs() };
        const image = memoryImage("image", [{ address: 0, data: noise(CAPACITY_BYTES, 4) }]);
        await odd.simulation.run(() => writeImage(device, image));
        const after = odd.simulation.linkBytes;
        costs.push({ bytes: after.up + after.down - before.bytes, us: clock.nowUs() - before.us });
      }
      const [proved, unproved] = costs;
      expect((unproved?.bytes ?? 0) / (proved?.bytes ?? 1)).toBeLessThan(1.01);
      expect((unproved?.us ?? 0) / (proved?.us ?? 1)).toBeLessThan(1.01);
    },
  );
});

describe("an erase that clears less than its block", () => {
  it("is named, nothing is programmed, and the kept bytes are put back", async () => {
    const odd = await fullChip(partWithErases({ 0x20: 1024 }));
    const device = await odd.open(UNPROVED);
    const error = await odd.simulation.run(() => failure(writeImage(device, IMAGE)));
    expect(error.code).toBe("CHIP_AMBIGUOUS");
    expect(error.message).toContain("20h erased only 1,024 bytes, not 4,096");
    expect(lostAt(odd)).toBe(-1);
  });

  // The places that are looked at first are blank before: only the rest of the block shows it.
  it.each(["native", "serprog"])("is seen where its samples were blank before, over %s", async (protocol) => {
    const odd = await oddChip(partWithErases({ 0x20: 1024 }), { protocol });
    const content = new Uint8Array(CAPACITY_BYTES).fill(0xff);
    content.set([0xf3], 0x12678);
    odd.chip.load(0, content);
    const device = await odd.open(withSectorsOnly(unprovedPart({})));
    const image = memoryImage("image", [{ address: 0x12600, data: noise(512, 9) }]);
    const error = await odd.simulation.run(() => failure(writeImage(device, image)));
    expect(error.code).toBe("EROFS");
    expect(error.message).toContain("the chip ignored the erase command 20h");
    expect(error.remedies).toContain("set-part");
    // Over serprog the blocks are surveyed by samples: the image may be programmed before, and nothing else.
    if (protocol === "serprog") content.set(odd.chip.peek(0x12600, 512), 0x12600);
    expectCells(odd, content);
  });

  it("is named where the block shows only at its start that it was erased", async () => {
    const odd = await oddChip(partWithErases({ 0x20: 1024 }));
    const content = new Uint8Array(CAPACITY_BYTES).fill(0xff);
    content.set(noise(64, 3), 0x12000);
    content.set(noise(64, 4), 0x12604);
    odd.chip.load(0, content);
    const device = await odd.open(withSectorsOnly(unprovedPart({})));
    const error = await odd.simulation.run(() => failure(eraseRange(device, { address: 0x12000, lengthBytes: 4096 })));
    expect(error.code).toBe("CHIP_AMBIGUOUS");
    expect(error.message).toContain("20h erased only 1,024 bytes, not 4,096");
  });

  it("is a defect of few cells if the erase has cleared the rest", async () => {
    const odd = await oddChip(partWithErases({}), { stuckAt: "0x12604:3" });
    odd.chip.load(0x12000, noise(64, 3));
    const device = await odd.open(withSectorsOnly(unprovedPart({})));
    const error = await odd.simulation.run(() => failure(eraseRange(device, { address: 0x12000, lengthBytes: 4096 })));
    expect(error.code).toBe("EIO");
    expect(error.message).toContain("verify failed");
  });
});

/** C14: an erase is suspended; C31: a sector does not erase; C37: the part lacks 52h. */
describe("an erase that the chip ignores", () => {
  it("programs nothing and says so", async () => {
    const odd = await fullChip(partWithErases({ 0x20: 0, 0x52: 0, 0xd8: 0 }));
    const device = await odd.open(unprovedPart({}));
    const error = await odd.simulation.run(() => failure(writeImage(device, IMAGE)));
    expect(error.code).toBe("EROFS");
    expect(error.message).toContain("the chip ignored the erase command 20h");
    expect(error.hint).toContain("Nothing was changed.");
    expectCells(odd, FULL);
  });

  it("is done with smaller blocks where there are any", async () => {
    const odd = await fullChip(partWithErases({ 0x52: 0, 0xd8: 0 }));
    const device = await odd.open(unprovedPart({}));
    const notes: string[] = [];
    const image = memoryImage("image", [{ address: 0x10000, data: noise(64 * KIB, 5) }]);
    await odd.simulation.run(() =>
      writeImage(device, image, {}, { onEvent: (event) => event.kind === "note" && notes.push(event.message) }),
    );
    expect(notes.join()).toContain("ignored the erase command D8h");
    const expected = FULL.slice();
    expected.set(noise(64 * KIB, 5), 0x10000);
    expectCells(odd, expected);
  });
});
