/** Writing an image over any content: what is asked of the device, what is refused, and every fault on the way. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NorbridgeError } from "../../../src/errors.ts";
import { type ImageSource, memoryImage } from "../../../src/files/image-source.ts";
import type { JobContext, JobEvent } from "../../../src/jobs/job-event.ts";
import type { KeptPiece } from "../../../src/jobs/run-job.ts";
import { planImage, type WriteReport, type WriteRequest, writeImage } from "../../../src/jobs/write/write-image.ts";
import { HALF_MEGABYTE, noise, NorDouble, TOY } from "../support/nor-double.ts";
import { effort } from "../../support/effort.ts";

const REQUEST: WriteRequest = { offset: 0, verify: true, assumeBlank: false, retries: 2 };

function write(
  device: NorDouble,
  image: ImageSource,
  request: Partial<WriteRequest> = {},
  context: Partial<JobContext> = {},
): Promise<WriteReport> {
  return writeImage(device, image, { ...REQUEST, ...request }, { clock: device.clock, ...context });
}

const imageOf = (address: number, data: Uint8Array): ImageSource => memoryImage("image", [{ address, data }]);

/** What the chip shall hold after a write. */
function expected(before: Uint8Array, address: number, data: Uint8Array): Uint8Array {
  const after = before.slice();
  after.set(data, address);
  return after;
}

/** Sectors of a toy chip: `_` blank, `x` noise, `0` zeros. */
function toyChip(picture: string): Uint8Array {
  const bytes = new Uint8Array(TOY.capacityBytes).fill(0xff);
  Array.from(picture).forEach((character, index) => {
    if (character !== "_") bytes.set(character === "0" ? new Uint8Array(8) : noise(8, index + 1), index * 8);
  });
  return bytes;
}

async function failure(job: Promise<unknown>): Promise<NorbridgeError> {
  const error: unknown = await job.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NorbridgeError)) throw new Error("expected a NorbridgeError", { cause: error });
  return error;
}

/** Compares half a megabyte at once; a failure says where. */
function expectSame(actual: Uint8Array, wanted: Uint8Array): void {
  if (Buffer.compare(actual, wanted) !== 0) expect(actual.findIndex((byte, at) => byte !== wanted[at])).toBe("nowhere");
}

describe("writeImage", () => {
  it.each(["________________", "xxxxxxxxxxxxxxxx", "0_x_00__xx____x0"])(
    "every start and length on %s",
    async (picture) => {
      const before = toyChip(picture);
      for (let address = 0; address < 128; address++) {
        for (
          let lengthBytes = 1;
          address + lengthBytes <= 128;
          lengthBytes += effort(11 + (address % 5), 1 + (address % 4))
        ) {
          const device = new NorDouble(TOY, { bytes: before });
          const data = noise(lengthBytes, address * 128 + lengthBytes);
          const report = await write(device, imageOf(address, data));
          const name = `${address}+${lengthBytes}`;
          expect(device.violations, name).toEqual([]);
          expect(Buffer.compare(device.bytes, expected(before, address, data)), name).toBe(0);
          expect(report.retriedUnits, name).toBe(0);
        }
      }
    },
  );

  it("sparse images over any content, at any depth of the device", async () => {
    const piece = fc.record({
      at: fc.nat(127),
      length: fc.integer({ min: 1, max: 20 }),
      seed: fc.nat(1000),
      fill: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 5 }),
        fc.stringMatching(/^[_x0]{16}$/),
        fc.constantFrom(1, 3, 50),
        async (pieces, picture, depth) => {
          const before = toyChip(picture);
          const want = before.slice();
          const taken = new Set<number>();
          const parts = pieces.flatMap(({ at, length, seed, fill }) => {
            const data = fill ? new Uint8Array(length).fill(0xff) : noise(length, seed);
            const clipped = data.subarray(0, 128 - at);
            if ([...clipped.keys()].some((index) => taken.has(at + index))) return [];
            for (const index of clipped.keys()) taken.add(at + index);
            want.set(clipped, at);
            return [{ address: at, data: clipped }];
          });
          const device = new NorDouble(TOY, { bytes: before, depth });
          await write(device, memoryImage("sparse", parts));
          expect(device.violations).toEqual([]);
          expect(device.bytes).toEqual(want);
        },
      ),
      { numRuns: effort(100, 300) },
    );
  });

  it("a full image on a blank chip: one run, nothing erased, each byte asked about twice", async () => {
    const device = new NorDouble(HALF_MEGABYTE, { depth: 64 });
    const data = noise(524_288, 7);
    const report = await write(device, imageOf(0, data));
    expectSame(device.bytes, data);
    expect(report).toMatchObject({
      imageBytes: 524_288,
      programmedBytes: 524_288,
      programmedPages: 2048,
      skippedBytes: 0,
      erasedUnits: 0,
      verifiedBytes: 524_288,
      retriedUnits: 0,
      durationUs: 2048 * 400,
      phases: { survey: 524_288, erase: 0, program: 524_288, verify: 524_288 },
    });
    expect([device.runs, device.count("digest"), device.count("program"), device.count("read")]).toEqual([
      1, 256, 2048, 0,
    ]);
  });

  it.each([4, 400])("surveys a little at a time between programs, a device %i deep never waits", async (depth) => {
    const device = new NorDouble(HALF_MEGABYTE, { depth });
    await write(device, imageOf(0, noise(524_288, 7)));
    const first = device.log.findIndex((line) => line.startsWith("program"));
    const runsOfDigests = device.log
      .slice(first)
      .join(",")
      .split(/program [^,]*,?/);
    const longest = Math.max(...runsOfDigests.map((run) => (run === "" ? 0 : run.split(",").length - 1)));
    expect(first).toBeLessThanOrEqual(17);
    expect(longest).toBeLessThanOrEqual(3);
    expect(device.stalls).toBeLessThanOrEqual(1);
  });

  it("keeps a device with 100 KiB of buffer full", async () => {
    const device = new NorDouble(HALF_MEGABYTE, { depth: 400 });
    await write(device, imageOf(0, noise(524_288, 7)));
    expect(device.maxAheadBytes).toBeGreaterThan(64 * 1024);
    expect(device.maxAheadBytes).toBeLessThanOrEqual(192 * 1024);
  });

  it("does nothing to a chip that is right", async () => {
    const data = noise(524_288, 3);
    const device = new NorDouble(HALF_MEGABYTE, { bytes: data });
    const report = await write(device, imageOf(0, data));
    expect(report).toMatchObject({ programmedPages: 0, skippedBytes: 524_288, erasedUnits: 0, verifiedBytes: 0 });
    expect(device.log.every((line) => line.startsWith("digest"))).toBe(true);
  });

  it("one sector differs: one erase, sixteen pages", async () => {
    const before = noise(524_288, 3);
    const data = before.slice();
    data[0x25_123]! ^= 1;
    const device = new NorDouble(HALF_MEGABYTE, { bytes: before });
    const report = await write(device, imageOf(0, data));
    expectSame(device.bytes, data);
    expect(report).toMatchObject({ programmedPages: 16, erasedUnits: 1, erasedBytes: 4096, verifiedBytes: 4096 });
  });

  it("erases the chip where all differs and that is faster", async () => {
    const device = new NorDouble(HALF_MEGABYTE, { bytes: noise(524_288, 1) });
    const data = noise(524_288, 2);
    const report = await write(device, imageOf(0, data));
    expectSame(device.bytes, data);
    expect(report).toMatchObject({ erasedUnits: 1, erasedBytes: 524_288 });
  });

  it("does not once a window is right", async () => {
    const before = noise(524_288, 1);
    const data = noise(524_288, 2);
    data.set(before.subarray(0, 65_536));
    const device = new NorDouble(HALF_MEGABYTE, { bytes: before });
    const report = await write(device, imageOf(0, data));
    expectSame(device.bytes, data);
    expect(report).toMatchObject({ erasedUnits: 7, programmedPages: 7 * 256 });
  });

  it("puts back what lies around the image in the same sector", async () => {
    const before = noise(524_288, 1);
    const device = new NorDouble(HALF_MEGABYTE, { bytes: before });
    const data = noise(5000, 2);
    const report = await write(device, imageOf(0x1_0900, data), { offset: 0x100 });
    expectSame(device.bytes, expected(before, 0x1_0a00, data));
    expect(report).toMatchObject({ erasedUnits: 2, restoredBytes: 8192 - 5000, programmedPages: 32 });
  });

  it("without verify asks for no digest behind the programs", async () => {
    const device = new NorDouble(TOY);
    const report = await write(device, imageOf(0, noise(16, 1)), { verify: false });
    expect(device.log).toEqual([
      "digest 0x0+8",
      "digest 0x8+8",
      "program 0x0+4",
      "program 0x4+4",
      "program 0x8+4",
      "program 0xc+4",
    ]);
    expect(report.verifiedBytes).toBe(0);
  });

  it("assumed blank: no survey; what was not is found out and put right", async () => {
    const before = toyChip("_x______________");
    const device = new NorDouble(TOY, { bytes: before });
    const events: JobEvent[] = [];
    const data = noise(20, 9);
    const onEvent = (event: JobEvent): void => void events.push(event);
    const report = await write(device, imageOf(0, data), { assumeBlank: true }, { onEvent });
    expect(device.bytes).toEqual(expected(before, 0, data));
    expect(report).toMatchObject({ retriedUnits: 1, erasedUnits: 1 });
    expect(events.filter(({ kind }) => kind === "note")).toEqual([
      { kind: "note", message: "1 sector was not blank as assumed: erased and written again" },
    ]);
  });

  it("counts every phase to its end", async () => {
    const device = new NorDouble(TOY, { bytes: toyChip("x_x_x0__x_______") });
    const last = new Map<string, JobEvent>();
    await write(
      device,
      imageOf(3, noise(90, 4)),
      {},
      {
        onEvent: (event) => {
          if (event.kind === "progress" || event.kind === "phase") last.set(event.phase, event);
        },
      },
    );
    for (const event of last.values()) {
      expect(event).toMatchObject({ kind: "progress" });
      if (event.kind === "progress") expect(event.doneBytes).toBe(event.totalBytes);
    }
    expect([...last.keys()].sort()).toEqual(["erase", "program", "survey", "verify"]);
  });
});

describe("writeImage: refusals", () => {
  it("a protected range, before anything is asked", async () => {
    const device = new NorDouble(TOY);
    device.protection = { ranges: [{ address: 64, lengthBytes: 64 }], heldBy: "BP bits" };
    const error = await failure(write(device, imageOf(60, noise(8, 1))));
    expect(error).toMatchObject({ code: "EROFS", range: { address: 64, lengthBytes: 64 } });
    expect(error.message).toBe("write: 0x000040..0x00007f (64 bytes) is protected by BP bits");
    expect(device.log).toEqual([]);
    await write(device, imageOf(0, noise(64, 1)));
  });

  it("an image past the end", async () => {
    const device = new NorDouble(TOY);
    expect(await failure(write(device, imageOf(100, noise(29, 1))))).toMatchObject({ code: "FILE_INVALID" });
    expect(device.runs).toBe(0);
  });

  it("a file that changes while it is written", async () => {
    const image = imageOf(0, noise(32, 1));
    let reads = 0;
    const changing: ImageSource = {
      ...image,
      read: async (range) => {
        const bytes = await image.read(range);
        if (++reads > 4) bytes[0]! ^= 1;
        return bytes;
      },
    };
    const device = new NorDouble(TOY);
    expect(await failure(write(device, changing))).toMatchObject({
      code: "FILE_INVALID",
      range: { address: 0, lengthBytes: 8 },
    });
  });

  it("a signal that has aborted before", async () => {
    const device = new NorDouble(TOY);
    const job = write(device, imageOf(0, noise(8, 1)), {}, { signal: AbortSignal.abort() });
    expect(await failure(job)).toMatchObject({ code: "ECANCELED" });
    expect(device.log).toEqual([]);
  });
});

describe("writeImage: faults", () => {
  const before = toyChip("xx__x0xxx_x___xx");
  const address = 5;
  const data = noise(100, 42);

  async function opsOfJob(): Promise<number> {
    const device = new NorDouble(TOY, { bytes: before });
    await write(device, imageOf(address, data));
    return device.log.length;
  }

  it.each(["cut", "abort", "timeout", "program-failed"] as const)(
    "%s at every operation: the error is true, a second run ends right",
    async (fault) => {
      const count = await opsOfJob();
      const codes = new Set<string>();
      for (let at = 0; at < count; at += effort(3, 1)) {
        for (const depth of [1, 5, 40]) {
          const device = new NorDouble(TOY, { bytes: before, depth });
          const abort = new AbortController();
          device.abort = () => abort.abort();
          device.faultAt = (index) => (index === at ? fault : undefined);
          const rescued: KeptPiece[] = [];
          const onUnrestored = (pieces: readonly KeptPiece[]): string => {
            rescued.push(...pieces);
            return "saved";
          };
          const error = await failure(
            write(device, imageOf(address, data), { onUnrestored }, { signal: abort.signal }),
          );
          codes.add(error.code);
          const name = `${fault} at ${at}, depth ${depth}: ${error.code} ${error.message}`;
          const changed = device.log.some((line) => /^(erase|program)/.test(line));
          if (!changed) expect(["BRIDGE_RESET", "ECANCELED", "EBUSY", "EIO"], name).toContain(error.code);
          else if (fault === "cut" || fault === "abort") expect(error.code, name).toMatch(/^INTERRUPTED/);
          expect(error.code === "INTERRUPTED_FINAL", name).toBe(rescued.length > 0);
          if (rescued.length > 0) expect(error.hint).toBe("saved");

          device.faultAt = () => undefined;
          for (const piece of rescued) await write(device, imageOf(piece.address, piece.data));
          await write(device, imageOf(address, data));
          expect(Buffer.compare(device.bytes, expected(before, address, data)), name).toBe(0);
        }
      }
      expect([...codes].sort()).toEqual(
        {
          cut: ["BRIDGE_RESET", "INTERRUPTED", "INTERRUPTED_FINAL"],
          abort: ["ECANCELED", "INTERRUPTED", "INTERRUPTED_FINAL"],
          timeout: ["EBUSY", "INTERRUPTED_FINAL"],
          "program-failed": ["EIO", "INTERRUPTED_FINAL"],
        }[fault],
      );
    },
  );

  it("an erase or program that does nothing is found and done again, whichever it is", async () => {
    const count = await opsOfJob();
    for (let at = 0; at < count; at++) {
      const device = new NorDouble(TOY, { bytes: before });
      device.faultAt = (index) => (index === at ? "ignore" : undefined);
      const report = await write(device, imageOf(address, data));
      const [line = ""] = device.log.slice(at);
      expect(Buffer.compare(device.bytes, expected(before, address, data)), line).toBe(0);
      expect(report.retriedUnits > 0, line).toBe(/^(erase|program)/.test(line));
    }
  });

  it("a page that never takes: EROFS with the place, nothing is erased for it, the rest is written", async () => {
    const device = new NorDouble(TOY);
    device.faultAt = (_, op) => (op.kind === "program" && op.address === 20 ? "ignore" : undefined);
    const image = noise(128, 5);
    image[20] = 0x5a;
    const error = await failure(write(device, imageOf(0, image)));
    expect(error).toMatchObject({ code: "EROFS", range: { address: 20, lengthBytes: 4 } });
    expect(error.message).toBe(
      "write: the chip ignored the program command at 0x000014..0x000017 (4 bytes): the cells are as they were before",
    );
    const want = image.slice();
    want.fill(0xff, 20, 24);
    expect(device.bytes).toEqual(want);
    expect(device.count("erase")).toBe(0);
  });

  it("a cell that holds something else is no command that was ignored", async () => {
    const device = new NorDouble(TOY);
    device.faultAt = (_, op) => (op.kind === "program" && op.address === 20 ? "half" : undefined);
    const error = await failure(write(device, imageOf(0, noise(128, 5))));
    expect(error.code).toBe("EIO");
    expect(error.message).toContain("verify failed after 2 retries in 0x000010..0x000017 (8 bytes)");
    expect(device.count("erase")).toBe(2);
  });

  it("kept bytes that a chip will not take back are handed over", async () => {
    const device = new NorDouble(TOY, { bytes: toyChip("x") });
    device.faultAt = (_, op) => (op.kind === "program" && op.address === 0 ? "ignore" : undefined);
    const pieces: unknown[] = [];
    const onUnrestored = (list: readonly unknown[]): undefined => void pieces.push(...list);
    const error = await failure(write(device, imageOf(4, noise(4, 77)), { onUnrestored }));
    expect(error).toMatchObject({ code: "INTERRUPTED_FINAL", cause: { code: "EROFS" } });
    expect(pieces).toEqual([{ address: 0, data: noise(8, 1).slice(0, 4) }]);
  });

  it("kept bytes are not forgotten when the job is cancelled between the first and the second try", async () => {
    const device = new NorDouble(TOY, { bytes: toyChip("x") });
    device.faultAt = (_, op) => (op.kind === "program" && op.address === 0 ? "ignore" : undefined);
    const abort = new AbortController();
    const onEvent = (event: JobEvent): void => {
      if (event.kind === "sector" && event.state === "failed") abort.abort();
    };
    const pieces: KeptPiece[] = [];
    const onUnrestored = (list: readonly KeptPiece[]): undefined => void pieces.push(...list);
    const job = write(device, imageOf(4, noise(4, 77)), { onUnrestored }, { signal: abort.signal, onEvent });
    expect(await failure(job)).toMatchObject({ code: "INTERRUPTED_FINAL", cause: { code: "INTERRUPTED" } });
    expect(pieces).toEqual([{ address: 0, data: noise(8, 1).slice(0, 4) }]);
  });

  it("says how far it came", async () => {
    const device = new NorDouble(HALF_MEGABYTE, { depth: 1 });
    device.faultAt = (_, op) => (op.kind === "program" && op.address === 0x2000 ? "cut" : undefined);
    const error = await failure(write(device, imageOf(0, noise(65_536, 1))));
    expect(error).toMatchObject({
      code: "INTERRUPTED",
      range: { address: 0x2000, lengthBytes: 256 },
      cause: { code: "BRIDGE_RESET" },
    });
    expect(error.message).toBe(
      "write: the bridge restarted; stopped after 0 bytes erased and 8 KiB programmed; may be partially written: 0x002000..0x0020ff (256 bytes)",
    );
  });

  it("a listener's mistake is not swallowed", async () => {
    const device = new NorDouble(TOY);
    const onEvent = (event: JobEvent): void => {
      if (event.kind === "progress" && event.phase === "program") throw new RangeError("listener");
    };
    await expect(write(device, imageOf(0, noise(8, 1)), {}, { onEvent })).rejects.toThrow("listener");
  });
});

describe("planImage", () => {
  it("says what writeImage then does, and touches nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[_x0]{16}$/), fc.nat(127), fc.nat(127), async (picture, a, b) => {
        const device = new NorDouble(TOY, { bytes: toyChip(picture) });
        const data = noise(Math.abs(a - b) + 1, a);
        const image = imageOf(Math.min(a, b), data);
        const plan = await planImage(device, image, REQUEST, { clock: device.clock });
        expect(device.log.every((line) => line.startsWith("digest"))).toBe(true);
        const report = await write(device, image);
        const sum = (ranges: readonly { readonly lengthBytes: number }[]): number =>
          ranges.reduce((total, range) => total + range.lengthBytes, 0);
        expect(report.erasedUnits).toBe(plan.erases.length);
        expect(report.verifiedBytes).toBe(sum(plan.verifies));
        expect(report.restoredBytes).toBe(sum(plan.keeps));
        expect(report.skippedBytes >= plan.sameBytes || plan.erases.length > 0).toBe(true);
      }),
      { numRuns: effort(70, 200) },
    );
  });
});
