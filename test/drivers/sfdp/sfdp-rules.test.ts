/** Areas built field by field: every rule of reading them at the last value that is taken and the first that is not. */
import { describe, expect, it } from "vitest";
import { readSfdp, wantedSfdpBytes } from "../../../drivers/id-questions.ts";
import { capacityOf, parseBasicTable } from "../../../drivers/sfdp/basic-table.ts";
import { describeFourByteTable, describeSectorMap } from "../../../drivers/sfdp/other-tables.ts";
import { dword } from "../../../drivers/sfdp/dwords.ts";
import { descriptorFromSfdp, unnamedSfdpPart } from "../../../drivers/sfdp/sfdp-descriptor.ts";
import { findBasicTable, parseSfdpTables, type SfdpTable, tableDwords } from "../../../drivers/sfdp/sfdp-area.ts";
import { ran, SKIPPED, stepText } from "../step-text.ts";

const KIB = 1024;
const MIB = KIB * KIB;

interface Erase {
  readonly exponent: number;
  readonly opcode: number;
  /** Count and unit of the typical time in dword 10. */
  readonly count?: number;
  readonly unit?: number;
}

interface Chip {
  readonly density?: number;
  readonly addressBytes?: number;
  /** Bits 1:0 of dword 1: 1 says that 4 KiB erases everywhere. */
  readonly uniform?: number;
  /** Bit 2 of dword 1: 1 says that a program may have 64 bytes or more. */
  readonly granule?: number;
  readonly erases?: readonly Erase[];
  readonly lengthDwords?: number;
  readonly eraseMultiplier?: number;
  /** Dword 11. */
  readonly programTimes?: number;
}

const ERASES: readonly Erase[] = [
  { exponent: 12, opcode: 0x20, count: 4, unit: 1 },
  { exponent: 15, opcode: 0x52, count: 9, unit: 1 },
  { exponent: 16, opcode: 0xd8, count: 1, unit: 2 },
];
/** Multiplier 2 (1 + 1), pages of 256, 8 (3 + 1) us a page, chip erase 256 (5 + 1) ms. */
const PROGRAM_TIMES = 1 | (8 << 4) | (3 << 8) | (5 << 24) | (1 << 29);

/** Dwords of a basic table. */
function basic(chip: Chip = {}): number[] {
  const { density = 16 * MIB * 8 - 1, addressBytes = 0, uniform = 1, granule = 1 } = chip;
  const { erases = ERASES, lengthDwords = 16 } = chip;
  const dwords = new Array<number>(Math.max(lengthDwords, 11)).fill(0);
  dwords[0] = (uniform | (granule << 2) | (addressBytes << 17)) >>> 0;
  dwords[1] = density >>> 0;
  let times = chip.eraseMultiplier ?? 2;
  erases.forEach(({ exponent, opcode, count = 0, unit = 0 }, index) => {
    const at = 7 + (index >> 1);
    dwords[at] = ((dwords[at] ?? 0) | ((exponent | (opcode << 8)) << (index % 2 === 0 ? 0 : 16))) >>> 0;
    times += (count + unit * 32) * 2 ** (4 + 7 * index);
  });
  dwords[9] = times;
  dwords[10] = chip.programTimes ?? PROGRAM_TIMES;
  return dwords.slice(0, lengthDwords);
}

interface Table {
  readonly id: number;
  readonly dwords: readonly number[];
  readonly minor?: number;
  readonly major?: number;
}

/** An area with these tables, one after the other from byte 256. */
function areaOf(...tables: readonly Table[]): Uint8Array {
  const bytes = new Uint8Array(256 + 4 * tables.reduce((sum, { dwords }) => sum + dwords.length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set([0x53, 0x46, 0x44, 0x50, 6, 1, tables.length - 1, 0xff]);
  let pointer = 256;
  tables.forEach(({ id, dwords, minor = 6, major = 1 }, index) => {
    bytes.set([id & 0xff, minor, major, dwords.length, pointer & 0xff, pointer >> 8, 0, id >> 8], 8 + 8 * index);
    dwords.forEach((value, at) => view.setUint32(pointer + 4 * at, value, true));
    pointer += 4 * dwords.length;
  });
  return bytes;
}

const BASIC = 0xff00;
const MAP = 0xff81;
const FOUR = 0xff84;
const PART = unnamedSfdpPart([0xef, 0x0a, 0x18]);

const described = (...tables: readonly Table[]): ReturnType<typeof descriptorFromSfdp> =>
  descriptorFromSfdp(areaOf(...tables), PART);

function reasonOf(...tables: readonly Table[]): string {
  const parsed = described(...tables);
  return parsed.ok ? "ok" : parsed.reason;
}

const parsedReason = (chip: Chip): string => {
  const parsed = parseBasicTable(basic(chip));
  return parsed.ok ? "ok" : parsed.reason;
};

describe("basic table", () => {
  it("density: bits minus one, or a power; from 1 KiB to 4 GiB, powers of two only", () => {
    const refusal = "the table's density is not possible for a flash chip";
    expect([capacityOf(8 * KIB - 1), capacityOf(2 ** 31 - 1), capacityOf(0x80000020), capacityOf(0x80000023)]).toEqual([
      ...[KIB, 2 ** 28, 2 ** 29, 2 ** 32],
    ]);
    const wrong = [
      4 * KIB - 1,
      8 * KIB - 2,
      12 * KIB - 1,
      0,
      3,
      0x8000000c,
      0x80000002,
      0x80000024,
      0x80000050,
      0xffffffff,
    ];
    expect(wrong.map((density) => capacityOf(density))).toEqual(wrong.map(() => refusal));
    expect(parsedReason({ density: 0 })).toBe(refusal);
    expect(capacityOf(0x8000000d)).toBe(KIB);
  });

  it("address bytes: three, three or four, four, and no fourth value", () => {
    const of = (addressBytes: number): unknown => {
      const parsed = parseBasicTable(basic({ addressBytes }));
      return parsed.ok ? parsed.value.addressBytes : parsed.reason;
    };
    expect([of(0), of(1), of(2), of(3)]).toEqual([
      ...["3", "3 or 4", "4", "the table's number of address bytes is a reserved value"],
    ]);
  });

  it("erase types: sorted, each size once, none of no size, of no opcode or beyond the chip", () => {
    const types = (...erases: Erase[]): unknown => {
      const parsed = parseBasicTable(basic({ erases }));
      return parsed.ok
        ? parsed.value.eraseTypes.map(({ type, sizeBytes, opcode }) => [type, sizeBytes, opcode])
        : parsed.reason;
    };
    expect(
      types({ exponent: 16, opcode: 0xd8 }, { exponent: 12, opcode: 0x20 }, { exponent: 15, opcode: 0x52 }),
    ).toEqual([
      [2, 4096, 0x20],
      [3, 32_768, 0x52],
      [1, 65_536, 0xd8],
    ]);
    expect(types({ exponent: 12, opcode: 0x20 }, { exponent: 12, opcode: 0x21 })).toEqual([[1, 4096, 0x20]]);
    expect(types({ exponent: 0, opcode: 0x20 }, { exponent: 12, opcode: 0x21 })).toEqual([[2, 4096, 0x21]]);
    expect(types({ exponent: 13, opcode: 0 }, { exponent: 14, opcode: 0xff }, { exponent: 12, opcode: 1 })).toEqual([
      [3, 4096, 1],
    ]);
    expect(types({ exponent: 32, opcode: 0x20 }, { exponent: 12, opcode: 1 })).toEqual([[2, 4096, 1]]);
    expect(types()).toBe("the table lists no erase command");
    expect(types({ exponent: 25, opcode: 0x20 })).toBe("erase type 1 of 33554432 bytes does not divide the chip");
    expect(types({ exponent: 31, opcode: 0x20 })).toBe("erase type 1 of 2147483648 bytes does not divide the chip");
    expect(types({ exponent: 24, opcode: 0x20 })).toEqual([[1, 16 * MIB, 0x20]]);
  });

  it("times: by count, unit and multiplier, in tables that are long enough for them", () => {
    const of = (chip: Chip): ReturnType<typeof parseBasicTable> => parseBasicTable(basic(chip));
    expect(of({})).toEqual({
      ok: true,
      value: {
        capacityBytes: 16 * MIB,
        addressBytes: "3",
        pageBytes: 256,
        eraseTypes: [
          { type: 1, sizeBytes: 4096, opcode: 0x20, typicalMs: 80, maximumMs: 480 },
          { type: 2, sizeBytes: 32_768, opcode: 0x52, typicalMs: 160, maximumMs: 960 },
          { type: 3, sizeBytes: 65_536, opcode: 0xd8, typicalMs: 256, maximumMs: 1536 },
        ],
        program: {
          pageBytes: 256,
          typicalUs: 32,
          maximumUs: 128,
          chipEraseTypicalMs: 1536,
          // 256 blocks of 256 ms, twice.
          chipEraseMaximumMs: 131_072,
        },
      },
    });
    const quick = { erases: [{ exponent: 16, opcode: 0xd8, count: 0, unit: 0 }] };
    const times = (chip: Chip): unknown => {
      const parsed = of(chip);
      return parsed.ok ? parsed.value.program?.chipEraseMaximumMs : parsed.reason;
    };
    // The larger multiplier counts: 2 (2 + 1), then 2 (6 + 1), of 1536 ms.
    expect(times({ ...quick, eraseMultiplier: 2 })).toBe(1536 * 6);
    expect(times({ ...quick, eraseMultiplier: 0, programTimes: PROGRAM_TIMES + 5 })).toBe(1536 * 14);
    expect(times({ ...quick, lengthDwords: 11 })).toBe(1536 * 6);
    expect(times({ ...quick, lengthDwords: 10 })).toBeUndefined();
    const short = of({ lengthDwords: 9 });
    expect(short.ok && short.value.eraseTypes[0]).toEqual({ type: 1, sizeBytes: 4096, opcode: 0x20 });
    const ten = of({ lengthDwords: 10 });
    expect(ten.ok && ten.value.eraseTypes[0]).toMatchObject({ typicalMs: 80, maximumMs: 480 });
    const units = [0, 1, 2, 3].map((unit) => {
      const parsed = of({ erases: [{ exponent: 12, opcode: 0x20, count: 31, unit }], eraseMultiplier: 15 });
      return parsed.ok ? [parsed.value.eraseTypes[0]?.typicalMs, parsed.value.eraseTypes[0]?.maximumMs] : undefined;
    });
    expect(units).toEqual([
      [32, 32 * 32],
      [512, 512 * 32],
      [4096, 4096 * 32],
      [32_000, 32_000 * 32],
    ]);
  });
});

describe("a descriptor", () => {
  it("is refused where the table names another command as its erase", () => {
    const known = new Set([0x20, 0x21, 0x52, 0x53, 0x5c, 0x81, 0xc4, 0xd7, 0xd8, 0xdb, 0xdc]);
    for (let opcode = 1; opcode < 0xff; opcode++) {
      const erases = [{ exponent: 12, opcode, count: 4, unit: 1 }];
      const made = described({ id: BASIC, dwords: basic({ erases }) });
      expect(made.ok, opcode.toString(16)).toBe(known.has(opcode));
    }
    // Write status, program, one-time registers: one among good ones spoils the table.
    for (const opcode of [0x01, 0x02, 0x06, 0x31, 0x42, 0x9b]) {
      const erases = [...ERASES, { exponent: 18, opcode, count: 1, unit: 1 }];
      expect(described({ id: BASIC, dwords: basic({ erases }) })).toMatchObject({
        ok: false,
        reason: expect.stringContaining("which is not an erase command on any known chip") as unknown,
      });
    }
  });

  it("has all that the table says, and careful values for the rest", () => {
    const unit = (name: string, unitBytes: number, typicalMs: number, maximumMs: number): unknown => ({
      name,
      regions: [
        {
          address: 0,
          unitBytes,
          count: (16 * MIB) / unitBytes,
          typicalUs: typicalMs * 1000,
          maximumUs: maximumMs * 1000,
        },
      ],
    });
    expect(described({ id: BASIC, dwords: basic() })).toEqual({
      ok: true,
      value: {
        family: "at25",
        name: "SFDP ef0a18",
        vendor: "JEDEC manufacturer efh",
        jedecId: [0xef, 0x0a, 0x18],
        protection: { scheme: "unknown" },
        maxSpiClockHz: 50_000_000,
        supplyMv: { minimum: 2700, maximum: 3600 },
        addressBytes: 3,
        geometry: {
          capacityBytes: 16 * MIB,
          pageBytes: 256,
          erasedByte: 0xff,
          eraseUnits: [
            unit("4 KiB sector", 4096, 80, 480),
            unit("32 KiB block", 32_768, 160, 960),
            unit("64 KiB block", 65_536, 256, 1536),
            unit("chip", 16 * MIB, 1536, 131_072),
          ],
          programTypicalUs: 32,
          programMaximumUs: 128,
        },
        eraseCommands: [
          { unitName: "4 KiB sector", opcode: 0x20, addressBytes: 3 },
          { unitName: "32 KiB block", opcode: 0x52, addressBytes: 3 },
          { unitName: "64 KiB block", opcode: 0xd8, addressBytes: 3 },
          { unitName: "chip", opcode: 0xc7, addressBytes: 0 },
        ],
        reportsErrors: false,
        sfdp: "present",
        sources: ["geometry and times: the chip's SFDP area, revision 1.6"],
      },
    });
    expect(unnamedSfdpPart([]).vendor).toBe("JEDEC manufacturer h");
  });

  it("of a table without times waits longer than any sound chip takes; a tenth counts as typical", () => {
    const parsed = described({ id: BASIC, dwords: basic({ lengthDwords: 9 }) });
    if (!parsed.ok) throw new Error(parsed.reason);
    const { geometry } = parsed.value;
    expect([geometry.programTypicalUs, geometry.programMaximumUs, geometry.pageBytes]).toEqual([1000, 10_000, 256]);
    expect(geometry.eraseUnits.map(({ regions }) => [regions[0]?.typicalUs, regions[0]?.maximumUs])).toEqual([
      [100_000, 1_000_000],
      [400_000, 4_000_000],
      [800_000, 8_000_000],
      [204_800_000, 2_048_000_000],
    ]);
  });

  it("never programs more than 256 bytes at once, and less where the page is smaller", () => {
    const pageBytes = (power: number, granule = 1): unknown => {
      const programTimes = (PROGRAM_TIMES & ~0xf0) | (power << 4);
      const parsed = described({ id: BASIC, dwords: basic({ granule, programTimes }) });
      return parsed.ok ? parsed.value.geometry.pageBytes : parsed.reason;
    };
    // Bit 2 of dword 1 promises 64 bytes: a page of 32 contradicts it.
    expect([5, 6, 8, 9, 12, 15].map((power) => pageBytes(power))).toEqual([64, 64, 256, 256, 256, 256]);
    expect([0, 5, 6, 8].map((power) => pageBytes(power, 0))).toEqual([1, 32, 64, 256]);
  });

  it("leaves out an opcode with several sizes, and 4 KiB where it is not the same everywhere", () => {
    const names = (chip: Chip): unknown => {
      const parsed = described({ id: BASIC, dwords: basic(chip) });
      return parsed.ok ? parsed.value.eraseCommands.map(({ unitName }) => unitName) : parsed.reason;
    };
    expect(names({ uniform: 3 })).toEqual(["32 KiB block", "64 KiB block", "chip"]);
    expect(names({ uniform: 0 })).toEqual(["32 KiB block", "64 KiB block", "chip"]);
    const twice = [
      { exponent: 12, opcode: 0xd8 },
      { exponent: 15, opcode: 0x52 },
      { exponent: 16, opcode: 0xd8 },
    ];
    expect(names({ erases: twice })).toEqual(["32 KiB block", "chip"]);
    const none = "no erase command of the table works on the whole chip";
    expect(names({ erases: [{ exponent: 12, opcode: 0x20 }], uniform: 3 })).toBe(none);
    expect(names({ erases: [{ exponent: 13, opcode: 0x20 }], uniform: 3 })).toEqual(["8 KiB block", "chip"]);
  });

  it("passes on what is wrong with its tables", () => {
    expect(reasonOf({ id: BASIC, dwords: basic({ density: 0 }) })).toBe(
      "the table's density is not possible for a flash chip",
    );
    expect(reasonOf({ id: MAP, dwords: [0] })).toBe(
      "the SFDP area lists no basic flash parameter table of a known revision",
    );
    const cut = areaOf({ id: BASIC, dwords: basic() }).slice(0, -1);
    expect(descriptorFromSfdp(cut, PART)).toEqual({
      ok: false,
      reason: "the basic flash parameter table ends at byte 320 and only 319 bytes were read",
    });
    expect(descriptorFromSfdp(new Uint8Array(300), PART)).toEqual({
      ok: false,
      reason: "the SFDP signature is missing",
    });
  });
});

describe("more than three address bytes reach", () => {
  const big = basic({ density: 32 * MIB * 8 - 1, addressBytes: 1 });
  const all = (1 << 1) | (1 << 6) | (7 << 9);
  const opcodes = 0xdc5c21;
  const missing = "the chip has 32 MiB, but three address bytes address only 16 MiB";

  it("drives it with the commands that take four", () => {
    const parsed = described({ id: BASIC, dwords: big }, { id: FOUR, dwords: [all, opcodes] });
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(parsed.value.addressBytes).toBe(4);
    expect(parsed.value.eraseCommands).toEqual([
      { unitName: "4 KiB sector", opcode: 0x21, addressBytes: 4 },
      { unitName: "32 KiB block", opcode: 0x5c, addressBytes: 4 },
      { unitName: "64 KiB block", opcode: 0xdc, addressBytes: 4 },
      { unitName: "chip", opcode: 0xc7, addressBytes: 0 },
    ]);
  });

  it("leaves out erases that it does not list with four", () => {
    const names = (support: number, codes: number): unknown => {
      const parsed = described({ id: BASIC, dwords: big }, { id: FOUR, dwords: [support, codes] });
      return parsed.ok ? parsed.value.eraseCommands.map(({ unitName }) => unitName) : parsed.reason;
    };
    expect(names(all & ~(1 << 10), opcodes)).toEqual(["4 KiB sector", "64 KiB block", "chip"]);
    expect(names(all, 0xdcff21)).toEqual(["4 KiB sector", "64 KiB block", "chip"]);
    expect(names(all & ~(7 << 9), opcodes)).toBe(`${missing}, and no erase command with four is listed`);
    expect(names(all, 0xffffffff)).toBe(`${missing}, and no erase command with four is listed`);
    expect(names(0xffffffff, opcodes)).toBe(`${missing}, and its list of commands with four cannot be read`);
    expect(names(all & ~(1 << 1), opcodes)).toBe(`${missing}, and read 0Ch and program 12h with four are not listed`);
    expect(names(all & ~(1 << 6), opcodes)).toBe(`${missing}, and read 0Ch and program 12h with four are not listed`);
  });

  it("refuses where it lists none, and where the list is not all there", () => {
    expect(reasonOf({ id: BASIC, dwords: big })).toBe(`${missing}, and it lists no commands with four`);
    const area = areaOf({ id: BASIC, dwords: big }, { id: FOUR, dwords: [all, opcodes] });
    const unread = `${missing}, and its list of commands with four cannot be read`;
    expect(descriptorFromSfdp(area.slice(0, -4), PART)).toEqual({ ok: false, reason: unread });
    expect(reasonOf({ id: BASIC, dwords: big }, { id: FOUR, dwords: [all] })).toBe(unread);
    expect(reasonOf({ id: BASIC, dwords: big }, { id: FOUR, dwords: [] })).toBe(unread);
  });

  it("takes dedicated commands that dword 16 promises, those of all other parts, whose sizes nothing confirms", () => {
    const dwords = big.with(15, 0x20000000);
    const parsed = described({ id: BASIC, dwords });
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(parsed.value.fourByteMode).toBeUndefined();
    expect(parsed.value.eraseCommands).toEqual([
      { unitName: "4 KiB sector", opcode: 0x21, addressBytes: 4, unprovedBytes: 4096 },
      { unitName: "32 KiB block", opcode: 0x5c, addressBytes: 4, unprovedBytes: 32_768 },
      { unitName: "64 KiB block", opcode: 0xdc, addressBytes: 4, unprovedBytes: 65_536 },
      { unitName: "chip", opcode: 0xc7, addressBytes: 0 },
    ]);
    const others = basic({ density: 32 * MIB * 8 - 1, erases: [{ exponent: 12, opcode: 0xd7 }] }).with(15, 0x20000000);
    expect(reasonOf({ id: BASIC, dwords: others })).toBe(`${missing}, and it lists no commands with four`);
  });

  it("enters the mode where dword 16 has ways in and out, or where all parts with the ID have it", () => {
    const way = (dword16: number, hasFourByteMode = false): unknown => {
      const area = areaOf({ id: BASIC, dwords: big.with(15, dword16) });
      const parsed = descriptorFromSfdp(area, unnamedSfdpPart([0x9d, 1, 2]), { hasFourByteMode });
      if (!parsed.ok) return parsed.reason;
      expect(parsed.value.addressBytes).toBe(4);
      expect(parsed.value.eraseCommands.map(({ opcode, addressBytes }) => [opcode, addressBytes])).toEqual([
        ...[
          [0x20, 4],
          [0x52, 4],
          [0xd8, 4],
          [0xc7, 0],
        ],
      ]);
      return parsed.value.fourByteMode;
    };
    const mode = { enter: [[0x06], [0xb7], [0x04]], leave: [[0x06], [0xe9], [0x04]] };
    expect([way(0x01004000), way(0x02008000), way(0x01008000), way(0, true)]).toEqual([mode, mode, mode, mode]);
    const none = `${missing}, and it lists no commands with four`;
    // No way out; a register instead of a mode; not filled in; beyond the end of the table.
    expect([way(0x01000000), way(0x04010000), way(0), way(0xffffffff), way(0xff004000)]).toEqual([
      ...[none, none, none, none, none],
    ]);
    const winbond = descriptorFromSfdp(areaOf({ id: BASIC, dwords: big }), PART, { hasFourByteMode: true });
    expect(winbond.ok && winbond.value.fourByteMode?.leave).toEqual([[0x06], [0xe9], [0x06], [0xc5, 0x00], [0x04]]);
  });

  it("a small chip that takes only four bytes is refused, one that takes either is driven with three", () => {
    expect(reasonOf({ id: BASIC, dwords: basic({ addressBytes: 2 }) })).toBe(
      "the chip supports only four address bytes",
    );
    const either = described({ id: BASIC, dwords: basic({ addressBytes: 1 }) });
    expect(either.ok && either.value.addressBytes).toBe(3);
  });

  it("a table of one dword is none", () => {
    expect(describeFourByteTable([1], [])).toEqual({
      ok: false,
      reason: "the 4-byte instruction table has 1 dwords; the minimum is 2",
    });
    const types = [1, 2, 3].map((type) => ({ type, sizeBytes: 4096 * type, opcode: "0x20" }));
    expect(describeFourByteTable([all & ~(1 << 10), 0xff5c21], types as never)).toEqual({
      ok: true,
      value: {
        supported: ["fast read 0Ch", "page program 12h", "erase type 1", "erase type 3"],
        eraseTypes: [{ type: 1, sizeBytes: 4096, opcode: "0x21" }],
      },
    });
  });
});

describe("sector map", () => {
  const region = (sizeBytes: number, ...types: number[]): number =>
    ((sizeBytes / 256 - 1) * 256 + types.reduce((mask, type) => mask | (1 << (type - 1)), 0)) >>> 0;
  const map = (regions: readonly number[], flags = 3, id = 0): number[] => [
    flags | (id << 8) | ((regions.length - 1) << 16),
    ...regions,
  ];
  /** 64 KiB of small sectors at the begin, then large ones; erase types 1: 4 KiB, 2: 32 KiB, 3: 64 KiB. */
  const mixed = [region(64 * KIB, 1), region(16 * MIB - 64 * KIB, 1, 3)];
  const erases = [
    { exponent: 12, opcode: 0xd8, count: 4, unit: 1 },
    { exponent: 15, opcode: 0x52, count: 9, unit: 1 },
    { exponent: 16, opcode: 0xd8, count: 1, unit: 2 },
  ];
  const withMap = (dwords: readonly number[], chip: Chip = {}): ReturnType<typeof descriptorFromSfdp> =>
    described({ id: BASIC, dwords: basic({ uniform: 3, ...chip }) }, { id: MAP, dwords });
  const units = (dwords: readonly number[], chip: Chip = {}): unknown => {
    const parsed = withMap(dwords, chip);
    if (!parsed.ok) return parsed.reason;
    return parsed.value.geometry.eraseUnits.map(({ name, regions }) => {
      const places = regions.map(({ address, unitBytes, count }) => `${address}: ${count} x ${unitBytes}`);
      return `${name}, ${places.join(", ")}`;
    });
  };

  it("says where a command does what", () => {
    expect(units(map(mixed))).toEqual(["4 KiB sector, 0: 4096 x 4096", "chip, 0: 1 x 16777216"]);
    // One opcode that erases small sectors at the begin and large ones behind.
    expect(units(map([region(64 * KIB, 1), region(16 * MIB - 64 * KIB, 3)]), { erases })).toEqual([
      "4 to 64 KiB block, 0: 16 x 4096, 65536: 255 x 65536",
      "chip, 0: 1 x 16777216",
    ]);
    expect(units(map([region(16 * MIB, 1, 2, 3)]))).toEqual([
      "4 KiB sector, 0: 4096 x 4096",
      "32 KiB block, 0: 512 x 32768",
      "64 KiB block, 0: 256 x 65536",
      "chip, 0: 1 x 16777216",
    ]);
    // Sorted by what they erase, whatever their number in the table.
    const backwards = [ERASES[2]!, ERASES[0]!];
    expect(units(map([region(16 * MIB, 1, 2)]), { erases: backwards })).toEqual([
      "4 KiB sector, 0: 4096 x 4096",
      "64 KiB block, 0: 256 x 65536",
      "chip, 0: 1 x 16777216",
    ]);
  });

  it("neighbours with blocks of one size are one region", () => {
    const half = region(8 * MIB, 1);
    expect(units(map([half, half]))).toEqual(["4 KiB sector, 0: 4096 x 4096", "chip, 0: 1 x 16777216"]);
  });

  it("a command that does not work everywhere, or not only in one way, is none", () => {
    const none = "no erase command of the table works on the whole chip";
    expect(units(map([region(64 * KIB, 1), region(16 * MIB - 64 * KIB, 3)]))).toBe(none);
    // Two sizes under one opcode in one region.
    expect(units(map([region(16 * MIB, 1, 3)]), { erases })).toBe(none);
    // A region that its blocks do not fill, or that begins within one.
    expect(units(map([region(32 * KIB, 1, 3), region(16 * MIB - 32 * KIB, 1, 3)]))).toEqual([
      "4 KiB sector, 0: 4096 x 4096",
      "chip, 0: 1 x 16777216",
    ]);
    expect(units(map([region(32 * KIB, 3), region(16 * MIB - 32 * KIB, 3)]))).toBe(none);
    expect(units(map([region(16 * MIB, 2)]))).toEqual(["32 KiB block, 0: 512 x 32768", "chip, 0: 1 x 16777216"]);
  });

  it("several maps, or one that has to be asked for, are refused", () => {
    const depends = "the chip's erase sizes depend on its configuration";
    expect(units([...map(mixed, 2, 0), ...map(mixed, 3, 1)])).toBe(depends);
    expect(units([0x65 << 8, 0x12345678, ...map(mixed)])).toBe(depends);
  });

  it("that is not all there, has no end, or does not add up is refused", () => {
    expect(units(map(mixed, 2))).toBe("the sector map has no last descriptor");
    expect(units(map(mixed).slice(0, 2))).toBe("the sector map ends within a descriptor");
    expect(units(map([region(8 * MIB, 1)]))).toBe("a sector map covers 8388608 bytes of a chip of 16777216");
    const area = areaOf({ id: BASIC, dwords: basic() }, { id: MAP, dwords: map(mixed) });
    expect(descriptorFromSfdp(area.slice(0, -1), PART)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/ends at byte/) as string,
    });
  });

  it("questions that choose among maps are listed as they are", () => {
    const question = ((0x70 << 24) | (1 << 22) | (8 << 16) | (0x65 << 8)) >>> 0;
    expect(
      describeSectorMap([question, 0x00800003, ...map([region(MIB, 1, 4)], 2, 5), ...map([region(MIB, 2)], 3, 6)], MIB),
    ).toEqual({
      ok: true,
      value: [
        { kind: "detection", opcode: "0x65", addressBytes: "3", latencyClocks: 8, mask: "0x70", address: "0x00800003" },
        { kind: "map", configurationId: 5, regions: [{ start: "0x00000000", sizeBytes: MIB, eraseTypes: [1, 4] }] },
        { kind: "map", configurationId: 6, regions: [{ start: "0x00000000", sizeBytes: MIB, eraseTypes: [2] }] },
      ],
    });
    const address = (bits: number): unknown => {
      const map = describeSectorMap([((bits << 22) | (0x65 << 8)) >>> 0, 0x7, 3, region(MIB, 1)], MIB);
      return map.ok ? map.value[0] : map.reason;
    };
    expect([0, 1, 2, 3].map((bits) => address(bits))).toMatchObject([
      { addressBytes: "none", address: "0x00000007" },
      { addressBytes: "3" },
      { addressBytes: "4" },
      { addressBytes: "as set" },
    ]);
    expect(describeSectorMap([question], MIB)).toEqual({
      ok: false,
      reason: "the sector map ends within a descriptor",
    });
    expect(describeSectorMap([], MIB)).toEqual({ ok: false, reason: "the sector map has no last descriptor" });
  });
});

describe("tables of an area", () => {
  it("ends exactly where its headers say", () => {
    const area = areaOf({ id: BASIC, dwords: basic() }, { id: MAP, dwords: [0] });
    const reason = (length: number): unknown => {
      const parsed = parseSfdpTables(area.slice(0, length));
      return parsed.ok ? parsed.value.length : parsed.reason;
    };
    expect([reason(24), reason(23), reason(16), reason(15), reason(8), reason(7), reason(4)]).toEqual([
      2,
      ...[
        "the SFDP area declares 2 parameter headers but ends in header 2",
        "the SFDP area declares 2 parameter headers but ends in header 2",
      ],
      ...[
        "the SFDP area declares 2 parameter headers but ends in header 1",
        "the SFDP area declares 2 parameter headers but ends in header 1",
      ],
      ...["the SFDP area ends in its header", "the SFDP area ends in its header"],
    ]);
    const other = area.slice();
    other[5] = 2;
    expect(parseSfdpTables(other)).toEqual({ ok: false, reason: "SFDP revision 2.6 is not supported" });
  });

  it("of several basic tables the newest, then the longest, of a known revision", () => {
    const table = (minor: number, lengthDwords: number, major = 1, id = BASIC): SfdpTable => ({
      ...{ id, minor, major, lengthDwords },
      pointer: minor * 1000 + lengthDwords,
    });
    const found = (...tables: SfdpTable[]): unknown => {
      const parsed = findBasicTable(tables);
      return parsed.ok ? parsed.value.pointer : parsed.reason;
    };
    expect(found(table(5, 16), table(6, 9), table(0, 20))).toBe(6009);
    expect(found(table(6, 9), table(6, 16), table(6, 12))).toBe(6016);
    expect(found(table(9, 16, 2), table(5, 16))).toBe(5016);
    expect(found(table(9, 16, 1, MAP), table(5, 16))).toBe(5016);
    expect(found(table(5, 9))).toBe(5009);
    expect(found(table(5, 8))).toBe("the basic flash parameter table has 8 dwords; the minimum is 9");
    expect(found()).toBe("the SFDP area lists no basic flash parameter table of a known revision");
  });

  it("dwords are read to the last byte and not beyond", () => {
    const area = areaOf({ id: BASIC, dwords: [1, 0x84030201] });
    const table = { id: BASIC, minor: 0, major: 1, lengthDwords: 2, pointer: 256 };
    expect(tableDwords(area, table)).toEqual({ ok: true, value: [1, 0x84030201] });
    expect(tableDwords(area.subarray(0, 263), table)).toMatchObject({ ok: false });
    expect([dword([7, 8], 1), dword([7, 8], 2)]).toEqual([7, 8]);
    expect(() => dword([7, 8], 3)).toThrow(new RangeError("the table has no dword 3"));
  });
});

describe("how much of it is read", () => {
  it("all tables that are looked at, up to 4 KiB", () => {
    const wanted = (...tables: readonly Table[]): number => wantedSfdpBytes(areaOf(...tables).slice(0, 256));
    expect(wanted({ id: BASIC, dwords: basic() })).toBe(256 + 64);
    expect(wanted({ id: BASIC, dwords: basic() }, { id: FOUR, dwords: [1, 2] })).toBe(256 + 64 + 8);
    expect(wanted({ id: BASIC, dwords: basic() }, { id: MAP, dwords: [1] })).toBe(256 + 64 + 4);
    expect(wanted({ id: BASIC, dwords: basic() }, { id: 0xff05, dwords: [1, 2, 3] })).toBe(256 + 64);
    expect(wantedSfdpBytes(new Uint8Array(77))).toBe(77);
    const at = (pointer: number): number => {
      const area = areaOf({ id: BASIC, dwords: basic() });
      area[12] = pointer & 0xff;
      area[13] = pointer >> 8;
      return wantedSfdpBytes(area.slice(0, 256));
    };
    expect([at(4096 - 64), at(4097 - 64), at(16)]).toEqual([4096, 256, 256]);
  });

  it("twice, and both times with an answer", () => {
    const program = readSfdp({ maxSendBytes: 300, maxReceiveBytes: 256 }, 8);
    expect(program.steps.map((step) => stepText(step))).toEqual(["5a 00 00 00 00 > 8", "5a 00 00 00 00 > 8"]);
    const area = [0x53, 0x46, 0x44, 0x50, 6, 1, 0, 0xff];
    expect(program.decode(ran(area, area))).toEqual({ outcome: "done", value: Uint8Array.from(area) });
    expect(program.decode([...ran(area), SKIPPED])).toEqual({ outcome: "skipped" });
    expect(program.decode([SKIPPED, SKIPPED])).toEqual({ outcome: "skipped" });
    expect(program.decode(ran(area, [...area.slice(0, 7), 0xfe]))).toEqual({ outcome: "done", value: undefined });
  });
});
