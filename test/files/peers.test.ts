/**
 * The same files read by norbridge, srec_cat, objcopy and nrf-intel-hex: the same segments, or a difference that docs/files.md
 * explains. And what norbridge writes, read back by them. All inputs are made here.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/bytes.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { memoryBytes } from "../../src/files/byte-source.ts";
import { decodeElf } from "../../src/files/elf.ts";
import type { ImageEncoder } from "../../src/files/image-encoder.ts";
import { intelHexEncoder, decodeIntelHex } from "../../src/files/intel-hex.ts";
import { decodeSrec, srecEncoder } from "../../src/files/srec.ts";
import { readPieces } from "../../src/files/segment-builder.ts";
import { uf2Encoder } from "../../src/files/uf2-encoder.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { effort, sayCount } from "../support/effort.ts";
import { itUnless } from "../support/needs.ts";
import { temporaryFolder } from "./support.ts";
import { type Listing, listingOf, PEERS, type Peer, type PeerFormat } from "./support/peers.ts";
import { counting, HEX_END, hexBase, hexLine, srecLine, textOf } from "./support/record-text.ts";
import { uf2Listing } from "./support/uf2-reader.ts";

const folder = temporaryFolder();
const PAGE = readFileSync(fileURLToPath(new URL("../../docs/files.md", import.meta.url)), "utf8");

const DECODERS = { hex: decodeIntelHex, srec: decodeSrec, elf: decodeElf } as const;

function ownListing(contents: Uint8Array, format: PeerFormat): Listing {
  try {
    const { pieces, bytes } = DECODERS[format](memoryBytes("image", contents));
    return pieces.segments.map((segment) => {
      return `0x${segment.address.toString(16)}: ${toHex(readPieces(pieces, bytes, segment))}`;
    });
  } catch (error) {
    if (error instanceof NorbridgeError && error.code === "FILE_INVALID") return undefined;
    throw error;
  }
}

interface Input {
  readonly name: string;
  readonly format: PeerFormat;
  readonly contents: Uint8Array;
  /** Row of the table in docs/files.md, if peers read the file differently. */
  readonly row?: string;
}

const hex = (name: string, lines: readonly string[], row?: string, lineEnd = "\n"): Input => ({
  ...{ name, format: "hex", contents: textOf(lines, lineEnd) },
  ...(row === undefined ? {} : { row }),
});
const srec = (name: string, lines: readonly string[], row?: string, lineEnd = "\n"): Input => ({
  ...{ name, format: "srec", contents: textOf(lines, lineEnd) },
  ...(row === undefined ? {} : { row }),
});

const S9 = srecLine(9, 0);
const ONE = hexLine(0, 0x30, [1, 2, 3]);
const S_ONE = srecLine(1, 0x30, [1, 2, 3]);

const INPUTS: readonly Input[] = [
  hex("plain", [ONE, HEX_END]),
  hex("CR LF", [ONE, HEX_END], undefined, "\r\n"),
  hex("linear base", [hexBase(0x1000_0000), hexLine(0, 0, counting(32)), HEX_END]),
  hex("segment base", [hexLine(2, 0, [0x10, 0x00]), hexLine(0, 0x20, counting(8)), HEX_END]),
  hex(
    "segment after linear",
    [hexBase(0x10_0000), ONE, hexLine(2, 0, [0, 0x10]), ONE, HEX_END],
    "segment record after a linear one",
  ),
  hex("across 64 KiB without a base", [hexLine(0, 0xfff0, counting(32)), HEX_END], "a record across 64 KiB"),
  hex(
    "across 64 KiB with a linear base",
    [hexBase(0x20_0000), hexLine(0, 0xfff8, counting(16)), HEX_END],
    "a record across 64 KiB",
  ),
  hex(
    "across the end of a segment",
    [hexLine(2, 0, [0x10, 0]), hexLine(0, 0xfff8, counting(16)), HEX_END],
    "end of a segment",
  ),
  hex("across 4 GiB", [hexBase(0xffff_0000), hexLine(0, 0xfff8, counting(16)), HEX_END], "past 4 GiB"),
  hex("start addresses", [hexLine(3, 0, [0, 0, 0x38, 0]), hexLine(5, 0, [0, 0, 0, 0xcd]), ONE, HEX_END]),
  hex("no end record", [ONE], "end record missing"),
  hex("wrong checksum", [`${ONE.slice(0, -2)}00`, HEX_END]),
  hex("a letter", [ONE.replace("02", "0x"), HEX_END]),
  hex("a comment", ["; text", ONE, HEX_END], "comments, blanks and other text"),
  hex("blanks in front", [` ${ONE}`, HEX_END], "comments, blanks and other text"),
  hex("a blank line", [ONE, "", HEX_END], "blank lines"),
  hex("CR only", [ONE, HEX_END], "lines that end with CR", "\r"),
  hex("Ctrl-Z at the end", [ONE, HEX_END, "\u001a"], "Ctrl-Z or NUL at the end"),
  hex("two files in one", [ONE, HEX_END, hexLine(0, 0x80, [9]), HEX_END], "data after the end record"),
  hex("the same address twice, other bytes", [ONE, hexLine(0, 0x31, [9]), HEX_END], "two records for one address"),
  hex("the same record twice", [ONE, ONE, HEX_END], "two records for one address"),
  hex("a byte order mark", ["\u00ef\u00bb\u00bf" + ONE, HEX_END]),
  hex("an unknown type", [hexLine(6, 0), ONE, HEX_END], "unknown record types"),
  hex("falling addresses", [hexLine(0, 0x40, [5]), hexLine(0, 0x20, [6]), hexLine(0, 0, [7]), HEX_END]),
  hex("no data", [HEX_END]),
  srec("plain", [S_ONE, S9]),
  srec("header and count", [srecLine(0, 0, counting(4, 0x41)), S_ONE, srecLine(5, 1), S9]),
  srec("three widths", [S_ONE, srecLine(2, 0x12_3456, [4]), srecLine(3, 0x8000_0000, [5]), srecLine(7, 0)]),
  srec("a count and no end", [S_ONE, srecLine(5, 1)]),
  srec("neither a count nor an end", [S_ONE], "end record missing"),
  srec("a count of four bytes", [S_ONE, srecLine(5, 1, [], 4), S9]),
  srec("a count that is wrong", [S_ONE, srecLine(5, 2), S9], "record counts"),
  srec("S1 across 64 KiB", [srecLine(1, 0xfff8, counting(16)), S9]),
  srec("S2 across 16 MiB", [srecLine(2, 0xff_fff8, counting(16)), srecLine(8, 0)]),
  srec("S3 across 4 GiB", [srecLine(3, 0xffff_fff8, counting(16)), srecLine(7, 0)], "past 4 GiB"),
  srec("wrong checksum", [`${S_ONE.slice(0, -2)}00`, S9]),
  srec("small letters", [S_ONE.toLowerCase(), S9.toLowerCase()], "small letters"),
  srec("the same address twice, other bytes", [S_ONE, srecLine(1, 0x31, [9]), S9], "two records for one address"),
  srec("S9 in the middle", [S_ONE, S9, srecLine(1, 0x80, [9]), S9], "data after the end record"),
  srec("S4", [srecLine(4, 0), S_ONE, S9], "unknown record types"),
  srec("CR LF", [S_ONE, S9], undefined, "\r\n"),
  srec("CR only", [S_ONE, S9], "lines that end with CR", "\r"),
  srec("joined files with counts", [S_ONE, srecLine(5, 1), srecLine(1, 0x80, [9]), srecLine(5, 1)], "record counts"),
];

/** A text of records as some program could write it, from random pieces that lie apart. */
function randomInput(random: Random, index: number): Input {
  const isHex = index % 2 === 0;
  const below = (count: number): number => random.nextUint32() % count;
  const lineBytes = [1, 7, 16, 32, 200][below(5)] ?? 16;
  const lines: string[] = [];
  let address = below(0x20_0000);
  let base = -1;
  for (let piece = 0; piece <= below(5); piece++) {
    address += 1 + below(0x3_0000);
    const data = random.bytes(1 + below(300));
    for (let done = 0; done < data.length; done += lineBytes) {
      const at = address + done;
      // No record crosses 64 KiB: the rows of the table are about those.
      const room = 0x1_0000 - (at % 0x1_0000);
      for (const [start, part] of [
        [at, data.subarray(done, Math.min(done + lineBytes, done + room))],
        [at + room, data.subarray(done + room, done + lineBytes)],
      ] as const) {
        if (part.length === 0) continue;
        if (isHex && Math.floor(start / 0x1_0000) !== base) {
          base = Math.floor(start / 0x1_0000);
          lines.push(hexBase(start));
        }
        lines.push(isHex ? hexLine(0, start % 0x1_0000, part) : srecLine(2 + below(2), start, part));
      }
    }
    address += data.length;
  }
  const lineEnd = below(2) === 0 ? "\n" : "\r\n";
  return isHex
    ? hex(`random ${index}`, [...lines, HEX_END], undefined, lineEnd)
    : srec(
        `random ${index}`,
        [...lines, ...(below(2) === 0 ? [srecLine(5, lines.length)] : []), S9],
        undefined,
        lineEnd,
      );
}

/** Whether the table has a row with this name. */
function hasRow(row: string): boolean {
  return PAGE.split("\n").some((line) => line.startsWith(`| ${row} |`));
}

function compare(peer: Peer, inputs: readonly Input[]): void {
  let same = 0;
  const explained = new Set<string>();
  for (const { name, format, contents, row } of inputs) {
    if (!peer.formats.includes(format)) continue;
    const [own, other] = [ownListing(contents, format), peer.read(contents, format, folder)];
    if (JSON.stringify(own) === JSON.stringify(other)) {
      same++;
      continue;
    }
    expect(
      row,
      `${format} ${name}: norbridge ${JSON.stringify(own)}, ${peer.name} ${JSON.stringify(other)}`,
    ).toBeDefined();
    expect(hasRow(row ?? ""), `docs/files.md has no row "${row ?? ""}"`).toBe(true);
    explained.add(`${format} ${name}`);
  }
  sayCount(`${peer.name}: ${same} files read the same, ${explained.size} differences, all in docs/files.md`);
}

describe("files that peers read", () => {
  const random = createRandom("peers");
  const randoms = Array.from({ length: effort(10, 400) }, (_, index) => randomInput(random, index));
  for (const peer of PEERS) {
    itUnless(peer.missing)(`${peer.name} reads the same segments, but for the rows of docs/files.md`, () => {
      compare(peer, [...INPUTS, ...randoms]);
    });
  }

  it("every random file is read by norbridge", () => {
    for (const { name, format, contents } of randoms) expect(ownListing(contents, format), name).toBeDefined();
  });

  it("every row that an input names is in the table", () => {
    for (const { row } of INPUTS) if (row !== undefined) expect(hasRow(row), row).toBe(true);
  });
});

/** Writes pieces by an encoder. */
function encoded(encoder: ImageEncoder, pieces: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  return concatBytes([...pieces.map(([address, data]) => encoder.data(address, data)), encoder.end()]);
}

const cellsOf = (pieces: readonly (readonly [number, Uint8Array])[]): Listing =>
  listingOf(pieces.flatMap(([address, data]) => [...data].map((byte, at) => [address + at, byte] as const)));

describe("files that norbridge writes", () => {
  const random = createRandom("written");
  const images = [
    [[0, random.bytes(1)]],
    [[0xfff0, random.bytes(40)]],
    [
      [0x10, random.bytes(100)],
      [0x1_2345, random.bytes(77)],
      [0x200_0000, random.bytes(300)],
    ],
    [[0x0800_0000, random.bytes(2000)]],
    [[0xffff_ff00, random.bytes(256)]],
  ] as const;
  for (const peer of PEERS) {
    itUnless(peer.missing)(`are read back by ${peer.name}`, () => {
      for (const pieces of images) {
        if (pieces.some(([address]) => address >= peer.endAddress)) continue;
        const expected = cellsOf(pieces);
        expect(peer.read(encoded(intelHexEncoder(), pieces), "hex", folder)).toEqual(expected);
        if (!peer.formats.includes("srec")) continue;
        expect(peer.read(encoded(srecEncoder(), pieces), "srec", folder)).toEqual(expected);
      }
    });
  }

  it("UF2 is read back by a second reader, with and without a family", () => {
    for (const [[address, data]] of images) {
      for (const familyId of [undefined, 0xe48bff56]) {
        const file = encoded(uf2Encoder({ address, lengthBytes: data.length, familyId }), [[address, data]]);
        expect(uf2Listing(file, familyId)).toEqual(cellsOf([[address, data]]));
        expect(uf2Listing(file, 1)).toBeUndefined();
      }
    }
  });
});

const objcopy = PEERS.find(({ name }) => name === "objcopy");

describe("programs that binutils link", () => {
  /** Programs with `.text` and `.data` at these addresses; `flags` decide what else is in the first segment. */
  const LINKS = [
    ["page-aligned text", ["-Ttext=0x10000", "-Tdata=0x20000"]],
    ["text after a boot loader", ["-Ttext=0x10000100", "-Tdata=0x10010000"]],
    ["text in the middle of a large page", ["-Ttext=0x8004000", "-Tdata=0x9000000", "-z", "max-page-size=0x10000"]],
    ["small pages", ["-Ttext=0x1234", "-Tdata=0x4000", "-z", "max-page-size=0x100"]],
    ["one segment", ["-N", "-Ttext=0x400"]],
  ] as const;

  itUnless(objcopy?.missing)("have the bytes that objcopy finds, and no headers", () => {
    const place = join(folder, "link");
    mkdirSync(place);
    const [source, object, program] = ["a.s", "a.o", "a.elf"].map((name) => join(place, name));
    if (source === undefined || object === undefined || program === undefined) throw new Error("no names");
    const data =
      '.section .text\n.globl _start\n_start:\n.byte 1,2,3,4,5\n.section .data\n.ascii "data"\n.section .bss\n.skip 16\n';
    writeFileSync(source, data);
    execFileSync("as", ["-o", object, source]);
    for (const [name, words] of LINKS) {
      execFileSync("ld", [...words, "-o", program, object], { stdio: "ignore" });
      const contents = readFileSync(program);
      const own = ownListing(contents, "elf");
      expect(own, name).toEqual(objcopy?.read(contents, "elf", folder));
      expect(own?.join(" "), name).not.toContain("7f454c46");
    }
    sayCount(`ELF: ${LINKS.length} linked programs read as objcopy reads them`);
  });
});
