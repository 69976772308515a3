/**
 * Everything the basic flash parameter table says, for people and programs that want to see it; the engine itself lives on
 * `basic-table.ts`, which takes less and doubts more. Opcodes are hex text, as datasheets write them.
 *
 * Fields that a table is too short for are left out: 9 dwords (2011) end before the times, 16 have all that is decoded here.
 * So are those of dwords 10 to 16 where the two with the times are blank.
 */
import { capacityOf, CHIP_ERASE_UNITS_MS, ERASE_UNITS_MS, hasTimes, multiplier } from "./basic-table.ts";
import { bit, bits, dword } from "./dwords.ts";
import { type Parsed, refused } from "./sfdp-area.ts";

export interface FastReadFacts {
  readonly opcode: string;
  /** Clocks; the two together are the dummy clocks. */
  readonly modeClocks: number;
  readonly waitStates: number;
}

export interface EraseTypeFacts {
  /** Number in the table, 1 to 4. */
  readonly type: number;
  readonly sizeBytes: number;
  readonly opcode: string;
  readonly typMs?: number | undefined;
  readonly maxMs?: number | undefined;
}

/** Dwords 10 to 16. */
export interface LaterFacts {
  readonly eraseTypToMaxMultiplier: number;
  readonly pageProgramTypUs: number;
  readonly pageProgramMaxUs: number;
  readonly programTypToMaxMultiplier: number;
  readonly byteProgramFirstTypUs: number;
  readonly byteProgramNextTypUs: number;
  readonly chipEraseTypMs: number;
  readonly suspend:
    | { readonly supported: false }
    | {
        readonly supported: true;
        readonly programResumeToSuspendUs: number;
        readonly programSuspendMaxNs: number;
        readonly eraseResumeToSuspendUs: number;
        readonly eraseSuspendMaxNs: number;
        readonly programResume: string;
        readonly programSuspend: string;
        readonly eraseResume: string;
        readonly eraseSuspend: string;
      };
  readonly busyPoll: { readonly srBit0: boolean; readonly flagStatus70hBit7: boolean; readonly raw: number };
  readonly deepPowerDown:
    | { readonly supported: false }
    | { readonly supported: true; readonly enter: string; readonly exit: string; readonly exitDelayNs: number };
  readonly quadEnable: { readonly code: number; readonly meaning: string };
  readonly holdResetDisable: boolean;
  readonly softReset: { readonly raw: number; readonly sequence66h99h: boolean; readonly F0h: boolean };
  readonly enter4Byte: { readonly raw: string; readonly methods: readonly string[] };
  readonly exit4Byte: { readonly raw: string; readonly methods: readonly string[] };
  readonly sr1WriteEnableRaw: number;
}

export interface BasicTableFacts extends Partial<LaterFacts> {
  readonly rev: string;
  readonly dwords: number;
  readonly erase4k: { readonly supported: boolean; readonly opcode: string };
  readonly writeGranularity64OrMore: boolean;
  readonly blockProtectBitsVolatile: boolean;
  /** Opcode before a write of volatile protection bits; null where they are not volatile. */
  readonly volatileSrWriteEnable: string | null;
  readonly addressBytes: "3" | "3-or-4" | "4";
  readonly dtr: boolean;
  readonly densityBits: number;
  readonly sizeBytes: number;
  /** By lanes of opcode, address and data. */
  readonly fastReads: Readonly<Record<string, FastReadFacts>>;
  readonly eraseTypes: readonly EraseTypeFacts[];
  readonly pageSize: number;
  readonly pageSizeFrom?: string | undefined;
}

const FIRST_DWORDS = 9;
const ALL_DWORDS = 16;
const DEFAULT_PAGE_BYTES = 256;
const NO_OPCODE = new Set([0x00, 0xff]);
const ADDRESS_BYTES = ["3", "3-or-4", "4"] as const;
const SHORT_UNITS_NS = [128, 1_000, 8_000, 64_000] as const;
const RESUME_UNIT_US = 64;

const QUAD_ENABLE = [
  "no bit to set",
  "SR2 bit1, write 01h with two bytes (one byte clears SR2)",
  "SR1 bit6",
  "SR2 bit7, read 3Fh, write 3Eh",
  "SR2 bit1, write 01h with two bytes (one byte leaves SR2 alone)",
  "SR2 bit1, read 35h, write 01h with two bytes",
  "SR2 bit1, read 35h, write 31h",
] as const;

const ENTER_4_BYTE = [
  "B7h",
  "06h then B7h",
  "C5h extended address register",
  "17h bank register",
  "B5h/B1h nonvolatile config",
  "dedicated 4-byte opcodes",
  "always 4-byte",
  "reserved",
] as const;

/** Bits 8 and 9 are reserved and have no names. */
const EXIT_4_BYTE = [
  "E9h",
  "06h then E9h",
  "C5h extended address register",
  "17h bank register",
  "B5h/B1h nonvolatile config",
  "hardware reset",
  "software reset",
  "power cycle",
] as const;

/** Where a read mode says that it exists, and where its opcode and clocks are. */
const FAST_READS = [
  { lanes: "1-1-2", supportDword: 1, supportBit: 16, dword: 4, low: 0 },
  { lanes: "1-2-2", supportDword: 1, supportBit: 20, dword: 4, low: 16 },
  { lanes: "1-1-4", supportDword: 1, supportBit: 22, dword: 3, low: 16 },
  { lanes: "1-4-4", supportDword: 1, supportBit: 21, dword: 3, low: 0 },
  { lanes: "2-2-2", supportDword: 5, supportBit: 0, dword: 6, low: 16 },
  { lanes: "4-4-4", supportDword: 5, supportBit: 4, dword: 7, low: 16 },
] as const;

/** Decodes the table of this revision; `dwords` are at least 9. */
export function describeBasicTable(dwords: readonly number[], rev: string): Parsed<BasicTableFacts> {
  if (dwords.length < FIRST_DWORDS) {
    return refused(`the basic flash parameter table has ${dwords.length} dwords; the minimum is 9`);
  }
  const sizeBytes = capacityOf(dword(dwords, 2));
  if (typeof sizeBytes === "string") return refused(sizeBytes);
  const first = dword(dwords, 1);
  const addressBytes = ADDRESS_BYTES[bits(first, 18, 17)];
  if (addressBytes === undefined) return refused("the table's number of address bytes is a reserved value");
  const isVolatile = bit(first, 3);
  return {
    ok: true,
    value: {
      rev,
      dwords: dwords.length,
      erase4k: { supported: bits(first, 1, 0) === 1, opcode: hex(bits(first, 15, 8)) },
      writeGranularity64OrMore: bit(first, 2),
      blockProtectBitsVolatile: isVolatile,
      volatileSrWriteEnable: isVolatile ? (bit(first, 4) ? "0x06" : "0x50") : null,
      addressBytes,
      dtr: bit(first, 19),
      densityBits: sizeBytes * 8,
      sizeBytes,
      fastReads: fastReadsOf(dwords),
      eraseTypes: eraseTypesOf(dwords),
      ...pageOf(dwords),
      ...laterOf(dwords),
    },
  };
}

function fastReadsOf(dwords: readonly number[]): Record<string, FastReadFacts> {
  const reads: Record<string, FastReadFacts> = {};
  for (const mode of FAST_READS) {
    if (!bit(dword(dwords, mode.supportDword), mode.supportBit)) continue;
    const half = bits(dword(dwords, mode.dword), mode.low + 15, mode.low);
    reads[mode.lanes] = { opcode: hex(half >>> 8), modeClocks: (half >>> 5) & 7, waitStates: half & 31 };
  }
  return reads;
}

function eraseTypesOf(dwords: readonly number[]): EraseTypeFacts[] {
  return [1, 2, 3, 4].flatMap((type) => {
    const low = type % 2 === 1 ? 0 : 16;
    const half = bits(dword(dwords, type <= 2 ? 8 : 9), low + 15, low);
    const exponent = half & 0xff;
    const opcode = half >>> 8;
    if (exponent === 0 || exponent > 31 || NO_OPCODE.has(opcode)) return [];
    return [{ type, sizeBytes: 2 ** exponent, opcode: hex(opcode), ...eraseTimesOf(dwords, type) }];
  });
}

function eraseTimesOf(
  dwords: readonly number[],
  type: number,
): { typMs?: number | undefined; maxMs?: number | undefined } {
  if (!hasTimes(dwords, 10)) return {};
  const times = dword(dwords, 10);
  const low = 4 + 7 * (type - 1);
  const typMs = (bits(times, low + 4, low) + 1) * (ERASE_UNITS_MS[bits(times, low + 6, low + 5)] ?? 1);
  return { typMs, maxMs: typMs * multiplier(times) };
}

function pageOf(dwords: readonly number[]): Pick<BasicTableFacts, "pageSize" | "pageSizeFrom"> {
  if (!hasTimes(dwords, 11)) return { pageSize: DEFAULT_PAGE_BYTES, pageSizeFrom: "default (no dword 11)" };
  return { pageSize: 2 ** bits(dword(dwords, 11), 7, 4) };
}

/** Undefined for a table that ends before them, or has no times. */
function laterOf(dwords: readonly number[]): LaterFacts | undefined {
  if (dwords.length < ALL_DWORDS || !hasTimes(dwords, 10) || !hasTimes(dwords, 11)) return undefined;
  const program = dword(dwords, 11);
  const typUs = (bits(program, 12, 8) + 1) * (bit(program, 13) ? 64 : 8);
  const power = dword(dwords, 14);
  const quad = bits(dword(dwords, 15), 22, 20);
  const address = dword(dwords, 16);
  const reset = bits(address, 13, 8);
  const enter = bits(address, 31, 24);
  const exit = bits(address, 23, 14);
  return {
    eraseTypToMaxMultiplier: multiplier(dword(dwords, 10)),
    pageProgramTypUs: typUs,
    pageProgramMaxUs: typUs * multiplier(program),
    programTypToMaxMultiplier: multiplier(program),
    byteProgramFirstTypUs: (bits(program, 17, 14) + 1) * (bit(program, 18) ? 8 : 1),
    byteProgramNextTypUs: (bits(program, 22, 19) + 1) * (bit(program, 23) ? 8 : 1),
    chipEraseTypMs: (bits(program, 28, 24) + 1) * (CHIP_ERASE_UNITS_MS[bits(program, 30, 29)] ?? 16),
    suspend: suspendOf(dword(dwords, 12), dword(dwords, 13)),
    busyPoll: { srBit0: bit(power, 2), flagStatus70hBit7: bit(power, 3), raw: bits(power, 7, 2) },
    deepPowerDown: deepPowerDownOf(power),
    quadEnable: { code: quad, meaning: QUAD_ENABLE[quad] ?? "reserved" },
    holdResetDisable: bit(dword(dwords, 15), 23),
    softReset: { raw: reset, sequence66h99h: bit(reset, 4), F0h: bit(reset, 3) },
    enter4Byte: { raw: hex(enter), methods: namesOf(enter, ENTER_4_BYTE) },
    exit4Byte: { raw: hex(exit), methods: namesOf(exit, EXIT_4_BYTE) },
    sr1WriteEnableRaw: bits(address, 6, 0),
  };
}

function suspendOf(times: number, opcodes: number): LaterFacts["suspend"] {
  if (bit(times, 31)) return { supported: false };
  const shortNs = (count: number, unit: number): number => (count + 1) * (SHORT_UNITS_NS[unit] ?? 128);
  return {
    supported: true,
    programResumeToSuspendUs: (bits(times, 12, 9) + 1) * RESUME_UNIT_US,
    programSuspendMaxNs: shortNs(bits(times, 17, 13), bits(times, 19, 18)),
    eraseResumeToSuspendUs: (bits(times, 23, 20) + 1) * RESUME_UNIT_US,
    eraseSuspendMaxNs: shortNs(bits(times, 28, 24), bits(times, 30, 29)),
    programResume: hex(bits(opcodes, 7, 0)),
    programSuspend: hex(bits(opcodes, 15, 8)),
    eraseResume: hex(bits(opcodes, 23, 16)),
    eraseSuspend: hex(bits(opcodes, 31, 24)),
  };
}

function deepPowerDownOf(power: number): LaterFacts["deepPowerDown"] {
  if (bit(power, 31)) return { supported: false };
  return {
    supported: true,
    enter: hex(bits(power, 30, 23)),
    exit: hex(bits(power, 22, 15)),
    exitDelayNs: (bits(power, 12, 8) + 1) * (SHORT_UNITS_NS[bits(power, 14, 13)] ?? 128),
  };
}

function namesOf(value: number, names: readonly string[]): string[] {
  return names.filter((_, index) => bit(value, index));
}

/** "0x20": at least two digits. */
export function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}
