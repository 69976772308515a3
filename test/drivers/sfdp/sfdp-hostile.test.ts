/** Whatever an SFDP area contains: no error is thrown, and what is taken from it is a chip that a bridge can drive. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { At25Descriptor } from "../../../drivers/chip-descriptor.ts";
import { createDriver } from "../../../drivers/create-driver.ts";
import { eraseBlockAt } from "../../../drivers/geometry.ts";
import { identify } from "../../../drivers/identify.ts";
import { readSfdp, wantedSfdpBytes } from "../../../drivers/id-questions.ts";
import { descriptorFromSfdp, unnamedSfdpPart } from "../../../drivers/sfdp/sfdp-descriptor.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import type { BridgeInfo } from "../../../src/bridge/bridge.ts";
import { stepProblem } from "../../../src/bridge/step-limits.ts";
import { effort } from "../../support/effort.ts";
import { ran } from "../step-text.ts";
import { SFDP_DUMPS, sfdpBytes } from "./sfdp-dumps.ts";

const LIMITS = { maxSendBytes: 4096, maxReceiveBytes: 4096 };
const INFO = { ...LIMITS } as BridgeInfo;
const AREAS = SFDP_DUMPS.filter(([, { scope }]) => scope === "full").map(([name]) => sfdpBytes(name));
/** IDs with rows in the catalogue, with several parts, above 16 MiB, and one that no part has. */
const IDS = ["ef4018", "ef4019", "c22016", "c22019", "1f8401", "bf2643", "123456"];
const MAX_AREA_BYTES = 4096;

/** What of this chip makes no sense, and which of its operations a bridge would not take. */
function problemsOf(part: At25Descriptor): string[] {
  const driver = createDriver(part, LIMITS);
  const { geometry } = driver;
  const { capacityBytes, pageBytes, programTypicalUs, programMaximumUs, eraseUnits } = geometry;
  const problems: string[] = [];
  const must = (isSo: boolean, what: string): void => {
    if (!isSo) problems.push(what);
  };
  must(pageBytes >= 1 && pageBytes <= 256, `pages of ${pageBytes}`);
  must(capacityBytes >= 1024, `a capacity of ${capacityBytes}`);
  must(eraseUnits.length >= 2, "no erase but that of the chip");
  must(programTypicalUs > 0 && programMaximumUs >= programTypicalUs, `programs of ${programMaximumUs} us`);
  const last = capacityBytes - 1;
  const steps: SpiStep[] = [
    ...driver.wake().steps,
    ...driver.read({ address: last, lengthBytes: 1 }).steps,
    ...driver.digest({ address: 0, lengthBytes: Math.min(capacityBytes, 65_536) }).steps,
    ...driver.programPage(capacityBytes - pageBytes, new Uint8Array(pageBytes)).steps,
    ...driver.protection().steps,
  ];
  for (const unit of eraseUnits) {
    let end = 0;
    for (const { address, unitBytes, count, typicalUs, maximumUs } of unit.regions) {
      must(address === end, `${unit.name}: a gap at ${end}`);
      must(unitBytes % pageBytes === 0, `${unit.name}: blocks of ${unitBytes}`);
      must(typicalUs > 0 && maximumUs >= 20_000 && maximumUs > typicalUs, `${unit.name}: ${maximumUs} us`);
      end = address + unitBytes * count;
    }
    must(end === capacityBytes, `${unit.name} ends at ${end}`);
    const block = eraseBlockAt(unit, last);
    must(block !== undefined, `${unit.name}: no last block`);
    if (block !== undefined) steps.push(...driver.erase(block.address, unit).steps);
  }
  return [...problems, ...steps.flatMap((step) => stepProblem(step, INFO) ?? [])];
}

/** Everything that is asked of an area: what it takes to read it, what it says of an unlisted and of a listed chip. */
function judge(area: Uint8Array, ids: readonly string[] = IDS): void {
  expect(wantedSfdpBytes(area)).toBeLessThanOrEqual(Math.max(area.length, MAX_AREA_BYTES));
  for (const hasFourByteMode of [false, true]) {
    const parsed = descriptorFromSfdp(area, unnamedSfdpPart([0xef, 0x40, 0x18]), { hasFourByteMode });
    if (parsed.ok) expect(problemsOf(parsed.value)).toEqual([]);
    else expect(parsed.reason).toMatch(/^[^\n]{10,}[^.]$/);
  }
  for (const id of ids) {
    const idA = new Uint8Array(8);
    idA.set(Buffer.from(id, "hex"));
    const found = identify({ idA, idB: idA, sfdp: area });
    expect(["found", "size-conflict", "unknown", "ambiguous"]).toContain(found.kind);
    const parts = found.kind === "size-conflict" ? found.choices : found.kind === "found" ? [found] : [];
    expect(parts.flatMap(({ descriptor }) => (descriptor.family === "at25" ? problemsOf(descriptor) : []))).toEqual([]);
  }
}

/** An area with the tables at 30h and after it, as long as they are. */
function areaWith(
  headers: readonly (readonly [id: number, minor: number, dwords: number, pointer: number])[],
): Uint8Array {
  const area = new Uint8Array(512).fill(0xff);
  area.set([0x53, 0x46, 0x44, 0x50, 6, 1, headers.length - 1, 0xff]);
  headers.forEach(([id, minor, dwords, pointer], index) => {
    const place = [pointer & 0xff, (pointer >> 8) & 0xff, pointer >> 16];
    area.set([id & 0xff, minor, 1, dwords, ...place, id >> 8], 8 + 8 * index);
  });
  return area;
}

/** Nine dwords of 2 MiB with 4, 32 and 64 KiB, as in the field case; FF lies after it. */
const NINE = "e520f9ffffffff0044eb086b083b42bbfeffffffffff0000ffff40eb0c200f5210d800ff";

describe("areas that were met, and their kin", () => {
  const nine = Uint8Array.from(Buffer.from(NINE, "hex"));
  const said = (...headers: Parameters<typeof areaWith>[0]): At25Descriptor | string => {
    const area = areaWith(headers);
    area.set(nine, 0x80);
    judge(area);
    const parsed = descriptorFromSfdp(area, unnamedSfdpPart([0xc8, 0x40, 0x15]));
    return parsed.ok ? parsed.value : parsed.reason;
  };
  const careful = { geometry: { capacityBytes: 2_097_152, pageBytes: 256, programMaximumUs: 10_000 } };

  // C26.
  it.each([0, 5, 6, 7, 8, 255])("16 dwords by the header of revision 1.%i, nine in truth", (minor) => {
    expect(said([0xff00, minor, 16, 0x80])).toMatchObject(careful);
    expect(said([0xff00, minor, 255, 0x80])).toMatchObject(minor === 255 ? {} : careful);
  });

  it("several basic tables: the latest that can be read", () => {
    expect(said([0xff00, 0, 9, 0x80], [0xff00, 6, 16, 0xffff00])).toMatchObject(careful);
    expect(said([0xff00, 0, 9, 0x80], [0xff00, 6, 3, 0x80])).toMatchObject(careful);
    expect(said([0xff00, 0, 9, 0xffff00], [0xff00, 6, 16, 0xffff00])).toMatch(/ends at byte 16777024 and only 512/);
  });

  it("a list of commands with four address bytes that is blank, short or elsewhere is none; a small chip needs none", () => {
    for (const four of [
      [0xff84, 0, 2, 0x100],
      [0xff84, 0, 0, 0x100],
      [0xff84, 0, 2, 0xffff00],
    ] as const) {
      expect(said([0xff00, 0, 9, 0x80], four)).toMatchObject(careful);
    }
  });

  it("times that were not filled in, and the longest that can be written", () => {
    const table = new Uint8Array(64);
    table.set(nine);
    const area = areaWith([[0xff00, 6, 16, 0x80]]);
    const with10And11 = (ten: number, eleven: number): unknown => {
      const view = new DataView(table.buffer);
      view.setUint32(36, ten, true);
      view.setUint32(40, eleven, true);
      area.set(table, 0x80);
      judge(area);
      const parsed = descriptorFromSfdp(area, unnamedSfdpPart([0xc8, 0x40, 0x15]));
      if (!parsed.ok) return parsed.reason;
      const { programMaximumUs, pageBytes, eraseUnits } = parsed.value.geometry;
      return [pageBytes, programMaximumUs, ...eraseUnits.map(({ regions }) => (regions[0]?.maximumUs ?? 0) / 1000)];
    };
    const untold = [256, 10_000, 1_000, 4_000, 8_000, 256_000];
    expect(with10And11(0xffffffff, 0xffffffff)).toEqual(untold);
    expect(with10And11(0, 0)).toEqual(untold);
    // One unit of the smallest kind everywhere: no chip is that quick.
    expect(with10And11(0x80000000, 0x80)).toEqual([256, 100, 20, 20, 20, 64]);
    // 32 times 32 s for a block: half an hour is the most that is waited for.
    expect(with10And11(0xfffffff0, 0x7fffff8f)).toMatchObject([256, 65_536, 64_000, 64_000, 64_000, 2_400_000]);
    expect(with10And11(0xfffffffe, 0x7fffff8f)).toMatchObject([256, 65_536, 960_000, 960_000, 960_000, 2_400_000]);
  });
});

describe("invented areas", () => {
  const bytes = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0x00, 0xff))), { maxLength: 12 });
  const filled = fc.array(
    fc.record({ at: fc.nat(), length: fc.nat(64), value: fc.constantFrom(0x00, 0xff, 0x55, 0x80) }),
    { maxLength: 3 },
  );

  it("real ones with bytes changed, stretches blank, cut and lengthened", () => {
    fc.assert(
      fc.property(fc.nat(), bytes, filled, fc.nat(80), (choice, changes, stretches, cut) => {
        const real = AREAS[choice % AREAS.length] ?? new Uint8Array(0);
        const area = new Uint8Array(Math.max(256, real.length)).fill(0xff);
        area.set(real);
        for (const { at, length, value } of stretches) {
          const from = 8 + (at % (area.length - 8));
          area.fill(value, from, Math.min(area.length, from + length));
        }
        // Mostly in the headers and the first table, where it matters.
        for (const [at, value] of changes) area[5 + (at % (at % 3 === 0 ? area.length - 5 : 100))] = value;
        judge(cut === 0 ? area.subarray(0, area.length - 17) : area, [IDS[choice % IDS.length] ?? ""]);
      }),
      { numRuns: effort(300, 5_000), seed: 19 },
    );
  });

  it("noise behind a signature and a header that fits", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 248, maxLength: 248 }), fc.nat(4), fc.nat(8), (noise, count, minor) => {
        const area = new Uint8Array(256);
        area.set(noise, 8);
        area.set([0x53, 0x46, 0x44, 0x50, minor, 1, count, 0xff, 0x00, minor, 1, 16, 0x80, 0, 0, 0xff]);
        judge(area, [IDS[minor % IDS.length] ?? ""]);
      }),
      { numRuns: effort(200, 3_000), seed: 19 },
    );
  });

  it("two readings that differ, or one that comes late, are no area", () => {
    const program = readSfdp(LIMITS, 256);
    const area = AREAS[0]?.slice(0, 256) ?? new Uint8Array(0);
    const padded = new Uint8Array(256).fill(0xff);
    padded.set(area);
    const other = padded.with(200, padded[200] === 0 ? 1 : 0);
    expect(program.decode(ran([...padded], [...other]))).toEqual({ outcome: "done", value: undefined });
  });
});
