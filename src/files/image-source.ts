/**
 * What jobs know of an image: which addresses it has bytes for, and those bytes when wanted. Where they come from (a raw
 * file of 256 MiB, a HEX file, a pipe) stays behind this interface.
 *
 * Always holds: segments are sorted, do not overlap and do not touch, there is at least one, and none is empty.
 */
import { rangeEnd, type ByteRange } from "../../drivers/geometry.ts";
import { type Advice, advice } from "../advice.ts";
import { formatAddress, formatRange } from "../bytes.ts";
import { checkBytes, checkList, checkObject, checkText, checkWhole } from "../checks.ts";
import { ByteArena } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { noteFilledRead } from "./filled-reads.ts";
import { movedSegments } from "./segment.ts";
import { collectPieces, isHeld, readFilledPieces, readPieces, type DecodedImage } from "./segment-builder.ts";

/** File formats. "elf" can be read only. */
export type ImageFormat = "bin" | "hex" | "srec" | "uf2" | "elf";

/** A run of bytes within the address space of an image. */
export type ImageSegment = ByteRange;

/** An image that is open for reading. */
export interface ImageSource {
  /** As the user knows it: the path as typed, or "standard input". Pass it through `printable` before showing it. */
  readonly name: string;
  /** Format that the file was read as. */
  readonly format: ImageFormat;
  /** Runs of bytes that the image has, sorted by address. They neither overlap nor touch; at least one, none empty. */
  readonly segments: readonly ImageSegment[];
  /** Sum of all segments. */
  readonly totalBytes: number;
  /** Sentences that a person should see although the image is good: the UF2 family, what was skipped. */
  readonly notes?: readonly string[] | undefined;
  /**
   * A fresh array with the bytes of `range`, which lies in one segment (else RangeError, a bug of the caller).
   * Resolves without waiting for the machine. Throws FILE_INVALID if the file has become shorter since it was opened.
   */
  read(range: ByteRange): Promise<Uint8Array>;
  /** Closes the file of the image; twice is fine. */
  close(): Promise<void>;
}

/** How `decodedImage` presents what a decoder found. */
export interface ImageOptions {
  readonly format: ImageFormat;
  /** Subtracted from every address; default 0. */
  readonly relocate?: number | undefined;
  /** Closes what the bytes come from. */
  readonly onClose?: (() => void) | undefined;
}

/**
 * An image from decoded pieces.
 *
 * @throws NorbridgeError FILE_INVALID if `relocate` would move a byte below address 0.
 */
export function decodedImage(decoded: DecodedImage, options: ImageOptions): ImageSource {
  const { pieces, bytes } = decoded;
  const relocate = options.relocate ?? 0;
  checkBase({ name: bytes.name, format: options.format, segments: pieces.segments }, relocate);
  const segments = movedSegments(pieces.segments, -relocate);

  const copy = (range: ByteRange): Uint8Array => {
    const held = { address: range.address + relocate, lengthBytes: range.lengthBytes };
    if (!isHeld(pieces, held)) throw new RangeError(`${formatRange(range)} is not within one segment of the image`);
    return readPieces(pieces, bytes, held);
  };

  // A throw in there becomes a rejection.
  const read = (range: ByteRange): Promise<Uint8Array> => new Promise((resolve) => resolve(copy(range)));
  noteFilledRead(read, ({ address, lengthBytes }, value) =>
    readFilledPieces(pieces, bytes, { address: address + relocate, lengthBytes }, value),
  );
  let open = true;
  return {
    name: bytes.name,
    format: options.format,
    segments,
    totalBytes: pieces.totalBytes,
    notes: decoded.notes,
    read,
    close() {
      if (open) options.onClose?.();
      open = false;
      return Promise.resolve();
    },
  };
}

/** An image from arrays, for tests and for programs that make their image themselves. The arrays are copied. */
export function memoryImage(
  name: string,
  parts: readonly { readonly address: number; readonly data: Uint8Array }[],
): ImageSource {
  checkText(name, "name", "make image");
  checkList(parts, "parts", "make image", (part, where) => {
    const { address, data } = checkObject(part, where, "make image");
    const start = checkWhole(address, `${where}.address`, "make image");
    const bytes = checkBytes(data, `${where}.data`, "make image");
    checkWhole(start + bytes.length, `the end of ${where}`, "make image");
  });
  const bytes = new ByteArena(name);
  const offsets = parts.map((part) => bytes.append(part.data));
  const origin = { name, describe: (place: number) => `part ${place + 1}` };
  const pieces = collectPieces(origin, (add) =>
    parts.forEach((part, index) => add(part.address, offsets[index] ?? 0, part.data.length, index)),
  );
  return decodedImage({ pieces, bytes, notes: [] }, { format: "bin" });
}

/** The lowest and highest address of an image, holes included. */
export function imageSpan(image: ImageSource): ByteRange {
  const first = image.segments[0];
  const last = image.segments.at(-1);
  if (first === undefined || last === undefined) return { address: 0, lengthBytes: 0 };
  return { address: first.address, lengthBytes: rangeEnd(last) - first.address };
}

/** Throws FILE_INVALID if `base` cannot be subtracted from the addresses of an image. */
export function checkBase(
  { name, format, segments }: Pick<ImageSource, "name" | "format" | "segments">,
  base: number,
): void {
  const lowest = segments[0]?.address ?? 0;
  if (lowest >= base) return;
  const reason = `cannot subtract the base ${formatAddress(base)}: the lowest address is ${formatAddress(lowest)}`;
  throw fileInvalid(name, reason, { hint: baseHint(format, lowest, segments.length > 1) });
}

function baseHint(format: ImageFormat, lowest: number, hasParts: boolean): Advice {
  if (format === "bin") return advice("A raw binary file has no addresses: use it without a base.", "omit-base");
  if (hasParts) {
    const text = `Use a base of at most ${formatAddress(lowest)}, or take only the part of the file from the base on.`;
    return advice(text, "set-base", "set-crop");
  }
  return advice(`Use a base of at most ${formatAddress(lowest)}.`, "set-base");
}
