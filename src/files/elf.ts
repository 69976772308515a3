/**
 * ELF executables, as far as a programmer needs them: what the loader would copy to memory, at its physical address.
 * Source: System V ABI, chapters 4 and 5 (gabi), "ELF Header" and "Program Header".
 *
 *   field           32 bit  64 bit  length
 *   e_ident[0..3]   0       0       7f 45 4c 46
 *   e_ident[4]      4       4       1 = 32 bit, 2 = 64 bit
 *   e_ident[5]      5       5       1 = little-endian, 2 = big-endian
 *   e_phoff         28      32      word: file offset of the program headers
 *   e_phentsize     42      54      2
 *   e_phnum         44      56      2 (0xffff: the number is elsewhere; refused)
 *   program header
 *   p_type          0       0       4: 1 = PT_LOAD
 *   p_offset        4       8       word
 *   p_paddr         12      24      word: where the bytes live in the flash
 *   p_filesz        16      32      word: 0 for memory that is only cleared
 *   p_memsz         20      40      word, at least p_filesz
 *
 *   vector: 7f 45 4c 46 01 01 01 ... is a 32-bit little-endian file
 */
import type { ByteSource } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { collectPieces, type DecodedImage } from "./segment-builder.ts";

const PT_LOAD = 1;
const PN_XNUM = 0xffff;

interface Layout {
  readonly headerBytes: number;
  readonly wordBytes: 4 | 8;
  readonly phoff: number;
  readonly phentsize: number;
  readonly phnum: number;
  readonly programHeaderBytes: number;
  readonly offset: number;
  readonly paddr: number;
  readonly filesz: number;
  readonly memsz: number;
}

const LAYOUT_32: Layout = {
  headerBytes: 52,
  wordBytes: 4,
  phoff: 28,
  phentsize: 42,
  phnum: 44,
  programHeaderBytes: 32,
  offset: 4,
  paddr: 12,
  filesz: 16,
  memsz: 20,
};
const LAYOUT_64: Layout = {
  headerBytes: 64,
  wordBytes: 8,
  phoff: 32,
  phentsize: 54,
  phnum: 56,
  programHeaderBytes: 56,
  offset: 8,
  paddr: 24,
  filesz: 32,
  memsz: 40,
};

/** The loadable parts by physical address; their bytes stay in the file. Throws FILE_INVALID with file and reason. */
export function decodeElf(file: ByteSource): DecodedImage {
  const ident = file.read(0, Math.min(16, file.lengthBytes));
  if (ident.length === 0) throw fileInvalid(file.name, "the file is empty");
  if (!isElf(ident)) throw fileInvalid(file.name, "is not an ELF file");
  if (ident.length < 16) throw fileInvalid(file.name, "the ELF header is truncated");
  const layout = ident[4] === 1 ? LAYOUT_32 : ident[4] === 2 ? LAYOUT_64 : undefined;
  const littleEndian = ident[5] === 1 ? true : ident[5] === 2 ? false : undefined;
  if (layout === undefined) throw fileInvalid(`${file.name}: byte 4`, "the ELF class is neither 32 nor 64 bit");
  if (littleEndian === undefined) throw fileInvalid(`${file.name}: byte 5`, "the ELF byte order is unknown");
  if (file.lengthBytes < layout.headerBytes) throw fileInvalid(file.name, "the ELF header is truncated");

  const header = new FieldReader(file, file.read(0, layout.headerBytes), 0, layout, littleEndian);
  const tableOffset = header.word(layout.phoff);
  const entryBytes = header.half(layout.phentsize);
  const entryCount = header.half(layout.phnum);
  if (entryCount === 0)
    throw fileInvalid(file.name, "has no program headers: link it first, object files are not supported");
  if (entryCount === PN_XNUM) throw fileInvalid(file.name, "has more program headers than are read (65534)");
  if (entryBytes < layout.programHeaderBytes) {
    throw fileInvalid(`${file.name}: byte ${layout.phentsize}`, `a program header of ${entryBytes} bytes is too short`);
  }
  if (tableOffset + entryBytes * entryCount > file.lengthBytes) {
    throw fileInvalid(
      `${file.name}: byte ${tableOffset}`,
      "the program headers end after the end of the file; it may be truncated",
    );
  }
  const table = file.read(tableOffset, entryBytes * entryCount);
  const loads = Array.from({ length: entryCount }, (_, index) => {
    const bytes = table.subarray(index * entryBytes, (index + 1) * entryBytes);
    return readLoad(new FieldReader(file, bytes, tableOffset + index * entryBytes, layout, littleEndian), index);
  });
  const origin = { name: file.name, describe: (index: number) => `program header ${index}` };
  const pieces = collectPieces(origin, (add) =>
    loads.forEach((load, index) => add(load.address, load.offset, load.lengthBytes, index)),
  );
  return { pieces, bytes: file, notes: [] };
}

/** Whether bytes begin like an ELF file. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

function readLoad(
  reader: FieldReader,
  index: number,
): { readonly address: number; readonly offset: number; readonly lengthBytes: number } {
  const { file, layout } = reader;
  if (reader.type() !== PT_LOAD) return { address: 0, offset: 0, lengthBytes: 0 };
  const lengthBytes = reader.word(layout.filesz);
  const offset = reader.word(layout.offset);
  const address = reader.word(layout.paddr);
  const where = `${file.name}: byte ${reader.fileOffset}`;
  if (lengthBytes > reader.word(layout.memsz)) {
    throw fileInvalid(where, `program header ${index} has more bytes in the file than in memory`);
  }
  if (lengthBytes > 0 && offset + lengthBytes > file.lengthBytes) {
    throw fileInvalid(where, `the bytes of program header ${index} end after the end of the file; it may be truncated`);
  }
  if (!Number.isSafeInteger(address + lengthBytes)) {
    throw fileInvalid(where, `the address of program header ${index} is too large`);
  }
  return { address, offset, lengthBytes };
}

/** Fields of one header, in the file's word size and byte order. */
class FieldReader {
  readonly file: ByteSource;
  readonly fileOffset: number;
  readonly layout: Layout;
  readonly #view: DataView;
  readonly #littleEndian: boolean;

  constructor(file: ByteSource, bytes: Uint8Array, fileOffset: number, layout: Layout, littleEndian: boolean) {
    this.file = file;
    this.fileOffset = fileOffset;
    this.layout = layout;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
  }

  type(): number {
    return this.#view.getUint32(0, this.#littleEndian);
  }

  half(offset: number): number {
    return this.#view.getUint16(offset, this.#littleEndian);
  }

  /** 32 or 64 bits. Throws FILE_INVALID for a value past 2^53, which no file or flash reaches. */
  word(offset: number): number {
    if (this.layout.wordBytes === 4) return this.#view.getUint32(offset, this.#littleEndian);
    const value = this.#view.getBigUint64(offset, this.#littleEndian);
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
    throw fileInvalid(`${this.file.name}: byte ${this.fileOffset + offset}`, `0x${value.toString(16)} is too large`);
  }
}
