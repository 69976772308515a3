/** ELF files in: 32 and 64 bit, both byte orders, every truncation. The files are built here, byte by byte. */
import { describe, expect, it } from "vitest";
import { memoryBytes } from "../../src/files/byte-source.ts";
import { decodeElf } from "../../src/files/elf.ts";
import { decodedListing, errorOf, expectError } from "./support.ts";

interface Header {
  readonly type?: number;
  readonly offset?: number;
  readonly paddr?: bigint;
  readonly filesz?: number;
  readonly memsz?: number;
}

interface Shape {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
}

const SHAPES: readonly Shape[] = [
  { bits: 32, littleEndian: true },
  { bits: 32, littleEndian: false },
  { bits: 64, littleEndian: true },
  { bits: 64, littleEndian: false },
];
const LITTLE_32: Shape = { bits: 32, littleEndian: true };

/** Header, program headers, then the bytes a0 a1 a2 .. a7. Returns where these are, too. */
function elf(shape: Shape, headers: (dataAt: number) => readonly Header[], phnum?: number): Uint8Array {
  const is64 = shape.bits === 64;
  const headerBytes = is64 ? 64 : 52;
  const entryBytes = is64 ? 56 : 32;
  const count = headers(0).length;
  const dataAt = headerBytes + count * entryBytes;
  const bytes = new Uint8Array(dataAt + 8);
  const view = new DataView(bytes.buffer);
  const word = (at: number, value: bigint | number): void => {
    if (is64) view.setBigUint64(at, BigInt(value), shape.littleEndian);
    else view.setUint32(at, Number(value), shape.littleEndian);
  };
  bytes.set([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, shape.littleEndian ? 1 : 2, 1]);
  word(is64 ? 32 : 28, headerBytes);
  view.setUint16(is64 ? 54 : 42, entryBytes, shape.littleEndian);
  view.setUint16(is64 ? 56 : 44, phnum ?? count, shape.littleEndian);
  headers(dataAt).forEach((header, index) => {
    const at = headerBytes + index * entryBytes;
    const filesz = header.filesz ?? 4;
    view.setUint32(at, header.type ?? 1, shape.littleEndian);
    word(at + (is64 ? 8 : 4), header.offset ?? dataAt);
    word(at + (is64 ? 16 : 8), 0x2000_0000);
    word(at + (is64 ? 24 : 12), header.paddr ?? 0n);
    word(at + (is64 ? 32 : 16), filesz);
    word(at + (is64 ? 40 : 20), header.memsz ?? filesz);
  });
  for (let i = 0; i < 8; i++) bytes[dataAt + i] = 0xa0 + i;
  return bytes;
}

const file = (bytes: Uint8Array): ReturnType<typeof memoryBytes> => memoryBytes("image.elf", bytes);

describe("ELF in", () => {
  it.each(SHAPES)("takes loadable parts by physical address: $bits bit, little-endian $littleEndian", async (shape) => {
    const bytes = elf(shape, (dataAt) => [
      { paddr: 0x1000_0008n, offset: dataAt + 4 },
      { type: 4, offset: 0xffff_fff0, filesz: 100 },
      { paddr: 0x1000_0000n, memsz: 0x4000 },
      { paddr: 0x1000_0000n, filesz: 0, memsz: 0x1000, offset: 0xffff_fff0 },
    ]);
    expect(await decodedListing(decodeElf(file(bytes)))).toEqual(["0x10000000: a0a1a2a3", "0x10000008: a4a5a6a7"]);
  });

  describe("headers within a segment", () => {
    /**
     * A segment from the start of the file, at 0x08000000: headers, `gap` bytes, then `data`, which a section names if
     * `named`.
     */
    function withHeaders(
      shape: Shape,
      { gap = new Uint8Array(0), data = Uint8Array.of(1, 2, 3), named = true, lengthBytes = -1 },
    ): { readonly bytes: Uint8Array; readonly dataAt: number } {
      const is64 = shape.bits === 64;
      const start = is64 ? 64 + 56 : 52 + 32;
      const dataAt = start + gap.length;
      const end = dataAt + data.length;
      const filesz = lengthBytes < 0 ? end : lengthBytes;
      const head = elf(shape, () => [{ offset: 0, paddr: 0x0800_0000n, filesz }]).subarray(0, start);
      const entryBytes = is64 ? 64 : 40;
      const table = new Uint8Array(named ? 3 * entryBytes : 0);
      const bytes = new Uint8Array([...head, ...gap, ...data, ...table]);
      if (!named) return { bytes, dataAt };
      const view = new DataView(bytes.buffer);
      const word = (at: number, value: number): void => {
        if (is64) view.setBigUint64(at, BigInt(value), shape.littleEndian);
        else view.setUint32(at, value, shape.littleEndian);
      };
      word(is64 ? 40 : 32, end);
      view.setUint16(is64 ? 58 : 46, entryBytes, shape.littleEndian);
      view.setUint16(is64 ? 60 : 48, 3, shape.littleEndian);
      // Section 1 has the data; section 2 has the whole file and is not loaded.
      for (const [index, flags, offset, size] of [
        [1, 2, dataAt, data.length],
        [2, 0, 0, end],
      ] as const) {
        const at = end + index * entryBytes;
        view.setUint32(at + 4, 1, shape.littleEndian);
        word(at + 8, flags);
        word(at + (is64 ? 24 : 16), offset);
        word(at + (is64 ? 32 : 20), size);
      }
      return { bytes, dataAt };
    }

    it.each(SHAPES)("are left out with their padding: $bits bit, little-endian $littleEndian", async (shape) => {
      const { bytes, dataAt } = withHeaders(shape, { gap: new Uint8Array(100) });
      const decoded = decodeElf(file(bytes));
      expect(await decodedListing(decoded)).toEqual([`0x${(0x0800_0000 + dataAt).toString(16)}: 010203`]);
      expect(decoded.notes).toEqual([`${dataAt} bytes of ELF headers in the segment at 0x8000000 are left out`]);
    });

    it("and nothing else is a segment that is left out", async () => {
      const { bytes } = withHeaders(LITTLE_32, { lengthBytes: 84 });
      await expectError(() => decodeElf(file(bytes)), "FILE_INVALID", "image.elf: holds no data");
    });

    it("without sections, what follows them at once is data", async () => {
      const { bytes, dataAt } = withHeaders(LITTLE_32, { named: false });
      expect(await decodedListing(decodeElf(file(bytes)))).toEqual([
        `0x${(0x0800_0000 + dataAt).toString(16)}: 010203`,
      ]);
    });

    it.each([
      ["padding without sections to end it", { named: false, gap: new Uint8Array(4) }],
      ["data between them and the first section", { gap: Uint8Array.of(0, 0, 7, 0) }],
    ])("%s is a doubt, and refused", async (_name, how) => {
      const { bytes } = withHeaders(LITTLE_32, how);
      const message =
        "image.elf: the segment at 0x8000000 (program header 0) starts with the ELF header, and no section shows where its data starts";
      await expectError(() => decodeElf(file(bytes)), "FILE_INVALID", message);
    });

    it("section headers that are cut off are named", async () => {
      const { bytes } = withHeaders(LITTLE_32, {});
      await expectError(
        () => decodeElf(file(bytes.subarray(0, bytes.length - 1))),
        "FILE_INVALID",
        "image.elf: byte 87: the section headers end after the end of the file; it may be truncated",
      );
    });
  });

  it.each([
    ["empty", new Uint8Array(0), "image.elf: the file is empty"],
    ["not ELF", new Uint8Array(100), "image.elf: is not an ELF file"],
    ["class", elf(LITTLE_32, () => [{}]).with(4, 3), "image.elf: byte 4: the ELF class is neither 32 nor 64 bit"],
    ["byte order", elf(LITTLE_32, () => [{}]).with(5, 0), "image.elf: byte 5: the ELF byte order is unknown"],
    [
      "object file",
      elf(LITTLE_32, () => []),
      "image.elf: has no program headers: link it first, object files are not supported",
    ],
    [
      "numbers elsewhere",
      elf(LITTLE_32, () => [{}], 0xffff),
      "image.elf: has more program headers than are read (65534)",
    ],
    [
      "cut table",
      elf(LITTLE_32, () => [{}], 4),
      "image.elf: byte 52: the program headers end after the end of the file; it may be truncated",
    ],
    [
      "short entries",
      elf(LITTLE_32, () => [{}]).with(42, 31),
      "image.elf: byte 42: a program header of 31 bytes is too short",
    ],
    ["nothing to load", elf(LITTLE_32, () => [{ type: 2 }]), "image.elf: holds no data"],
    [
      "cut data",
      elf(LITTLE_32, (at) => [{ offset: at + 5 }]),
      "image.elf: byte 52: the bytes of program header 0 end after the end of the file; it may be truncated",
    ],
    [
      "sizes",
      elf(LITTLE_32, () => [{ memsz: 3 }]),
      "image.elf: byte 52: program header 0 has more bytes in the file than in memory",
    ],
    [
      "overlap",
      elf(LITTLE_32, () => [{}, { paddr: 3n }]),
      "image.elf: program header 1 overlaps program header 0: both hold address 0x000003",
    ],
    [
      "an address past 2^53",
      elf({ bits: 64, littleEndian: true }, () => [{ paddr: 0xffff_ffff_0000_0000n }]),
      "image.elf: byte 88: 0xffffffff00000000 is too large",
    ],
  ])("refuses: %s", async (_name, bytes, message) => {
    await expectError(() => decodeElf(file(bytes)), "FILE_INVALID", message);
  });

  it.each(SHAPES)("every truncation is refused: $bits bit, little-endian $littleEndian", async (shape) => {
    const bytes = elf(shape, () => [{ filesz: 8 }]);
    for (let length = 0; length < bytes.length; length++) {
      expect((await errorOf(() => decodeElf(file(bytes.subarray(0, length))))).code).toBe("FILE_INVALID");
    }
  });
});
