/**
 * Damaged files: one character, line or block changed, cut or doubled, and files that end early. What is accepted has
 * the bytes of the undamaged file, or some of them; what a format cannot show at all is found out by a reader of its
 * own and counted.
 */
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/bytes.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { openImage } from "../../src/files/open-image.ts";
import { uf2Encoder } from "../../src/files/uf2-encoder.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { effort, sayCount } from "../support/effort.ts";
import { type Listing, listingOf } from "./support/peers.ts";
import { counting, HEX_END, hexBase, hexLine, srecLine, textOf } from "./support/record-text.ts";
import { uf2Listing } from "./support/uf2-reader.ts";

/** NORBRIDGE_DAMAGED_FILES=100000 tries more. */
const FILES = Number(process.env["NORBRIDGE_DAMAGED_FILES"] ?? effort(400, 30_000));
const FAMILY = 0xe48bff56;

/**
 * The image of a file without a name, as from a pipe: its contents alone say what it is. An ELF file has nothing behind its first
 * bytes that says so: there it is the name.
 */
async function read(
  name: string,
  contents: Uint8Array,
): Promise<{ readonly format: string; readonly cells: Listing } | undefined> {
  async function* input(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(contents);
  }
  try {
    const image = await openImage("-", {
      standardInput: input(),
      format: name === "elf" ? name : undefined,
    });
    const cells: string[] = [];
    for (const segment of image.segments) {
      cells.push(`0x${segment.address.toString(16)}: ${toHex(await image.read(segment))}`);
    }
    return { format: image.format, cells };
  } catch (error) {
    if (error instanceof NorbridgeError && error.code === "FILE_INVALID") return undefined;
    throw error;
  }
}

function cellsOf(listing: Listing): Map<number, string> {
  const cells = new Map<number, string>();
  for (const line of listing ?? []) {
    const [address = "", digits = ""] = line.split(": ");
    for (let at = 0; at < digits.length; at += 2) cells.set(Number(address) + at / 2, digits.slice(at, at + 2));
  }
  return cells;
}

const isPart = (some: Listing, all: Listing): boolean => {
  const whole = cellsOf(all);
  return [...cellsOf(some)].every(([address, byte]) => whole.get(address) === byte);
};

/** Bytes from `start` to `end` of a file: a character, a line, a block. */
interface Unit {
  readonly start: number;
  readonly end: number;
}

/** `unitBytes`: length of what counts as a line in a file that has none. */
function unitOf(random: Random, file: Uint8Array, unitBytes: number | undefined): Unit {
  const at = random.nextUint32() % file.length;
  switch (random.nextUint32() % 3) {
    case 0:
      return { start: at, end: at + 1 };
    case 1: {
      if (unitBytes !== undefined) {
        const start = at - (at % unitBytes);
        return { start, end: Math.min(start + unitBytes, file.length) };
      }
      const end = file.indexOf(0x0a, at);
      return { start: file.lastIndexOf(0x0a, at - 1) + 1, end: end < 0 ? file.length : end + 1 };
    }
    default:
      return { start: at, end: Math.min(file.length, at + 2 + (random.nextUint32() % 64)) };
  }
}

function damaged(random: Random, file: Uint8Array, unitBytes: number | undefined): Uint8Array {
  const { start, end } = unitOf(random, file, unitBytes);
  const [before, unit, after] = [file.subarray(0, start), file.subarray(start, end), file.subarray(end)];
  switch (random.nextUint32() % 5) {
    case 0:
      return concatBytes([before, random.bytes(unit.length), after]);
    case 1: {
      // As typed or sent wrongly: other characters of the same kind.
      const digits = Buffer.from(unit.map(() => random.nextUint32()))
        .toString("hex")
        .toUpperCase();
      return concatBytes([before, Buffer.from(digits).subarray(0, unit.length), after]);
    }
    case 2:
      return concatBytes([before, after]);
    case 3:
      return concatBytes([before, unit, unit, after]);
    default:
      return before;
  }
}

/** Whether each line that the undamaged file does not have is a whole record with a right checksum, by a check of its own. */
function isValidText(file: Uint8Array, original: ReadonlySet<string>): boolean {
  const lines = Buffer.from(file)
    .toString("latin1")
    .split(/[\r\n]+/);
  return lines.every((line) => line.trim() === "" || original.has(line) || isRecord(line.trim()));
}

function isRecord(line: string): boolean {
  const isHex = line.startsWith(":");
  const bytes = Buffer.from(line.slice(isHex ? 1 : 2), "hex");
  const sum = bytes.reduce((total, byte) => total + byte, 0) & 0xff;
  return sum === (isHex ? 0 : 0xff) && bytes[0] === bytes.length - (isHex ? 5 : 1);
}

interface Counts {
  refused: number;
  same: number;
  part: number;
  [what: string]: number;
}

/** Damages files and counts how they are read; `explain` names what the format cannot show, or throws. */
async function campaign(
  name: string,
  files: readonly { readonly contents: Uint8Array; readonly expected: Listing }[],
  unitBytes: number | undefined,
  explain: (damagedFile: Uint8Array, found: Listing, original: Uint8Array) => string,
): Promise<Counts> {
  const random = createRandom(`damage ${name}`);
  const counts: Counts = { refused: 0, same: 0, part: 0 };
  for (let index = 0; index < FILES; index++) {
    const file = files[index % files.length];
    if (file === undefined) break;
    const contents = damaged(random, file.contents, unitBytes);
    // Of a single byte nothing is known.
    const found = contents.length <= 1 ? undefined : await read(name, contents);
    if (found === undefined) counts.refused++;
    else {
      const where = `${name} ${index}, ${JSON.stringify(found).slice(0, 200)}: ${Buffer.from(contents).toString("latin1").slice(0, 2000)}`;
      expect(found.format, where).toBe(name);
      if (JSON.stringify(found.cells) === JSON.stringify(file.expected)) counts.same++;
      else if (isPart(found.cells, file.expected)) counts.part++;
      else {
        const why = explain(contents, found.cells, file.contents);
        counts[why] = (counts[why] ?? 0) + 1;
      }
    }
  }
  const others = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  sayCount(`${name}: ${FILES} damaged files, ${others.join(", ")}`);
  return counts;
}

const LINE = 16;
const data = createRandom("damage").bytes(200);
const rows = (address: number, bytes: Uint8Array): readonly (readonly [number, Uint8Array])[] =>
  Array.from({ length: Math.ceil(bytes.length / LINE) }, (_, row) => [
    address + row * LINE,
    bytes.subarray(row * LINE, (row + 1) * LINE),
  ]);
const expectedOf = (parts: readonly (readonly [number, Uint8Array])[]): Listing =>
  listingOf(parts.flatMap(([address, bytes]) => [...bytes].map((byte, at) => [address + at, byte] as const)));

describe("damaged files", { timeout: 600_000 }, () => {
  it("Intel HEX", async () => {
    const places = [
      [0x30, data],
      [0x1_fff0, data.subarray(0, 40)],
      [0x1000_0000, data],
    ] as const;
    const lines = places.map(([address, bytes]) => {
      const list: string[] = [];
      let base = -1;
      for (const [at, row] of rows(address, bytes)) {
        if (Math.floor(at / 65_536) !== base) list.push(hexBase(at));
        base = Math.floor(at / 65_536);
        list.push(hexLine(0, at % 65_536, row));
      }
      return list;
    });
    const files = lines.map((list, index) => ({
      contents: textOf([...list, HEX_END]),
      expected: expectedOf([places[index] ?? [0, data]]),
    }));
    const counts = await campaign("hex", files, undefined, (contents, _found, original) => {
      const had = Buffer.from(original).toString("latin1").split("\n");
      expect(isValidText(contents, new Set(had)), Buffer.from(contents).toString("latin1")).toBe(true);
      const bases = (file: Uint8Array): string =>
        Buffer.from(file)
          .toString("latin1")
          .match(/^:02000004.*$/gm)
          ?.join() ?? "";
      return bases(contents) === bases(original)
        ? "changed so that every checksum is right"
        : "with a base record lost or changed";
    });
    expect(counts.refused).toBeGreaterThan(FILES / 2);
  });

  it("S-records", async () => {
    const files = [1, 2, 3].map((type) => {
      const records = rows(0x40, data).map(([at, row]) => srecLine(type, at, row));
      const end = type === 2 ? [srecLine(5, records.length)] : [srecLine(5, records.length), srecLine(10 - type, 0)];
      return {
        contents: textOf([srecLine(0, 0, counting(4, 0x41)), ...records, ...end]),
        expected: expectedOf([[0x40, data]]),
      };
    });
    const counts = await campaign("srec", files, undefined, (contents, _found, original) => {
      const had = Buffer.from(original).toString("latin1").split("\n");
      expect(isValidText(contents, new Set(had)), Buffer.from(contents).toString("latin1")).toBe(true);
      return "changed so that every checksum is right";
    });
    // The count shows a lost line.
    expect(counts.part).toBe(0);
    expect(counts.refused).toBeGreaterThan(FILES / 2);
  });

  it("UF2", async () => {
    const bytes = createRandom("uf2").bytes(1200);
    const files = [undefined, FAMILY].map((familyId) => {
      const encoder = uf2Encoder({ address: 0x1000_0080, lengthBytes: bytes.length, familyId });
      const contents = concatBytes([encoder.data(0x1000_0080, bytes), encoder.end()]);
      return { contents, expected: expectedOf([[0x1000_0080, bytes]]) };
    });
    await campaign("uf2", files, 512, (contents, found) => {
      // The second reader sees the same: the file says so.
      const families = [undefined, FAMILY, Buffer.from(contents).readUInt32LE(28)];
      const others = families.map((family) => JSON.stringify(uf2Listing(contents, family)));
      expect(others).toContain(JSON.stringify(found));
      return "with another payload or address, which UF2 has no checksum of";
    });
  });

  it("ELF", async () => {
    const headers = 52 + 2 * 32;
    const file = new Uint8Array(headers + data.length);
    const view = new DataView(file.buffer);
    file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
    view.setUint32(28, 52, true);
    view.setUint16(42, 32, true);
    view.setUint16(44, 2, true);
    const loads = [
      [0x1000, 0, 120],
      [0x8000, 120, data.length - 120],
    ] as const;
    for (const [index, [address, offset, length]] of loads.entries()) {
      [1, headers + offset, address, address, length, length].forEach((value, at) => {
        view.setUint32(52 + index * 32 + at * 4, value, true);
      });
    }
    file.set(data, headers);
    const expected = expectedOf(
      loads.map(([address, offset, length]) => [address, data.subarray(offset, offset + length)]),
    );
    await campaign("elf", [{ contents: file, expected }], 16, (contents, found) => {
      expect(JSON.stringify(found)).toBe(JSON.stringify(elfListing(contents)));
      return "with another byte or address, which ELF has no checksum of";
    });
  });
});

/** The loadable bytes of a 32-bit little-endian file but its headers, without a check of anything. */
function elfListing(file: Uint8Array): Listing {
  const view = Buffer.from(file);
  const [table, size, count] = [view.readUInt32LE(28), view.readUInt16LE(42), view.readUInt16LE(44)];
  const bytes: (readonly [number, number])[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + index * size;
    if (view.readUInt32LE(at) !== 1) continue;
    const [offset, address, length] = [
      view.readUInt32LE(at + 4),
      view.readUInt32LE(at + 12),
      view.readUInt32LE(at + 16),
    ];
    for (let i = 0; i < length; i++) {
      const from = offset + i;
      if (from >= 52 && (from < table || from >= table + size * count)) bytes.push([address + i, view[from] ?? 0]);
    }
  }
  return listingOf(bytes);
}
