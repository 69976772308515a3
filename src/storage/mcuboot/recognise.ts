/**
 * Finds MCUboot images, by header and TLVs and proved by their hash, and MCUboot trailers, by their magic at the end of
 * an erase block.
 */
import { concatBytes } from "../../bytes.ts";
import type { FlashShape, ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";
import { decodeHeader, IMAGE_MAGIC, MIN_HEADER_BYTES } from "./format.ts";
import { u32 } from "../little-endian.ts";
import { HashingImage, imageFinding } from "./image.ts";
import { alignOfMagic, decodeTrailer, MAGIC_BYTES, MAX_TRAILER_BYTES, type Trailer } from "./trailer.ts";

/** Images and trailers that are remembered; a flash with more of them holds no slots. */
const MAX_PLACES = 256;
/** Images that are hashed during the pass; others are read again, as many bytes as the flash has. */
const MAX_HASHES = 4;
/** Slots begin and end at multiples of this, or of the erase block. */
const BORDER_BYTES = 512;
/** Bytes of the block before that are kept: a header or a magic may begin in them. */
const TAIL_BYTES = MIN_HEADER_BYTES;

/** A sniffer for images and trailers. */
export function mcubootSniffer(shape: FlashShape): Sniffer {
  return new McubootSniffer(shape);
}

class McubootSniffer implements Sniffer {
  readonly #steps: readonly number[];
  readonly #images: HashingImage[] = [];
  readonly #trailerEnds: number[] = [];
  #tail: Uint8Array = new Uint8Array();

  constructor({ eraseBytes }: FlashShape) {
    this.#steps = BORDER_BYTES % eraseBytes === 0 ? [eraseBytes] : [...new Set([BORDER_BYTES, eraseBytes])];
  }

  look(offset: number, block: Uint8Array): void {
    const start = offset - this.#tail.length;
    const bytes = concatBytes([this.#tail, block]);
    for (const step of this.#steps) {
      for (let at = Math.ceil(start / step) * step; at <= start + bytes.length; at += step) {
        this.#lookAt(at, bytes, at - start, step);
      }
    }
    for (const image of this.#images) image.take(start, bytes);
    this.#tail = bytes.slice(-TAIL_BYTES);
  }

  /** What begins or ends at this place of the flash, which is at `at` of `bytes`. */
  #lookAt(place: number, bytes: Uint8Array, at: number, step: number): void {
    // The second step would find the same again.
    if (step !== this.#steps[0] && place % (this.#steps[0] ?? step) === 0) return;
    if (at >= MAGIC_BYTES && !this.#trailerEnds.includes(place) && this.#trailerEnds.length < MAX_PLACES) {
      if (alignOfMagic(bytes.subarray(at - MAGIC_BYTES, at)) !== undefined) this.#trailerEnds.push(place);
    }
    if (u32(bytes, at) !== IMAGE_MAGIC || this.#images.length >= MAX_PLACES) return;
    const header = decodeHeader(bytes.subarray(at, at + MIN_HEADER_BYTES));
    if (header === undefined || this.#images.some((image) => image.place === place)) return;
    this.#images.push(new HashingImage(place, header, this.#openHashes(place) < MAX_HASHES));
  }

  #openHashes(place: number): number {
    return this.#images.filter((image) => image.isHashing(place)).length;
  }

  async conclude(region: ReadableRegion): Promise<readonly RegionFinding[]> {
    const found: RegionFinding[] = [];
    let budgetBytes = region.lengthBytes;
    let provedTo = 0;
    const images = this.#images.toSorted((a, b) => a.place - b.place);
    for (const [index, image] of images.entries()) {
      // What is in a proved image is a part of it.
      if (image.place < provedTo) continue;
      const { finding, readBytes } = await imageFinding(region, image, budgetBytes);
      found.push(withinNext(finding, images[index + 1]?.place));
      budgetBytes -= readBytes;
      if (finding.certainty === "certain") provedTo = finding.offset + finding.lengthBytes;
    }
    for (const end of this.#trailerEnds) {
      const from = Math.max(0, end - MAX_TRAILER_BYTES);
      const trailer = decodeTrailer(await region.read(from, end - from), region.erasedByte);
      if (trailer !== undefined) found.push(trailerFinding(end, trailer));
    }
    return found;
  }
}

/** An image that is not proved ends where the next one starts: a swap in progress moves images, and leaves parts of them. */
function withinNext(finding: RegionFinding, next: number | undefined): RegionFinding {
  if (finding.certainty === "certain" || next === undefined) return finding;
  return { ...finding, lengthBytes: Math.min(finding.lengthBytes, next - finding.offset) };
}

function trailerFinding(end: number, trailer: Trailer): RegionFinding {
  const { lengthBytes, maxAlignBytes, swapType, imageNumber, imageOk, copyDone, isSwapping } = trailer;
  const state = isSwapping ? `${swapType} swap in progress` : `swap type ${swapType}`;
  return {
    layout: "mcuboot-trailer",
    offset: end - lengthBytes,
    lengthBytes,
    certainty: "certain",
    why: `magic at the end of a slot: ${state}, image_ok ${imageOk}, copy_done ${copyDone}`,
    proofs: MAGIC_BYTES,
    facts: { swapType, imageOk, copyDone, isSwapping, imageNumber, maxAlignBytes },
  };
}
