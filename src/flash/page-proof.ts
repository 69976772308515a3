/**
 * Does the chip have the pages that it should have, and does it program at all? A part with smaller pages than those of its ID
 * writes the end of a long program over the start of its page. A chip with locks that cannot be read ignores the command.
 *
 * So the first programs of a device are watched: some of their bytes are read before and after. Until a page of some size is
 * proved, no program is sent that a smaller page would carry out of its own range: it is cut into aligned blocks of a power of
 * two. The end of such a block can only come back over its own start.
 */
import type { ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import { type ByteRange, type FlashGeometry, pagesOf } from "../../drivers/geometry.ts";
import { isFilledWith, sameBytes } from "../bytes.ts";
import type { ChipBytes } from "./erase-finding.ts";

/** A program that took fewer bytes than the page should have. */
export interface PageFinding {
  /** The command: "02h". */
  readonly command: string;
  /** Page size that the part should have, bytes. */
  readonly claimedBytes: number;
  /** Page size that the chip has, bytes. */
  readonly pageBytes: number;
  /** What was to be programmed: nothing outside of it was reached. */
  readonly range: ByteRange;
}

/** A program that shows something, and where. */
export interface TellingProgram extends ChipBytes {
  /** Bytes in its second half, which a smaller page does not reach. The whole of it if it is a single byte. */
  readonly sample: ByteRange;
}

const SAMPLE_BYTES = 8;
/** Programs over cells that hold their bytes already show nothing. After this many the chip is believed. */
const MAX_UNSEEN = 4;

/** What is known of the pages of one device. */
export class PageProof {
  readonly #geometry: FlashGeometry;
  readonly command: string;
  /** Programs within aligned blocks of this size are safe. */
  #pageBytes: number;
  /** The chip was seen to program. */
  #isSeen = false;
  #unseen = 0;
  #isOpen: boolean;

  constructor(descriptor: ChipDescriptor, geometry: FlashGeometry) {
    this.#geometry = geometry;
    // The status of an AT45 says its page size.
    this.#isOpen = descriptor.family === "at25" && Number.isInteger(Math.log2(geometry.pageBytes));
    const isDedicated =
      descriptor.family === "at25" && descriptor.addressBytes === 4 && descriptor.fourByteMode === undefined;
    this.command = isDedicated ? "12h" : "02h";
    // An SFDP area that confirms the erase sizes is that of this part, and its pages are too.
    const isConfirmed =
      descriptor.family !== "at25" ||
      descriptor.eraseCommands.every(({ unprovedBytes }) => unprovedBytes === undefined);
    this.#pageBytes = isConfirmed || !this.#isOpen ? geometry.pageBytes : 1;
  }

  /** Whether a program may still have to be watched or cut. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What may be sent as it is. */
  piecesOf(range: ByteRange): Iterable<ByteRange> {
    return pagesOf({ ...this.#geometry, pageBytes: this.#pageBytes }, range);
  }

  /**
   * The next program of these bytes. It is their largest aligned block, without a second half that
   * is erased. Undefined if all of them are erased: there is nothing to program.
   */
  next(bytes: ChipBytes): ChipBytes | undefined {
    const { address, data } = this.#withoutErasedEnds(bytes);
    if (data.length === 0) return undefined;
    let lengthBytes = this.#geometry.pageBytes;
    while (address % lengthBytes !== 0 || lengthBytes > data.length) lengthBytes /= 2;
    // Blocks up to the proved size need no cut: the rest of such a block goes with it.
    if (lengthBytes < this.#pageBytes) {
      const rest = this.#pageBytes - (address % this.#pageBytes);
      return { address, data: data.subarray(0, Math.min(rest, data.length)) };
    }
    while (lengthBytes > this.#pageBytes && this.#isErased(data.subarray(lengthBytes / 2, lengthBytes)))
      lengthBytes /= 2;
    return { address, data: data.subarray(0, lengthBytes) };
  }

  /** The same program if it shows anything that is not known yet; undefined if not. */
  telling({ address, data }: ChipBytes): TellingProgram | undefined {
    const proves = data.length > this.#pageBytes && address % data.length === 0;
    if (this.#isSeen && !proves) return undefined;
    const least = data.length > 1 ? data.length / 2 : 0;
    let last = data.length - 1;
    while (last >= least && data[last] === this.#geometry.erasedByte) last--;
    if (last < least) return undefined;
    const first = Math.max(Math.ceil(least), last + 1 - SAMPLE_BYTES);
    return { address, data, sample: { address: address + first, lengthBytes: last + 1 - first } };
  }

  /** The sample reads as it should. */
  noteSeen({ address, data }: ChipBytes): void {
    this.#isSeen = true;
    const isAligned = Number.isInteger(Math.log2(data.length)) && address % data.length === 0;
    if (isAligned) this.#pageBytes = Math.max(this.#pageBytes, data.length);
    this.#close();
  }

  /** The cells held the bytes already. */
  noteUnseen(): void {
    if (++this.#unseen < MAX_UNSEEN) return;
    this.#isSeen = true;
    this.#close();
  }

  /** The chip has smaller pages: from now on programs are cut at them. */
  noteSmaller({ address, data }: ChipBytes, pageBytes: number): PageFinding {
    const claimedBytes = this.#geometry.pageBytes;
    this.#pageBytes = pageBytes;
    this.#isSeen = true;
    this.#isOpen = false;
    return { command: this.command, claimedBytes, pageBytes, range: { address, lengthBytes: data.length } };
  }

  /**
   * The page size that explains what cells hold after a program into blank ones, bytes; undefined if none does. `found` has all
   * of its range.
   */
  sizeThatFits({ data }: ChipBytes, found: Uint8Array): number | undefined {
    const { erasedByte } = this.#geometry;
    for (let pageBytes = data.length / 2; pageBytes >= 1; pageBytes /= 2) {
      if (!isFilledWith(found.subarray(pageBytes), erasedByte)) return undefined;
      const held = found.subarray(0, pageBytes);
      if (isFilledWith(held, erasedByte)) continue;
      if (sameBytes(held, data.subarray(data.length - pageBytes))) return pageBytes;
      // Parts that take one byte a command may keep the first.
      if (pageBytes === 1 && held[0] === data[0]) return pageBytes;
    }
    return undefined;
  }

  #withoutErasedEnds({ address, data }: ChipBytes): ChipBytes {
    const { erasedByte } = this.#geometry;
    let [start, end] = [0, data.length];
    while (start < end && data[start] === erasedByte) start++;
    while (end > start && data[end - 1] === erasedByte) end--;
    return { address: address + start, data: data.subarray(start, end) };
  }

  #close(): void {
    if (this.#isSeen && this.#pageBytes >= this.#geometry.pageBytes) this.#isOpen = false;
  }

  #isErased(bytes: Uint8Array): boolean {
    return isFilledWith(bytes, this.#geometry.erasedByte);
  }
}
