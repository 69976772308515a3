/**
 * An SFDP area for simulated parts whose own area is not published: as JESD216B specifies such an area, made
 * of the part's sizes and times. Written from the standard's layout, not from the parser.
 */

export interface SfdpErase {
  readonly opcode: number;
  readonly opcode4?: number | undefined;
  readonly sizeBytes: number;
  readonly typicalMs: number;
}

export interface SfdpShape {
  readonly capacityBytes: number;
  /** At most four, smallest first. */
  readonly erases: readonly SfdpErase[];
  readonly programTypicalUs: number;
  readonly chipEraseTypicalMs: number;
  readonly hasFourByteCommands: boolean;
  /** Of the basic table: 9 in revision 1.0, or 16; 16 if left out. */
  readonly dwords?: 9 | 16 | undefined;
  /** How dword 16 specifies to leave the mode of four address bytes; nothing if left out. */
  readonly leaveFourByte?: "e9" | "06-e9" | "17" | undefined;
  /** Whether there is a table of commands with four address bytes. */
  readonly fourByteTable?: boolean | undefined;
  /** Regions from the bottom on, with the numbers of the erases (1 to 4) that work there. */
  readonly regions?: readonly { readonly sizeBytes: number; readonly types: readonly number[] }[] | undefined;
}

const BASIC_AT = 0x30;
const BASIC_DWORDS = 16;
const FOUR_BYTE_AT = 0x80;
const MAP_AT = 0xa0;
const AREA_BYTES = 0x100;
/** Longest time as a multiple of the typical: 2 x (3 + 1). */
const MULTIPLIER = 3;
const LARGE = 16 * 1024 * 1024;

/** The area as 5Ah reads it. */
export function buildSfdp(shape: SfdpShape): Uint8Array {
  const area = new Uint8Array(AREA_BYTES).fill(0xff);
  const view = new DataView(area.buffer);
  const dwords = (at: number, values: readonly number[]): void =>
    values.forEach((value, index) => view.setUint32(at + 4 * index, value >>> 0, true));
  const tables: [id: number, at: number, values: readonly number[]][] = [[0xff00, BASIC_AT, basicTable(shape)]];
  if (shape.hasFourByteCommands) tables.push([0xff84, FOUR_BYTE_AT, fourByteTable(shape)]);
  if (shape.regions !== undefined) tables.push([0xff81, MAP_AT, mapTable(shape.regions)]);
  const minor = shape.dwords === 9 ? 0 : 6;
  area.set([0x53, 0x46, 0x44, 0x50, minor, 1, tables.length - 1, 0xff]);
  tables.forEach(([id, at, values], index) => {
    area.set([id & 0xff, minor, 1, values.length, at, 0, 0, id >> 8], 8 + 8 * index);
    dwords(at, values);
  });
  return area;
}

function basicTable(shape: SfdpShape): number[] {
  const { capacityBytes, erases } = shape;
  const smallest = erases.find(({ sizeBytes }) => sizeBytes === 4096);
  const table = new Array<number>(BASIC_DWORDS).fill(0);
  const address = capacityBytes > LARGE ? 1 : 0;
  table[0] = 0xff800000 + (address << 17) + ((smallest?.opcode ?? 0xff) << 8) + 0xe4 + (smallest === undefined ? 3 : 1);
  table[1] = capacityBytes * 8 - 1;
  const type = (index: number): number => {
    const erase = erases[index];
    return erase === undefined ? 0 : (erase.opcode << 8) | Math.log2(erase.sizeBytes);
  };
  table[7] = type(0) + type(1) * 0x10000;
  table[8] = type(2) + type(3) * 0x10000;
  table[9] = erases.reduce(
    (sum, { typicalMs }, index) => sum + eraseTime(typicalMs) * 2 ** (4 + 7 * index),
    MULTIPLIER,
  );
  const isSlow = shape.programTypicalUs > 32 * 8;
  const programUnits = Math.min(32, Math.ceil(shape.programTypicalUs / (isSlow ? 64 : 8)));
  table[10] =
    MULTIPLIER +
    (8 << 4) +
    ((programUnits - 1) << 8) +
    (isSlow ? 1 << 13 : 0) +
    chipTime(shape.chipEraseTypicalMs) * 2 ** 24;
  // Suspend is not described; busy is bit 0 of 05h.
  table[11] = 0x80000000;
  table[13] = 0x80000004;
  // Enter bits 31..24: B7h, 06h and B7h, bank register. Exit bits 23..14: E9h, 06h and E9h, bank register.
  const ways = { e9: [0, 0], "06-e9": [1, 1], "17": [4, 3] } as const;
  const way = shape.leaveFourByte === undefined ? undefined : ways[shape.leaveFourByte];
  if (way !== undefined) table[15] = 2 ** (24 + way[0]) + 2 ** (14 + way[1]);
  return shape.dwords === 9 ? table.slice(0, 9) : table;
}

/** Five bits count minus one, two bits unit: never less than the time. */
function eraseTime(ms: number): number {
  return counted(ms, [1, 16, 128, 1000]);
}

function chipTime(ms: number): number {
  return counted(ms, [16, 256, 4000, 64_000]);
}

function counted(ms: number, units: readonly number[]): number {
  const index = units.findIndex((unit) => ms <= 32 * unit);
  const [at, unit] = index === -1 ? [3, units[3] ?? 1] : [index, units[index] ?? 1];
  return Math.min(31, Math.ceil(ms / unit) - 1) + (at << 5);
}

/** Read 13h and 0Ch, program 12h, and the erases that have an opcode for it. */
function fourByteTable({ erases }: SfdpShape): number[] {
  let support = 0b100_0011;
  let opcodes = 0xffffffff;
  erases.forEach(({ opcode4 }, index) => {
    if (opcode4 === undefined) return;
    support |= 1 << (9 + index);
    opcodes = (opcodes & ~(0xff << (8 * index))) | (opcode4 << (8 * index));
  });
  return [support, opcodes];
}

/** One map, the last and only one. */
function mapTable(regions: NonNullable<SfdpShape["regions"]>): number[] {
  const head = 0xff000003 + ((regions.length - 1) << 16);
  return [
    head,
    ...regions.map(
      ({ sizeBytes, types }) => (sizeBytes / 256 - 1) * 256 + types.reduce((bits, type) => bits | (1 << (type - 1)), 0),
    ),
  ];
}
