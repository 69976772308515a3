/**
 * Which bytes of a loadable segment are content. Linkers often begin the first segment at the start of the file, so
 * that it has the ELF header, the program headers and padding before the first section. A loader in memory needs them
 * there; on a flash they would replace what is below the program, a boot loader in most cases.
 */
import { type ByteRange, rangeEnd, rangeIntersection } from "../../drivers/geometry.ts";
import { isFilledWith } from "../bytes.ts";
import type { ByteSource } from "./byte-source.ts";

/** What is known of a file, as ranges of its bytes. */
export interface ElfParts {
  /** The ELF header, the program headers, the section headers. */
  readonly headers: readonly ByteRange[];
  /** Sections that are loaded and have bytes; undefined if the file has no section headers. */
  readonly sections: readonly ByteRange[] | undefined;
}

const CHUNK_BYTES = 64 * 1024;

/**
 * The parts of a segment's bytes that are content, in order: all but the gaps between sections that have headers in
 * them. Undefined if that leaves a doubt: such a gap has other bytes than headers and zeros, or nothing shows where
 * padding ends.
 */
export function contentOf(file: ByteSource, load: ByteRange, parts: ElfParts): readonly ByteRange[] | undefined {
  const headers = within(load, parts.headers);
  if (headers.length === 0) return [load];
  return parts.sections === undefined
    ? contentBesideHeaders(file, load, headers)
    : contentWithSections(file, load, headers, within(load, parts.sections));
}

/** Without sections: what follows a header must start with a byte that is not padding. */
function contentBesideHeaders(
  file: ByteSource,
  load: ByteRange,
  headers: readonly ByteRange[],
): readonly ByteRange[] | undefined {
  const content = gapsBetween(load, headers);
  const isClear = content.every(({ address }) => file.read(address, 1)[0] !== 0);
  return isClear ? content : undefined;
}

function contentWithSections(
  file: ByteSource,
  load: ByteRange,
  headers: readonly ByteRange[],
  sections: readonly ByteRange[],
): readonly ByteRange[] | undefined {
  const left: ByteRange[] = [];
  for (const gap of gapsBetween(load, sections)) {
    const inGap = within(gap, headers);
    if (inGap.length === 0) continue;
    if (!gapsBetween(gap, inGap).every((range) => isZero(file, range))) return undefined;
    left.push(gap);
  }
  return gapsBetween(load, left);
}

/** The shared parts of `range` and others, sorted. */
function within(range: ByteRange, others: readonly ByteRange[]): readonly ByteRange[] {
  return others
    .flatMap((other) => rangeIntersection(range, other) ?? [])
    .filter(({ lengthBytes }) => lengthBytes > 0)
    .toSorted((a, b) => a.address - b.address);
}

/** What `taken`, which is sorted and lies within `range`, leaves of it. */
function gapsBetween(range: ByteRange, taken: readonly ByteRange[]): readonly ByteRange[] {
  const gaps: ByteRange[] = [];
  let start = range.address;
  for (const each of taken) {
    if (each.address > start) gaps.push({ address: start, lengthBytes: each.address - start });
    start = Math.max(start, rangeEnd(each));
  }
  if (rangeEnd(range) > start) gaps.push({ address: start, lengthBytes: rangeEnd(range) - start });
  return gaps;
}

function isZero(file: ByteSource, range: ByteRange): boolean {
  for (let done = 0; done < range.lengthBytes; done += CHUNK_BYTES) {
    const count = Math.min(CHUNK_BYTES, range.lengthBytes - done);
    if (!isFilledWith(file.read(range.address + done, count), 0)) return false;
  }
  return true;
}
