/**
 * The first programs of a device show that the chip has the pages it should have, and that it programs at all. Whatever size its
 * pages really have, and whatever is cut, nothing outside of the image changes.
 */
import { describe, expect, it } from "vitest";
import type { At25Descriptor } from "../../drivers/chip-descriptor.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import type { OpenedFlash } from "../../src/flash/open-flash.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import type { JobRecord } from "../../src/journal/journal-line.ts";
import { Journal } from "../../src/journal/journal.ts";
import { AT25SF041 } from "../../src/sim/chip/at25/part.ts";
import { createRandom } from "../../src/sim/random.ts";
import { noise } from "../jobs/support/nor-double.ts";
import { type OddChip, oddChip, unprovedPart } from "../jobs/support/odd-chip.ts";
import { effort } from "../support/effort.ts";

const KIB = 1024;
const CAPACITY_BYTES = 512 * KIB;
const UNPROVED = unprovedPart({ 0x20: 4 * KIB, 0x52: 32 * KIB, 0xd8: 64 * KIB });
const JOB: JobRecord = {
  ...{ v: 1, command: "write", address: 0, lengthBytes: 0, beside: [], keepsOld: false, connection: [] },
  chip: { name: "AT25SF041", jedecId: "1f8401", uniqueId: "", capacityBytes: CAPACITY_BYTES },
  process: { pid: 1, started: "" },
};

async function failure(job: Promise<unknown>): Promise<NorbridgeError> {
  const error: unknown = await job.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NorbridgeError)) throw new Error("expected a NorbridgeError", { cause: error });
  return error;
}

interface Case {
  readonly programBytes?: number;
  readonly programIgnored?: { readonly address: number; readonly lengthBytes: number };
  readonly protocol?: "native" | "serprog";
  readonly part?: At25Descriptor;
  /** What the chip holds before. */
  readonly cells: Uint8Array;
}

async function opened({
  programBytes,
  programIgnored,
  protocol = "native",
  part = UNPROVED,
  cells,
}: Case): Promise<{ readonly odd: OddChip; readonly device: OpenedFlash }> {
  const odd = await oddChip(
    {
      ...AT25SF041,
      ...(programBytes === undefined ? {} : { programBytes }),
      ...(programIgnored === undefined ? {} : { programIgnored }),
    },
    { protocol },
  );
  odd.chip.load(0, cells);
  return { odd, device: await odd.open(part) };
}

function cellsOf({ chip }: OddChip): Uint8Array {
  return chip.peek(0, CAPACITY_BYTES);
}

function differAt(a: Uint8Array, b: Uint8Array): number {
  return a.findIndex((byte, at) => byte !== b[at]);
}

/** All blank but for some bytes close to the image, in its pages and its sector. */
function aroundOf(address: number, lengthBytes: number): Uint8Array {
  const cells = new Uint8Array(CAPACITY_BYTES).fill(0xff);
  const start = address - (address % 4096);
  cells.set(noise(address - start, 21), start);
  const end = address + lengthBytes;
  cells.set(noise(300, 22), end);
  return cells;
}

const ADDRESS = 0x12345;

describe("C17: a chip with smaller pages", () => {
  it.each([
    [128, "native"],
    [64, "native"],
    [1, "native"],
    [128, "serprog"],
    [1, "serprog"],
  ] as const)("of %i bytes over %s: named, stopped, everything as before", async (programBytes, protocol) => {
    const data = noise(3000, 9);
    const before = aroundOf(ADDRESS, data.length);
    const { odd, device } = await opened({ programBytes, protocol, cells: before });
    const journal = Journal.begin({ append: () => undefined, close: () => undefined }, JOB);
    const image = memoryImage("image", [{ address: ADDRESS, data }]);
    const error = await odd.simulation.run(() => failure(writeImage(device, image, { safe: journal })));
    expect(error.code).toBe("CHIP_AMBIGUOUS");
    expect(error.message).toContain(`02h programs ${programBytes} byte${programBytes === 1 ? "" : "s"} at a time`);
    expect(error.remedies).toEqual(["set-part", "set-chip-description"]);
    const now = cellsOf(odd);
    now.set(before.subarray(ADDRESS, ADDRESS + data.length), ADDRESS);
    expect(differAt(now, before)).toBe(-1);
    expect(journal.isOfUse).toBe(false);
    // Over serprog the next program may be sent while the chip is busy with the one before, and is sent again.
    if (protocol === "native") expect(odd.simulation.violations).toEqual([]);
  });

  it("is named when its sector was erased first, and the kept bytes are put back", async () => {
    const before = noise(CAPACITY_BYTES, 3);
    const { odd, device } = await opened({ programBytes: 128, cells: before });
    const data = noise(3000, 9);
    const image = memoryImage("image", [{ address: ADDRESS, data }]);
    const error = await odd.simulation.run(() => failure(writeImage(device, image)));
    expect(error.code).toBe("CHIP_AMBIGUOUS");
    expect(error.message).toContain("the bytes around it were restored");
    const now = cellsOf(odd);
    now.set(before.subarray(ADDRESS, ADDRESS + data.length), ADDRESS);
    expect(differAt(now, before)).toBe(-1);
  });

  it("loses nothing outside of any program, wherever it starts and ends", { timeout: 60_000 }, async () => {
    const random = createRandom(effort(1, 7));
    for (let round = 0; round < effort(12, 200); round++) {
      const programBytes = 2 ** random.intBelow(8);
      const lengthBytes = 1 + random.intBelow(random.intBelow(2) === 0 ? 40 : 700);
      const address = 0x1000 + random.intBelow(1024);
      const data = noise(lengthBytes, round);
      // Runs of erased bytes are skipped or trimmed.
      if (random.intBelow(3) === 0) data.fill(0xff, random.intBelow(lengthBytes));
      const before = aroundOf(address, lengthBytes);
      const { odd, device } = await opened({ programBytes, cells: before });
      await odd.simulation.run(() => device.program(address, data).catch(() => undefined));
      const now = cellsOf(odd);
      now.set(before.subarray(address, address + lengthBytes), address);
      expect(differAt(now, before), `${programBytes} ${address}+${lengthBytes}`).toBe(-1);
    }
  });

  it("is then programmed in pages as it has them", async () => {
    const { odd, device } = await opened({ programBytes: 32, cells: new Uint8Array(CAPACITY_BYTES).fill(0xff) });
    const data = noise(1000, 4);
    const error = await odd.simulation.run(() => failure(device.program(0, data)));
    expect(error.code).toBe("CHIP_AMBIGUOUS");
    await odd.simulation.run(() => device.program(0x2000, data));
    expect(differAt(cellsOf(odd).subarray(0x2000, 0x2000 + data.length), data)).toBe(-1);
  });
});

describe("C09: a chip that ignores programs", () => {
  const image = memoryImage("image", [{ address: 0x2000, data: noise(0x3000, 2) }]);

  it.each(["native", "serprog"] as const)("everywhere, over %s: nothing is changed", async (protocol) => {
    const before = new Uint8Array(CAPACITY_BYTES).fill(0xff);
    const programIgnored = { address: 0, lengthBytes: CAPACITY_BYTES };
    const { odd, device } = await opened({ programIgnored, protocol, cells: before });
    const journal = Journal.begin({ append: () => undefined, close: () => undefined }, { ...JOB, keepsOld: true });
    const error = await odd.simulation.run(() => failure(writeImage(device, image, { safe: journal })));
    expect(error.code).toBe("EROFS");
    expect(error.message).toContain("the chip ignored the program command at 0x002000..0x0020ff");
    expect(error.hint).toContain("Nothing was changed.");
    expect(journal.isOfUse).toBe(false);
    expect(differAt(cellsOf(odd), before)).toBe(-1);
    expect(odd.chip.counters.erases).toBe(0);
  });

  it.each(["native", "serprog"] as const)(
    "in one sector, over %s: the verify finds it, no byte is lost",
    async (protocol) => {
      // Half of the sector is the image's, the other half is not.
      const programIgnored = { address: 0x4000, lengthBytes: 0x1000 };
      const cells = new Uint8Array(CAPACITY_BYTES).fill(0xff);
      cells.set(noise(0x800, 8), 0x4800);
      const half = memoryImage("image", [{ address: 0x2000, data: noise(0x2800, 2) }]);
      const { odd, device } = await opened({ programIgnored, protocol, cells });
      const error = await odd.simulation.run(() => failure(writeImage(device, half)));
      expect(error.code).toBe("EROFS");
      expect(error.message).toContain("the chip ignored the program command at 0x004000..0x0047ff");
      expect(error.hint).not.toContain("Nothing was changed.");
      const expected = cells.slice();
      expected.set(noise(0x2800, 2).subarray(0, 0x2000), 0x2000);
      expect(differAt(cellsOf(odd), expected)).toBe(-1);
      expect(odd.chip.counters.erases).toBe(0);
    },
  );
});

describe("a chip as it should be", () => {
  it("is watched for its first page only", async () => {
    const { odd, device } = await opened({ cells: new Uint8Array(CAPACITY_BYTES).fill(0xff) });
    const counted = async (address: number): Promise<number> => {
      const { spiBytes } = odd.chip.counters;
      await odd.simulation.run(() => device.program(address, noise(256, 5)));
      return odd.chip.counters.spiBytes - spiBytes;
    };
    const first = await counted(0);
    await counted(0x100);
    const third = await counted(0x200);
    // Two samples of eight bytes, with their commands. The polls of a page may differ by some.
    expect(first - third).toBeGreaterThan(0);
    expect(first - third).toBeLessThan(64);
    expect(differAt(cellsOf(odd).subarray(0, 256), noise(256, 5))).toBe(-1);
  });

  it("may hold the bytes already, or be programmed over", async () => {
    const cells = new Uint8Array(CAPACITY_BYTES).fill(0xff);
    cells.set(noise(512, 5), 0);
    const { odd, device } = await opened({ cells });
    await odd.simulation.run(async () => {
      await device.program(0, noise(512, 5));
      await device.program(100, new Uint8Array(60));
    });
    const expected = cells.slice();
    expected.fill(0, 100, 160);
    expect(differAt(cellsOf(odd), expected)).toBe(-1);
  });
});
