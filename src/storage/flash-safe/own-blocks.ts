/** Which blocks of a region are those of a safe, and which a commit must not erase. */
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { isFilledWith } from "../../bytes.ts";
import { notBlank } from "../not-blank.ts";
import { type Asker, foreignAmong, foreignError, refuseForeign } from "../recognise/foreign.ts";
import { recogniseRegions } from "../recognise/pass.ts";
import { decodeHeader, HEADER_BYTES, isMagicBegun, ITEM_HEADER_BYTES, itemLengths } from "./format.ts";
import type { BlockState, FlashSafeOptions } from "./scan-blocks.ts";

const ERASED = 0xff;
/** A safe has no fewer blocks. */
const MIN_BLOCKS = 2;

/** A safe as it is mounted. */
export interface OwnSafe {
  readonly region: FlashRegion;
  readonly options: FlashSafeOptions;
  readonly states: readonly BlockState[];
  /** The block in force; undefined: none. */
  readonly active: number | undefined;
}

/**
 * Blocks that are neither blank nor of the safe, and were not named by the caller as ones to overwrite. `isRecovery`:
 * noise in the next block counts as what a cut left of the safe's own erase, whatever the commits say; else the commits
 * must prove that it is in the ring.
 */
export async function foreignBlocksOf(safe: OwnSafe, isRecovery = false): Promise<readonly number[]> {
  const { region, states } = safe;
  const open = states.flatMap(({ kind }, block) => (kind === "open" ? [placeOf(safe, block)] : []));
  const doubtful: OffsetRange[] = [];
  for (const place of await notBlank(region, open)) if (!(await isBegun(safe, place))) doubtful.push(place);
  const foreign = await foreignAmong(region, doubtful, askerOf(safe.options, ""), (place) =>
    couldBeCut(safe, place, isRecovery),
  );
  return foreign.map(({ offset }) => offset / safe.options.blockBytes);
}

/** Throws LAYOUT_MISMATCH if there is one in `blocks`. */
export async function refuseForeignBlocks(safe: OwnSafe, blocks: readonly number[], operation: string): Promise<void> {
  if (blocks.length === 0) return;
  const places = blocks.map((block) => placeOf(safe, block));
  throw await foreignError(safe.region, places, askerOf(safe.options, operation));
}

/**
 * Throws LAYOUT_MISMATCH for a region that a new safe must not erase: one that is neither blank nor an older safe of
 * the same place.
 */
export async function refuseForeignRegion(
  region: FlashRegion,
  options: FlashSafeOptions,
  operation: string,
): Promise<void> {
  const { blockBytes } = options;
  const blocks = Array.from({ length: region.lengthBytes / blockBytes }, (_, block) => block * blockBytes);
  const begun = await notBlank(
    region,
    blocks.map((offset) => ({ offset, lengthBytes: blockBytes })),
  );
  if (begun.length === 0) return;
  // A safe that ends before the region does, or begins in it, is another one.
  const safes = (await recogniseRegions(region)).filter(
    ({ layout, offset, lengthBytes, certainty }) =>
      layout === "safe" && offset === 0 && (certainty !== "certain" || lengthBytes === region.lengthBytes),
  );
  const doubtful = begun.filter(
    ({ offset, lengthBytes }) =>
      !safes.some((one) => one.offset <= offset && offset + lengthBytes <= one.offset + one.lengthBytes),
  );
  const asker = { ...askerOf(options, operation), isOwn: () => false };
  await refuseForeign(region, doubtful, asker, () => false);
}

function askerOf({ overwrite }: FlashSafeOptions, operation: string): Asker {
  return { what: "safe", operation, overwrite, isOwn: ({ layout }) => layout === "safe" };
}

function placeOf({ options: { blockBytes } }: OwnSafe, block: number): OffsetRange {
  return { offset: block * blockBytes, lengthBytes: blockBytes };
}

/** A commit that was cut: its items, as far as they came, and nothing before them but the start of a header. */
async function isBegun({ region, options }: OwnSafe, { offset }: OffsetRange): Promise<boolean> {
  const { blockBytes, bufferBytes } = options;
  const bytes = await region.read(offset, blockBytes);
  const [first, end] = [bytes.subarray(0, bufferBytes), bytes.subarray(blockBytes - bufferBytes)];
  if (!isMagicBegun(first) || !isFilledWith(first.subarray(HEADER_BYTES), ERASED)) return false;
  if (decodeHeader(end).kind === "header") return true;
  const room = bytes.subarray(bufferBytes, blockBytes - bufferBytes);
  const itemsEnd = itemLengths(room).reduce((sum, length) => sum + length, 0);
  return itemsEnd > 0 && isFilledWith(room.subarray(itemsEnd + ITEM_HEADER_BYTES), ERASED) && isMagicBegun(end);
}

/**
 * Whether the safe may have begun to erase this block last: it comes next, and the commits fit a ring of this length,
 * in which commit N is in block N - 1 modulo the length. It must have been in use before, or be one of the first two,
 * which every safe has.
 */
function couldBeCut({ states, active, options }: OwnSafe, { offset }: OffsetRange, isRecovery: boolean): boolean {
  const block = offset / options.blockBytes;
  if (active === undefined) return isRecovery && block === 0;
  const count = states.length;
  if (block !== (active + 1) % count) return false;
  const state = states[active];
  if (isRecovery || state?.kind !== "committed") return isRecovery;
  const { sequence } = state.header;
  return (sequence - 1) % count === active && (block < MIN_BLOCKS || sequence >= count);
}
