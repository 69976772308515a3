/** Which blocks of a Flash Safe are committed, found by reading alone: all headers in one stream, then the data in a second. */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { formatAddress, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, RegionOp } from "../../flash/flash-region.ts";
import { areAlike, type BlockHeader, decodeHeader, type DecodedHeader, HEADER_BYTES, isNewer } from "./format.ts";

/** Part of the format: cannot be changed for an existing safe. */
export interface FlashSafeOptions {
  /** A multiple of the erase block. */
  readonly blockBytes: number;
  /** Size of a segment: an integer fraction of the block, at most a third of it. */
  readonly bufferBytes: number;
  /** Places of the region that a commit may erase, whatever they hold. Else only what is blank or of the safe. */
  readonly overwrite?:
    | readonly {
        /** First byte, from the start of the region. */
        readonly offset: number;
        /** Length, bytes. */
        readonly lengthBytes: number;
      }[]
    | undefined;
}

export type BlockState =
  | { readonly kind: "committed"; readonly header: BlockHeader }
  /** Was never committed; a power cut may have left anything. */
  | { readonly kind: "open" }
  /** Was committed, and is not right any more. */
  | { readonly kind: "damaged"; readonly header: BlockHeader | undefined; readonly reason: string };

/** Throws EINVAL for options that the region cannot have. */
export function checkOptions(region: FlashRegion, { blockBytes, bufferBytes }: FlashSafeOptions): void {
  const refuse = (message: string): NorbridgeError => new NorbridgeError("EINVAL", message, { operation: "open safe" });
  if (region.erasedByte !== 0xff) throw refuse("a safe needs flash that erases to ff");
  if (!Number.isInteger(blockBytes / region.eraseBytes) || blockBytes === 0) {
    throw refuse(
      `a block of ${formatSize(blockBytes)} is not a multiple of the erase block of ${formatSize(region.eraseBytes)}`,
    );
  }
  const blocks = region.lengthBytes / blockBytes;
  if (!Number.isInteger(blocks) || blocks < 2) {
    throw refuse(
      `the region of ${formatSize(region.lengthBytes)} is not 2 or more whole blocks of ${formatSize(blockBytes)}`,
    );
  }
  const segments = blockBytes / bufferBytes;
  if (
    !Number.isInteger(segments) ||
    segments < 3 ||
    segments > 0xffff ||
    bufferBytes < HEADER_BYTES ||
    bufferBytes % 4 !== 0
  ) {
    throw refuse(
      `a buffer of ${formatSize(bufferBytes)} does not fit blocks of ${formatSize(blockBytes)}: a block must hold a whole number of buffers, 3 or more`,
    );
  }
}

/**
 * States of all blocks, in order of place. Throws LAYOUT_MISMATCH for a header of another version or of other sizes; nothing
 * is touched then.
 */
export async function scanBlocks(region: FlashRegion, options: FlashSafeOptions): Promise<readonly BlockState[]> {
  const { blockBytes, bufferBytes } = options;
  const count = region.lengthBytes / blockBytes;
  const ranges = Array.from({ length: count }, (_, block) => [
    { offset: block * blockBytes, lengthBytes: HEADER_BYTES },
    { offset: (block + 1) * blockBytes - bufferBytes, lengthBytes: HEADER_BYTES },
  ]).flat();
  const headers: DecodedHeader[] = [];
  for (const bytes of await readHeaders(region, ranges)) headers.push(decodeHeader(bytes));
  headers.forEach((header, index) => {
    checkHeader(header, options, region.address + (ranges[index]?.offset ?? 0));
  });
  const states = Array.from({ length: count }, (_, block) => stateOf(headers[2 * block], headers[2 * block + 1]));
  return withData(region, options, states);
}

/** A block whose erase was cut may read differently each time: what cannot be read surely is not a header. */
async function readHeaders(
  region: FlashRegion,
  ranges: readonly { readonly offset: number; readonly lengthBytes: number }[],
): Promise<readonly Uint8Array[]> {
  try {
    return await collect(region.readMany(ranges));
  } catch (error) {
    if (!isUnsteady(error)) throw error;
  }
  const headers: Uint8Array[] = [];
  for (const { offset, lengthBytes } of ranges) {
    try {
      headers.push(await region.read(offset, lengthBytes));
    } catch (error) {
      if (!isUnsteady(error)) throw error;
      headers.push(new Uint8Array(lengthBytes));
    }
  }
  return headers;
}

async function collect(items: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The only way for a read to fail with EIO. */
function isUnsteady(error: unknown): boolean {
  return error instanceof NorbridgeError && error.code === "EIO";
}

function checkHeader(header: DecodedHeader, { blockBytes, bufferBytes }: FlashSafeOptions, address: number): void {
  refuseOtherVersion(header, address);
  if (header.kind !== "header") return;
  const storedBytes = header.segmentCount * header.bufferBytes;
  if (header.bufferBytes === bufferBytes && storedBytes === blockBytes) return;
  throw mismatch(
    address,
    `this safe has blocks of ${formatSize(storedBytes)} and a buffer of ${formatSize(header.bufferBytes)}, ` +
      `not ${formatSize(blockBytes)} and ${formatSize(bufferBytes)}`,
  );
}

/** Throws LAYOUT_MISMATCH for a header of a layout that is not known here. */
export function refuseOtherVersion(header: DecodedHeader, address: number): void {
  if (header.kind !== "other-version") return;
  throw mismatch(
    address,
    `a safe of layout version ${header.version}, which this version of norbridge does not support`,
  );
}

function mismatch(address: number, message: string): NorbridgeError {
  return new NorbridgeError("LAYOUT_MISMATCH", `${message} (at ${formatAddress(address)})`, {
    operation: "open safe",
    range: { address, lengthBytes: HEADER_BYTES },
  });
}

function stateOf(start: DecodedHeader | undefined, end: DecodedHeader | undefined): BlockState {
  if (start?.kind !== "header" || start.place !== "start") return { kind: "open" };
  if (end?.kind !== "header" || end.place !== "end") {
    return { kind: "damaged", header: undefined, reason: "it has a header at the start but not at the end" };
  }
  if (!areAlike(start, end)) return { kind: "damaged", header: undefined, reason: "its two headers disagree" };
  return { kind: "committed", header: start };
}

async function withData(
  region: FlashRegion,
  { blockBytes, bufferBytes }: FlashSafeOptions,
  states: readonly BlockState[],
): Promise<readonly BlockState[]> {
  const room = blockBytes - 2 * bufferBytes;
  const checked = [...states];
  const asked: { readonly block: number; readonly header: BlockHeader }[] = [];
  states.forEach((state, block) => {
    if (state.kind !== "committed") return;
    const { header } = state;
    if (header.dataBytes > room)
      checked[block] = { kind: "damaged", header, reason: "its data would not fit the block" };
    else asked.push({ block, header });
  });
  const ops = asked.map(
    ({ block, header }): RegionOp => ({
      kind: "read",
      offset: block * blockBytes + bufferBytes,
      lengthBytes: header.dataBytes,
    }),
  );
  const full = ops.filter((op) => op.kind === "read" && op.lengthBytes > 0);
  const crcs: number[] = [];
  if (full.length > 0)
    for await (const result of region.run(full)) if (result.kind === "read") crcs.push(crc32(result.data));
  for (const { block, header } of asked) {
    const crc = header.dataBytes === 0 ? 0 : crcs.shift();
    if (crc !== header.dataCrc)
      checked[block] = { kind: "damaged", header, reason: "the checksum of its data is wrong" };
  }
  return checked;
}

/** The block of the latest commit, or undefined. */
export function newestBlock(states: readonly BlockState[]): number | undefined {
  let newest: { readonly block: number; readonly sequence: number } | undefined;
  states.forEach((state, block) => {
    if (state.kind !== "committed") return;
    const { sequence } = state.header;
    if (newest === undefined || isNewer(sequence, newest.sequence)) newest = { block, sequence };
  });
  return newest?.block;
}
