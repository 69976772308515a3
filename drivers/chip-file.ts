/**
 * A part of the user's own, as a JSON file: for chips that the catalogue does not have and that do not describe themselves.
 *
 *     {
 *       "name": "XY25Q40", "vendor": "XY", "jedecId": "a14013", "capacityBytes": 524288,
 *       "erase": [
 *         { "opcode": "0x20", "sizeBytes": 4096, "typicalMs": 60, "maximumMs": 400 },
 *         { "opcode": "0xd8", "sizeBytes": 65536, "typicalMs": 500, "maximumMs": 2000 }
 *       ],
 *       "chipErase": { "opcode": "0xc7", "typicalMs": 3000, "maximumMs": 15000 },
 *       "program": { "typicalMs": 0.7, "maximumMs": 3 },
 *       "maxSpiClockHz": 50000000, "supplyMv": [2700, 3600], "protection": "bp-sec-tb-cmp"
 *     }
 *
 * Needed: name, jedecId, capacityBytes, erase (smallest first), chipErase, program. `pageBytes` is 256, `addressBytes` 3
 * (4 above 16 MiB, with 0Ch and 12h), the clock 33 MHz, the supply 3 V, `protection` "unknown" if left out.
 */
import type { At25Descriptor, At25Protection } from "./chip-descriptor.ts";
import { CHIP_ERASE_UNIT_NAME, type EraseTimesMs, eraseUnitName, uniformEraseUnit } from "./erase-units.ts";
import { otherUseOf } from "./erase-opcodes.ts";
import { type Parsed, refused } from "./sfdp/sfdp-area.ts";

const MIB = 1024 * 1024;
const THREE_BYTES_REACH = 16 * MIB;
const MAX_BYTES = 256 * MIB;
const CAREFUL_CLOCK_HZ = 33_000_000;
const KNOWN = new Set([
  ...["name", "vendor", "jedecId", "capacityBytes", "pageBytes", "addressBytes", "erase", "chipErase", "program"],
  ...["maxSpiClockHz", "supplyMv", "protection", "reportsErrors"],
]);
const PROTECTIONS: ReadonlyMap<string, At25Protection> = new Map<string, At25Protection>([
  ["unknown", { scheme: "unknown" }],
  ["bp-sec-tb-cmp", { scheme: "bp-sec-tb-cmp", write: "apart", hasVolatileWrite: false }],
  ["bp0", { scheme: "bp0" }],
]);

/** What is wrong in the file, with the place: thrown within, and answered as a reason. */
class Wrong extends Error {}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Parses a chip file: a custom part as JSON text, for chips that are not in the catalogue and have no SFDP area.
 * Returns the part, or the first fault as a part of a sentence, such as `erase[1].opcode: must be two hex digits`.
 *
 * Required keys: `name`, `jedecId`, `capacityBytes`, `erase` (smallest block first), `chipErase`, `program`. Optional
 * keys and their defaults: `vendor` (empty), `pageBytes` (256), `addressBytes` (3, above 16 MiB 4), `maxSpiClockHz` (33
 * MHz), `supplyMv` ([2700, 3600]), `protection` ("unknown"), `reportsErrors` (false).
 */
export function parseChipFile(text: string): Parsed<At25Descriptor> {
  try {
    return { ok: true, value: describe(fieldsOf(JSON.parse(text), "the file")) };
  } catch (error) {
    if (error instanceof Wrong) return refused(error.message);
    // The engine's own words differ from one Node.js to the next.
    if (error instanceof SyntaxError) return refused("it is not JSON");
    throw error;
  }
}

function describe(fields: Fields): At25Descriptor {
  for (const key of Object.keys(fields)) {
    if (!KNOWN.has(key)) throw new Wrong(`${JSON.stringify(key)} is unknown; the keys are ${[...KNOWN].join(", ")}`);
  }
  const capacityBytes = powerOfTwo(fields, "capacityBytes", 1024, MAX_BYTES);
  const addressBytes = addressBytesOf(fields, capacityBytes);
  const erases = erasesOf(fields, capacityBytes);
  const chip = fieldsOf(fields["chipErase"], "chipErase");
  const program = timesOf(fieldsOf(fields["program"], "program"), "program");
  const protection = PROTECTIONS.get(fields["protection"] === undefined ? "unknown" : textOf(fields, "protection"));
  if (protection === undefined) throw new Wrong(`protection: must be one of ${[...PROTECTIONS.keys()].join(", ")}`);
  const name = textOf(fields, "name");
  return {
    family: "at25",
    name,
    vendor: fields["vendor"] === undefined ? "" : textOf(fields, "vendor"),
    jedecId: idOf(fields),
    geometry: {
      capacityBytes,
      pageBytes: fields["pageBytes"] === undefined ? 256 : powerOfTwo(fields, "pageBytes", 1, 4096),
      erasedByte: 0xff,
      eraseUnits: [
        ...erases.map(({ sizeBytes, times }) =>
          uniformEraseUnit(eraseUnitName(sizeBytes), capacityBytes, sizeBytes, times),
        ),
        uniformEraseUnit(CHIP_ERASE_UNIT_NAME, capacityBytes, capacityBytes, timesOf(chip, "chipErase")),
      ],
      programTypicalUs: Math.round(program.typicalMs * 1000),
      programMaximumUs: Math.round(program.maximumMs * 1000),
    },
    addressBytes,
    eraseCommands: [
      ...erases.map(({ sizeBytes, opcode }) => ({ unitName: eraseUnitName(sizeBytes), opcode, addressBytes })),
      { unitName: CHIP_ERASE_UNIT_NAME, opcode: opcodeOf(chip, "chipErase"), addressBytes: 0 as const },
    ],
    maxSpiClockHz:
      fields["maxSpiClockHz"] === undefined ? CAREFUL_CLOCK_HZ : wholeOf(fields, "maxSpiClockHz", 1000, 1e9),
    protection,
    reportsErrors: fields["reportsErrors"] === true,
    sfdp: "not known",
    supplyMv: supplyOf(fields),
    sources: [`all of ${name}: the chip file`],
  };
}

function addressBytesOf(fields: Fields, capacityBytes: number): 3 | 4 {
  const value = fields["addressBytes"] ?? (capacityBytes > THREE_BYTES_REACH ? 4 : 3);
  if (value !== 3 && value !== 4) throw new Wrong("addressBytes: must be 3 or 4");
  if (value === 3 && capacityBytes > THREE_BYTES_REACH) throw new Wrong("addressBytes: 3 bytes address only 16 MiB");
  return value;
}

function erasesOf(fields: Fields, capacityBytes: number): { opcode: number; sizeBytes: number; times: EraseTimesMs }[] {
  const list: unknown = fields["erase"];
  if (!Array.isArray(list) || list.length === 0) throw new Wrong("erase: must be a list with at least one entry");
  let before = 0;
  return list.map((entry: unknown, index) => {
    const where = `erase[${index}]`;
    const one = fieldsOf(entry, where);
    const sizeBytes = powerOfTwo(one, "sizeBytes", 256, capacityBytes / 2, `${where}.`);
    if (sizeBytes <= before) throw new Wrong(`${where}.sizeBytes: larger than the entry before it`);
    before = sizeBytes;
    return { opcode: opcodeOf(one, where), sizeBytes, times: timesOf(one, where) };
  });
}

function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Wrong(`${where}: must be an object`);
}

function textOf(fields: Fields, key: string): string {
  const value = fields[key];
  // Printed in many places: letters, digits and a few marks, and not too long.
  if (typeof value === "string" && /^[A-Za-z0-9 ._/()+-]{1,40}$/.test(value)) return value;
  throw new Wrong(`${key}: must be 1 to 40 letters, digits, spaces or . _ / ( ) + -`);
}

function idOf(fields: Fields): number[] {
  const value = fields["jedecId"];
  if (typeof value !== "string" || !/^[0-9a-fA-F]{6}$/.test(value) || /^(00|ff)/i.test(value)) {
    throw new Wrong("jedecId: must be six hex digits as command 9Fh returns them, such as ef4018");
  }
  return [0, 2, 4].map((at) => Number.parseInt(value.slice(at, at + 2), 16));
}

function wholeOf(fields: Fields, key: string, least: number, most: number, prefix = ""): number {
  const value = fields[key];
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Wrong(`${prefix}${key}: must be a whole number from ${least} to ${most}`);
}

function powerOfTwo(fields: Fields, key: string, least: number, most: number, prefix = ""): number {
  const value = wholeOf(fields, key, least, most, prefix);
  if (Number.isInteger(Math.log2(value))) return value;
  throw new Wrong(`${prefix}${key}: must be a power of two`);
}

function opcodeOf(fields: Fields, where: string): number {
  const value = fields["opcode"];
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{2}$/.test(value)) {
    throw new Wrong(`${where}.opcode: must be two hex digits, such as "0x20"`);
  }
  const opcode = Number(value);
  const use = otherUseOf(opcode);
  if (use !== undefined) throw new Wrong(`${where}.opcode: ${value} is not an erase command: it ${use}`);
  return opcode;
}

const MAX_MS = 2_400_000;

function timesOf(fields: Fields, where: string): EraseTimesMs {
  const [typicalMs, maximumMs] = ["typicalMs", "maximumMs"].map((key) => fields[key]);
  if (
    typeof typicalMs !== "number" ||
    typeof maximumMs !== "number" ||
    !(typicalMs > 0) ||
    !(maximumMs >= typicalMs) ||
    maximumMs > MAX_MS
  ) {
    throw new Wrong(`${where}: typicalMs must be above 0; maximumMs must be at least typicalMs and at most ${MAX_MS}`);
  }
  return { typicalMs, maximumMs };
}

function supplyOf(fields: Fields): { minimum: number; maximum: number } {
  const value: unknown = fields["supplyMv"] ?? [2700, 3600];
  const [minimum, maximum] = Array.isArray(value) ? (value as unknown[]) : [];
  if (
    typeof minimum === "number" &&
    typeof maximum === "number" &&
    minimum > 0 &&
    minimum < maximum &&
    maximum < 6000
  ) {
    return { minimum, maximum };
  }
  throw new Wrong("supplyMv: must be two numbers, such as [2700, 3600]");
}
