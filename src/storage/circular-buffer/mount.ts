/**
 * Finds out where a circular buffer stands, by reading alone: all sector headers in one stream, then the active sector. What
 * a power cut left is passed over; only flash that holds something else altogether is refused.
 */
import { formatAddress, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import {
  type CircularBufferOptions,
  decodeHeader,
  encodeHeader,
  ERASED_MAGIC,
  firstElementOffset,
  HEADER_BYTES,
  type SectorHeader,
} from "./format.ts";
import { isNamed } from "../recognise/places.ts";
import { isTornFrom } from "../torn.ts";
import { ringWithin } from "./own-sectors.ts";
import { refuseUnreadable } from "./prove-shape.ts";
import type { SectorRange } from "./rings.ts";
import { type Chain, chainsOf, isOneChain, nextId } from "./sector-chain.ts";
import { tally } from "./sector-tally.ts";
import { type SectorItem, walkSector } from "./sector-walk.ts";

export interface Mounted {
  readonly headers: readonly SectorHeader[];
  /** The sectors of the log's ring: all of them, unless the ids prove a shorter one. */
  readonly ring: SectorRange;
  /** Sectors of the log, oldest first; empty if nothing was ever written. */
  readonly sectors: readonly number[];
  readonly activeId: number;
  /** Whether sectors with records stand beside the chain of ids, so that it is not certain which of them are older. */
  readonly isOrderCertain: boolean;
  /** Where the walk through the active sector ended. */
  readonly activeElemOffset: number;
  /** Whether entries can be added there: what follows is erased. */
  readonly isActiveOpen: boolean;
  /** Bytes of the active sector as they were read; empty without one. */
  readonly activeBytes: Uint8Array;
}

/**
 * Throws EINVAL for options that make no sense, LAYOUT_MISMATCH for a region that holds something else, or entries of another
 * write alignment or end marker.
 */
export async function mountSectors(region: FlashRegion, options: CircularBufferOptions): Promise<Mounted> {
  checkOptions(region, options);
  const { stored, headers } = await readHeaders(region, options);
  const ring = ringWithin(headers, region.erasedByte);
  const all = chainsOf(headers.slice(ring.first, ring.first + ring.count)).map((chain) => ({
    ...chain,
    sectors: chain.sectors.map((sector) => ring.first + sector),
  }));
  if (all.length === 0) {
    await refuseForeign(region, options, headers, stored);
    const activeElemOffset = firstElementOffset(options.alignBytes);
    const activeBytes = new Uint8Array();
    const open = { activeId: 0, isOrderCertain: true, activeElemOffset, isActiveOpen: true, activeBytes };
    return { headers, ring, sectors: [], ...open };
  }
  const { chain, activeBytes, isOrderCertain } = await chooseChain(region, options, all);
  checkVersion(region, options, chain, headers, activeBytes);
  refuseUnreadable(region, options, chain.sectors.at(-1) ?? 0, activeBytes);
  const isTornStart = await hasTornStart(region, options, chain, stored, ring.count);
  const sectors = isTornStart ? chain.sectors.slice(1) : chain.sectors;
  const end = endOf(walkSector(activeBytes, options, region.erasedByte));
  const rest = activeBytes.subarray(end.offset);
  const isActiveOpen = end.isOpen && rest.every((byte) => byte === region.erasedByte);
  const { activeId } = chain;
  return { headers, ring, sectors, activeId, isOrderCertain, activeElemOffset: end.offset, isActiveOpen, activeBytes };
}

function checkOptions(region: FlashRegion, options: CircularBufferOptions): void {
  const { sectorBytes, alignBytes, scratchSectors, magic, version } = options;
  const count = region.lengthBytes / sectorBytes;
  const refuse = (message: string): NorbridgeError => new NorbridgeError("EINVAL", message, { operation: "open FCB" });
  // A value that the header has no bits for is read back as another one: the next session would not find its own log.
  for (const [what, value, most] of [
    ["magic", magic, 0xffffffff],
    ["version", version, 0xff],
    ["count of scratch sectors", scratchSectors, Number.MAX_SAFE_INTEGER],
  ] as const) {
    if (Number.isSafeInteger(value) && value >= 0 && value <= most) continue;
    const range = most === Number.MAX_SAFE_INTEGER ? "0 or more" : `0 to 0x${most.toString(16)}`;
    throw refuse(`the ${what} ${value} is not a whole number, ${range}`);
  }
  if (!Number.isInteger(sectorBytes / region.eraseBytes) || sectorBytes === 0) {
    throw refuse(
      `a sector of ${formatSize(sectorBytes)} is not a multiple of the erase block of ${formatSize(region.eraseBytes)}`,
    );
  }
  if (!Number.isInteger(count)) {
    throw refuse(
      `the region of ${formatSize(region.lengthBytes)} is not a whole number of sectors of ${formatSize(sectorBytes)}`,
    );
  }
  if (![1, 2, 4, 8, 16, 32].includes(alignBytes) || sectorBytes % alignBytes !== 0) {
    throw refuse(`an alignment of ${alignBytes} does not fit sectors of ${formatSize(sectorBytes)}`);
  }
  if (count - scratchSectors < 1)
    throw refuse(`${scratchSectors} scratch sectors leave no sector for data: there are ${count}`);
}

interface Headers {
  readonly stored: readonly Uint8Array[];
  readonly headers: readonly SectorHeader[];
}

async function readHeaders(region: FlashRegion, { sectorBytes, magic }: CircularBufferOptions): Promise<Headers> {
  const stored: Uint8Array[] = [];
  const ranges = Array.from({ length: region.lengthBytes / sectorBytes }, (_, sector) => ({
    offset: sector * sectorBytes,
    lengthBytes: HEADER_BYTES,
  }));
  for await (const bytes of region.readMany(ranges)) stored.push(bytes);
  const headers = stored.map((bytes) => decodeHeader(bytes, magic, region.erasedByte));
  const isSeen = magic === ERASED_MAGIC && stored[0]?.some((byte) => byte !== region.erasedByte);
  if (isSeen === true) headers[0] = { kind: "used", version: stored[0]?.[4] ?? 0, id: 0 };
  return { stored, headers };
}

/**
 * No sector is of this log. A header that was begun is not an obstacle, and one sector of garbage can be what a cut erase left
 * of the only one. More than that, or a valid sector of another magic, is other data: throws LAYOUT_MISMATCH.
 */
async function refuseForeign(
  region: FlashRegion,
  options: CircularBufferOptions,
  headers: readonly SectorHeader[],
  stored: readonly Uint8Array[],
): Promise<void> {
  const magic = encodeHeader(options.magic, 0, 0, region.erasedByte).subarray(0, 4);
  const foreign = headers.flatMap((header, sector) => {
    const isTorn = isTornFrom(stored[sector] ?? magic, magic, region.erasedByte);
    const place = { offset: sector * options.sectorBytes, lengthBytes: options.sectorBytes };
    const isForeign = header.kind === "foreign" && !isTorn && !isNamed(place, options.overwrite);
    return isForeign ? [{ sector, magic: header.magic }] : [];
  });
  const [first] = foreign;
  if (first === undefined) return;
  const isAlone = foreign.length === 1 && headers.length > 1;
  if (isAlone && !(await isUndamagedSector(region, options, first.sector))) return;
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
  const address = region.address + first.sector * options.sectorBytes;
  throw new NorbridgeError(
    "LAYOUT_MISMATCH",
    `no sector starts with the magic ${hex(options.magic)}: at ${formatAddress(address)} it is ${hex(first.magic)}, ` +
      `and ${foreign.length} of ${headers.length} sectors hold other data`,
    { operation: "open FCB", range: { address, lengthBytes: HEADER_BYTES } },
  );
}

/** Whether a sector is one of an FCB, whatever its magic: its header has the erased byte, and its entries are right. */
async function isUndamagedSector(
  region: FlashRegion,
  options: CircularBufferOptions,
  sector: number,
): Promise<boolean> {
  const bytes = await region.read(sector * options.sectorBytes, options.sectorBytes);
  if (bytes[5] !== region.erasedByte) return false;
  const { entries, damaged } = tally(bytes, options, region.erasedByte);
  return damaged === 0 || entries > damaged;
}

interface Chosen {
  readonly chain: Chain;
  readonly activeBytes: Uint8Array;
  readonly isOrderCertain: boolean;
}

/** The longest chain; if several are equally long, the one with the most entries in its active sector. */
async function chooseChain(
  region: FlashRegion,
  options: CircularBufferOptions,
  all: readonly Chain[],
): Promise<Chosen> {
  const { sectorBytes } = options;
  const longest = all.filter((chain) => chain.sectors.length === all[0]?.sectors.length);
  const ranges = longest.map(({ sectors }) => ({
    offset: (sectors.at(-1) ?? 0) * sectorBytes,
    lengthBytes: sectorBytes,
  }));
  let best: { readonly chain: Chain; readonly activeBytes: Uint8Array; readonly entries: number } | undefined;
  let withEntries = 0;
  let index = 0;
  for await (const activeBytes of region.readMany(ranges)) {
    const chain = longest[index++];
    const { entries } = tally(activeBytes, options, region.erasedByte);
    if (entries > 0) withEntries++;
    if (chain !== undefined && (best === undefined || entries > best.entries)) best = { chain, activeBytes, entries };
  }
  if (best === undefined) throw new NorbridgeError("BUG", "a chain without sectors", { operation: "open FCB" });
  return { ...best, isOrderCertain: withEntries <= 1 && isOneChain(all, best.chain) };
}

/**
 * Whether the oldest sector of a ring that is full is not a sector of the log, but a header that was torn while the sector
 * after the active one was opened: every bit of it is as erased or as the header that was to be written, and it holds no entry.
 */
async function hasTornStart(
  region: FlashRegion,
  { sectorBytes, alignBytes, magic, version }: CircularBufferOptions,
  { sectors, activeId }: Chain,
  stored: readonly Uint8Array[],
  count: number,
): Promise<boolean> {
  const oldest = sectors[0] ?? 0;
  const intended = encodeHeader(magic, version, nextId(activeId), region.erasedByte);
  const isFull = sectors.length > 1 && sectors.length === count;
  if (!isFull || !isTornFrom(stored[oldest] ?? intended, intended, region.erasedByte)) return false;
  const firstElement = await region.read(oldest * sectorBytes + firstElementOffset(alignBytes), 2);
  return firstElement.every((byte) => byte === region.erasedByte);
}

/**
 * Devices write the version and never check it; a version that the user specifies must match. Throws LAYOUT_MISMATCH if no
 * sector has it, nor a version byte that a power cut can have left of it.
 */
function checkVersion(
  region: FlashRegion,
  options: CircularBufferOptions,
  { sectors }: Chain,
  headers: readonly SectorHeader[],
  activeBytes: Uint8Array,
): void {
  // A cut erase leaves any version: it counts if the sector is undamaged otherwise.
  const { entries, damaged } = tally(activeBytes, options, region.erasedByte);
  if (entries <= damaged) return;
  const intended = Uint8Array.of(options.version);
  const versions = sectors.flatMap((sector) => {
    const header = headers[sector];
    return header?.kind === "used" ? [header.version] : [];
  });
  if (versions.some((version) => isTornFrom(Uint8Array.of(version), intended, region.erasedByte))) return;
  const address = region.address + (sectors[0] ?? 0) * options.sectorBytes;
  throw new NorbridgeError(
    "LAYOUT_MISMATCH",
    `the sectors have version ${versions[0] ?? 0}, not ${options.version} (at ${formatAddress(address)})`,
    { operation: "open FCB", range: { address, lengthBytes: HEADER_BYTES } },
  );
}

/** The last item of a walk. */
function endOf(items: Iterable<SectorItem>): { readonly offset: number; readonly isOpen: boolean } {
  let end = { offset: 0, isOpen: false };
  for (const item of items) if (item.kind === "end") end = item;
  return end;
}
