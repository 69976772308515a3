/**
 * A part as one line of `parts/`, and what it means.
 *
 * `ID|name|maker|sources|key value|key value ...`. The ID is the response to 9Fh; after it, separated by dots, the bytes
 * that follow if a source has them (`??` for one that it leaves open). An ID of another command is named: `rems:` 90h,
 * `res1:` and `res2:` ABh, `at25f:` 15h, `st95:` 83h; `-` is a part without an ID. Sources are letters of
 * part-sources.ts. A value holds for all sources of the line, or for those after its `@`; values that contradict each
 * other stand side by side, separated by spaces. Sizes are bytes, or KiB and MiB with `K` and `M`.
 *
 * - `size`, `page`: capacity and page.
 * - `erase`: opcode and block size; uneven blocks from address 0 on as `4Kx2+8K+16K`. 21h, 5Ch and DCh take four address
 *   bytes. A `?` after the size: it holds only after a setting of the chip was changed.
 * - `chip`: opcodes of the chip erase. `prog`: how cells are programmed. `mv`: supply. `4b`: ways to address more than
 *   16 MiB (13h and 0Ch read, 12h program; `B7` and `06B7` enter a mode; `C5` extended address register; `17` bank
 *   register, `17.7` its bit 7 enters the mode).
 * - `sfdp`: whether the part has an SFDP area. `sfdp-only`: the source takes everything from it. `sfdp-wrong`: what the
 *   area contains is wrong.
 * - `wren`: opcodes that enable a write of the status. `sr1`: bytes that 01h takes (2: both registers). `sr23`: opcodes
 *   that write the other registers.
 * - `bp`: protection scheme of protection-schemes.ts. `lock`: bits that lock it. `unlock`: bits or command that clear it.
 *   `bp-volatile`: the bits are lost without power. `qe`: quad enable. `qpi`: opcodes that enter and leave QPI.
 * - `no-erase`: a write erases by itself. `address`: address bytes, if not three. `read`: read opcode, if not 03h.
 *   `erased`: value of an erased byte, if not FFh. `die`, `die-select`, `sr-per-die`: parts of several dice.
 * - `pages`: binary and standard page of an AT45, bytes, and their number.
 */
import { PART_SOURCES } from "./part-sources.ts";

/** A value and the letters of the sources that have it. */
export interface Claim<T> {
  /** The value. */
  readonly value: T;
  /** Letters of part-sources.ts. */
  readonly sources: string;
}

/** How the cells of a part are programmed. `none`: not at all (ROM). */
export type ProgramKind = "page" | "byte" | "aai" | "buffer" | "none";

/** A way to address more than 16 MiB; see `4b` above. */
export type FourByteWay = "13" | "0C" | "12" | "B7" | "06B7" | "C5" | "17" | "17.7";

/** An erase command of a part, without that of the whole chip. */
export interface KnownErase {
  /** The opcode. */
  readonly opcode: number;
  /** Its blocks as the line has them: `4K`, or `4Kx2+8K` for uneven ones from address 0 on. */
  readonly layout: string;
  /** Size of the largest block, bytes. */
  readonly largestBytes: number;
  /** Address bytes that follow the opcode in every mode of the chip. */
  readonly addressBytes: 3 | 4;
  /** The size holds only after a setting of the chip was changed. */
  readonly isAfterSetting: boolean;
}

/** The command whose response an ID is: 9Fh, 90h, ABh with one or two bytes, 15h, 83h, or none. */
export type IdKind = "rdid" | "rems" | "res1" | "res2" | "at25f" | "st95" | "none";

/** A part with all that its sources say of it. A list of claims is empty if no source says anything. */
export interface KnownPart {
  /** Name as the source has it; dots may stand for any letter. */
  readonly name: string;
  /** Maker. */
  readonly vendor: string;
  /** Which command returns the ID. */
  readonly idKind: IdKind;
  /** The ID: three bytes for 9Fh. */
  readonly id: readonly number[];
  /** Bytes that follow the three of 9Fh; undefined for one that is left open. */
  readonly following: readonly (number | undefined)[];
  /** Letters of all sources that have the part. */
  readonly sources: string;
  /** Capacity, bytes. */
  readonly capacityBytes: readonly Claim<number>[];
  /** Most bytes of one program command. */
  readonly pageBytes: readonly Claim<number>[];
  /** Erase commands without that of the whole chip. Complete only from some sources (part-sources.ts). */
  readonly erases: readonly Claim<readonly KnownErase[]>[];
  /** Opcodes of the chip erase, as hex: one command of an AT45 has four bytes. */
  readonly chipErase: readonly Claim<readonly string[]>[];
  /** How cells are programmed. */
  readonly program: readonly Claim<ProgramKind>[];
  /** Lowest and highest supply voltage, millivolts. */
  readonly supplyMv: readonly Claim<readonly [number, number]>[];
  /** Whether the part has an SFDP area; `not known` if no source reports it. */
  readonly sfdp: "present" | "absent" | "not known";
  /** Ways to address more than 16 MiB. */
  readonly fourByte: readonly Claim<readonly FourByteWay[]>[];
  /** All other claims of the line, by key. */
  readonly others: ReadonlyMap<string, readonly Claim<string>[]>;
}

const FOUR_BYTE_OPCODES: ReadonlySet<number> = new Set([0x21, 0x5c, 0xdc]);
const PROGRAM_KINDS: readonly ProgramKind[] = ["page", "byte", "aai", "buffer", "none"];
const FOUR_BYTE_WAYS: readonly FourByteWay[] = ["13", "0C", "12", "B7", "06B7", "C5", "17", "17.7"];
const ID_KINDS: readonly IdKind[] = ["rdid", "rems", "res1", "res2", "at25f", "st95", "none"];
const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["K", 1024],
  ["M", 1024 * 1024],
]);

/** Parses a line. Throws RangeError if it has another form; a test parses all of them. */
export function parsePartLine(line: string): KnownPart {
  const [id = "", name = "", vendor = "", sources = "", ...fields] = line.split("|");
  if (name === "" || vendor === "") throw wrong(line, "a part needs ID, name, maker and sources");
  checkSources(sources, line);
  const claims = new Map(fields.map((field) => fieldOf(field, sources, line)));
  const take = <T>(key: string, parse: (text: string) => T): readonly Claim<T>[] => {
    const found = claims.get(key) ?? [];
    claims.delete(key);
    return found.map((claim) => ({ value: parse(claim.value), sources: claim.sources }));
  };
  return {
    name,
    vendor,
    ...idOf(id, line),
    sources,
    capacityBytes: take("size", bytesOf),
    pageBytes: take("page", bytesOf),
    erases: take("erase", (text) => listOf(text).map((entry) => eraseOf(entry, line))),
    chipErase: take("chip", listOf),
    program: take("prog", (text) => oneOf(PROGRAM_KINDS, text, line)),
    supplyMv: take("mv", (text) => supplyOf(text, line)),
    sfdp: sfdpOf(claims),
    fourByte: take("4b", (text) => listOf(text).map((way) => oneOf(FOUR_BYTE_WAYS, way, line))),
    others: claims,
  };
}

/** An erase from opcode and layout, as in a line. */
export function knownErase(opcode: number, layout: string, isAfterSetting = false): KnownErase {
  return {
    opcode,
    layout,
    largestBytes: Math.max(...eraseRuns({ layout }).map(({ unitBytes }) => unitBytes)),
    addressBytes: FOUR_BYTE_OPCODES.has(opcode) ? 4 : 3,
    isAfterSetting,
  };
}

/** The blocks of an erase from address 0 on; `count` is 1 for blocks of one size, which repeat over the chip. */
export function eraseRuns({
  layout,
}: Pick<KnownErase, "layout">): { readonly unitBytes: number; readonly count: number }[] {
  return layout.split("+").map((run) => {
    const [size = "", count = "1"] = run.split("x");
    return { unitBytes: bytesOf(size), count: Number(count) };
  });
}

/** A size as lines have it: `64K`. */
export function sizeText(bytes: number): string {
  if (bytes >= 1024 * 1024 && bytes % (1024 * 1024) === 0) return `${bytes / (1024 * 1024)}M`;
  return bytes >= 1024 && bytes % 1024 === 0 ? `${bytes / 1024}K` : String(bytes);
}

function fieldOf(field: string, all: string, line: string): readonly [string, readonly Claim<string>[]] {
  const [key = "", ...values] = field.split(" ");
  if (key === "" || values.length === 0) throw wrong(line, `"${field}" has no value`);
  return [
    key,
    values.map((text) => {
      const [value = "", sources = all] = text.split("@");
      checkSources(sources, line);
      return { value, sources };
    }),
  ];
}

function idOf(text: string, line: string): Pick<KnownPart, "idKind" | "id" | "following"> {
  if (text === "-") return { idKind: "none", id: [], following: [] };
  const colon = text.indexOf(":");
  const idKind = colon < 0 ? "rdid" : oneOf(ID_KINDS, text.slice(0, colon), line);
  const [id = "", ...following] = text.slice(colon + 1).split(".");
  if (!/^([0-9a-f]{2})+$/.test(id) || (idKind === "rdid" && id.length !== 6)) throw wrong(line, "the ID is wrong");
  return {
    idKind,
    id: (id.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)),
    following: following.flatMap((bytes) => bytes.match(/../g) ?? []).map(openByte),
  };
}

function openByte(text: string): number | undefined {
  return text === "??" ? undefined : Number.parseInt(text, 16);
}

function sfdpOf(claims: ReadonlyMap<string, readonly Claim<string>[]>): KnownPart["sfdp"] {
  const says = (key: string, value: string): boolean =>
    claims.get(key)?.some((claim) => claim.value === value) ?? false;
  if (says("sfdp", "yes") || says("sfdp-only", "yes") || says("sfdp-wrong", "yes")) return "present";
  return says("sfdp", "no") ? "absent" : "not known";
}

function eraseOf(text: string, line: string): KnownErase {
  const [, opcode, layout, setting] = /^([0-9A-F]{2})=([0-9KMx+]+)(\??)$/.exec(text) ?? [];
  if (opcode === undefined || layout === undefined) throw wrong(line, `"${text}" is no erase command`);
  return knownErase(Number.parseInt(opcode, 16), layout, setting === "?");
}

function listOf(text: string): readonly string[] {
  return text === "none" ? [] : text.split(",");
}

/** A size of a line in bytes. Throws RangeError if it is none. */
export function bytesOf(text: string): number {
  const [, digits, unit] = /^(\d+)([KM]?)$/.exec(text) ?? [];
  const factor = UNITS.get(unit ?? "");
  if (digits === undefined || factor === undefined) throw new RangeError(`"${text}" is no size`);
  return Number(digits) * factor;
}

function supplyOf(text: string, line: string): readonly [number, number] {
  const [minimum = NaN, maximum = NaN] = text.split("-").map(Number);
  if (!(minimum > 0 && maximum > minimum)) throw wrong(line, `"${text}" is no supply range`);
  return [minimum, maximum];
}

function oneOf<T extends string>(allowed: readonly T[], text: string, line: string): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw wrong(line, `"${text}" is not one of ${allowed.join(", ")}`);
  return found;
}

function checkSources(letters: string, line: string): void {
  if (letters === "" || Array.from(letters).some((letter) => !Object.hasOwn(PART_SOURCES, letter))) {
    throw wrong(line, `"${letters}" are no sources`);
  }
}

function wrong(line: string, what: string): RangeError {
  return new RangeError(`${what}: ${line}`);
}
