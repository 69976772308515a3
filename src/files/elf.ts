/**
 * ELF executables, as far as a programmer needs them: what the loader would copy to memory, at its physical address, without the
 * headers of the file itself (elf-content.ts).
 * Source: System V ABI, chapters 4 and 5 (gabi), "ELF Header", "Sections" and "Program Header".
 *
 *   field           32 bit  64 bit  length
 *   e_ident[0..3]   0       0       7f 45 4c 46
 *   e_ident[4]      4       4       1 = 32 bit, 2 = 64 bit
 *   e_ident[5]      5       5       1 = little-endian, 2 = big-endian
 *   e_phoff         28      32      word: file offset of the program headers
 *   e_shoff         32      40      word: file offset of the section headers, 0: none
 *   e_phentsize     42      54      2
 *   e_phnum         44      56      2 (0xffff: the number is elsewhere; refused)
 *   e_shentsize     46      58      2
 *   e_shnum         48      60      2 (0: the number is sh_size of section 0)
 *   program header
 *   p_type          0       0       4: 1 = PT_LOAD
 *   p_offset        4       8       word
 *   p_paddr         12      24      word: where the bytes live in the flash
 *   p_filesz        16      32      word: 0 for memory that is only cleared
 *   p_memsz         20      40      word, at least p_filesz
 *   section header
 *   sh_type         4       4       4: 8 = SHT_NOBITS, no bytes in the file
 *   sh_flags        8       8       word: bit 1 = SHF_ALLOC, in memory while the program runs
 *   sh_offset       16      24      word
 *   sh_size         20      32      word
 *
 *   vector: 7f 45 4c 46 01 01 01 ... is a 32-bit little-endian file
 */
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";
import { formatAddress } from "../bytes.ts";
import type { NorbridgeError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { contentOf, type ElfParts } from "./elf-content.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { collectPieces, type DecodedImage } from "./segment-builder.ts";

const PT_LOAD = 1;
const PN_XNUM = 0xffff;
const SHT_NULL = 0;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2;
/** The same in both classes. */
const SECTION_TYPE_AT = 4;
const SECTION_FLAGS_AT = 8;

interface Layout {
  readonly headerBytes: number;
  readonly wordBytes: 4 | 8;
  readonly phoff: number;
  readonly shoff: number;
  readonly phentsize: number;
  readonly phnum: number;
  readonly shentsize: number;
  readonly shnum: number;
  readonly programHeaderBytes: number;
  readonly offset: number;
  readonly paddr: number;
  readonly filesz: number;
  readonly memsz: number;
  readonly sectionHeaderBytes: number;
  readonly sectionOffset: number;
  readonly sectionSize: number;
}

const LAYOUT_32: Layout = {
  headerBytes: 52,
  wordBytes: 4,
  phoff: 28,
  shoff: 32,
  phentsize: 42,
  phnum: 44,
  shentsize: 46,
  shnum: 48,
  programHeaderBytes: 32,
  offset: 4,
  paddr: 12,
  filesz: 16,
  memsz: 20,
  sectionHeaderBytes: 40,
  sectionOffset: 16,
  sectionSize: 20,
};
const LAYOUT_64: Layout = {
  headerBytes: 64,
  wordBytes: 8,
  phoff: 32,
  shoff: 40,
  phentsize: 54,
  phnum: 56,
  shentsize: 58,
  shnum: 60,
  programHeaderBytes: 56,
  offset: 8,
  paddr: 24,
  filesz: 32,
  memsz: 40,
  sectionHeaderBytes: 64,
  sectionOffset: 24,
  sectionSize: 32,
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
  const sections = readSections(header);
  const headers = [
    { address: 0, lengthBytes: layout.headerBytes },
    { address: tableOffset, lengthBytes: table.length },
  ];
  return placedContent(file, loads, { sections: sections?.loaded, headers: [...headers, ...(sections?.table ?? [])] });
}

function placedContent(file: ByteSource, loads: readonly Load[], parts: ElfParts): DecodedImage {
  const notes: string[] = [];
  const contents = loads.map((load, index) => {
    const range = { address: load.offset, lengthBytes: load.lengthBytes };
    const content = load.lengthBytes === 0 ? [] : contentOf(file, range, parts);
    if (content === undefined) throw headerInSegment(file, load, index);
    const left = load.lengthBytes - content.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
    if (left > 0)
      notes.push(`${left} bytes of ELF headers in the segment at ${formatAddress(load.address)} are left out`);
    return content;
  });
  const origin = { name: file.name, describe: (index: number) => `program header ${index}` };
  const pieces = collectPieces(origin, (add) => {
    for (const [index, { address, offset }] of loads.entries()) {
      for (const part of contents[index] ?? [])
        add(address + part.address - offset, part.address, part.lengthBytes, index);
    }
  });
  return { pieces, bytes: file, notes };
}

function headerInSegment(file: ByteSource, { address }: Load, index: number): NorbridgeError {
  const reason = `the segment at ${formatAddress(address)} (program header ${index}) starts with the ELF header, and no section shows where its data starts`;
  return fileInvalid(file.name, reason, {
    hint: "Nothing was changed. Link the program with its headers outside of the loaded segments, or convert it to Intel HEX with objcopy.",
  });
}

interface Sections {
  /** The section headers themselves. */
  readonly table: readonly ByteRange[];
  /** Sections that are loaded and have bytes in the file, as ranges of it. */
  readonly loaded: readonly ByteRange[];
}

/** Undefined if the file has none. Throws FILE_INVALID if they are not within the file. */
function readSections(header: FieldReader): Sections | undefined {
  const { file, layout } = header;
  const start = header.word(layout.shoff);
  const entryBytes = header.half(layout.shentsize);
  if (start === 0) return undefined;
  if (entryBytes < layout.sectionHeaderBytes) {
    const reason = `a section header of ${entryBytes} bytes is too short`;
    throw fileInvalid(`${file.name}: byte ${layout.shentsize}`, reason);
  }
  const at = (index: number): FieldReader => {
    const offset = start + index * entryBytes;
    if (offset + entryBytes > file.lengthBytes) {
      const reason = "the section headers end after the end of the file; it may be truncated";
      throw fileInvalid(`${file.name}: byte ${start}`, reason);
    }
    return header.of(file.read(offset, entryBytes), offset);
  };
  const count = header.half(layout.shnum) || at(0).word(layout.sectionSize);
  const loaded: ByteRange[] = [];
  if (count > 0) at(count - 1);
  for (let index = 0; index < count; index++) {
    const section = at(index);
    const type = section.u32(SECTION_TYPE_AT);
    if (type === SHT_NULL || type === SHT_NOBITS || (section.lowWord(SECTION_FLAGS_AT) & SHF_ALLOC) === 0) continue;
    const range = { address: section.word(layout.sectionOffset), lengthBytes: section.word(layout.sectionSize) };
    if (rangeEnd(range) > file.lengthBytes) {
      const reason = `the bytes of section ${index} end after the end of the file; it may be truncated`;
      throw fileInvalid(`${file.name}: byte ${section.fileOffset}`, reason);
    }
    loaded.push(range);
  }
  return { table: [{ address: start, lengthBytes: count * entryBytes }], loaded };
}

/** Whether bytes begin like an ELF file, also if one of its first bytes is damaged. */
export function isElfLike(bytes: Uint8Array): boolean {
  const isMagic = [0x7f, 0x45, 0x4c, 0x46].filter((byte, index) => bytes[index] === byte).length;
  const [elfClass = 0, order = 0, version = 0] = bytes.subarray(4, 7);
  const isRest = Number(elfClass === 1 || elfClass === 2) + Number(order === 1 || order === 2) + Number(version === 1);
  return isMagic === 4 || (isMagic === 3 && isRest === 3);
}

function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** What a program header loads; no bytes if it loads nothing. */
interface Load {
  /** On the flash. */
  readonly address: number;
  /** In the file. */
  readonly offset: number;
  readonly lengthBytes: number;
}

function readLoad(reader: FieldReader, index: number): Load {
  const { file, layout } = reader;
  if (reader.u32(0) !== PT_LOAD) return { address: 0, offset: 0, lengthBytes: 0 };
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

  /** Another header of the same file. */
  of(bytes: Uint8Array, fileOffset: number): FieldReader {
    return new FieldReader(this.file, bytes, fileOffset, this.layout, this.#littleEndian);
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset, this.#littleEndian);
  }

  /** The low 32 bits of a word, for flags. */
  lowWord(offset: number): number {
    const isHighFirst = this.layout.wordBytes === 8 && !this.#littleEndian;
    return this.u32(isHighFirst ? offset + 4 : offset);
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
