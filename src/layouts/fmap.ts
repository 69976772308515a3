/**
 * FMAP, the flash map of coreboot and ChromeOS. Source: flashmap/fmap.h as coreboot's util/cbfstool has it, commit of
 * 2024. Header, 56 bytes: "__FMAP__", u8 major version 1, u8 minor, u64 base, u32 size of the flash, name of 32 bytes,
 * u16 number of areas. Area, 42 bytes: u32 offset, u32 size, name of 32 bytes, u16 flags. Little endian. There is no
 * checksum. Pure.
 */
import type { ByteStretch, Layout, LayoutBytes, LayoutRegion } from "./layout.ts";
import { u16, u32 } from "../storage/little-endian.ts";

/** First bytes. */
export const FMAP_SIGNATURE: Uint8Array = new TextEncoder().encode("__FMAP__");
/** Size of the header, bytes. */
export const FMAP_HEADER_BYTES = 56;
const AREA_BYTES = 42;
const MAJOR_VERSION = 1;
const NAME_BYTES = 32;
/** Bytes of one read in the search. */
const PIECE_BYTES = 64 * 1024;
/** Maps mostly stand at multiples of this. */
const USUAL_STEP_BYTES = 4096;

/** A map and where it stands. */
export interface Fmap {
  readonly offset: number;
  /** Bytes of the map itself. */
  readonly lengthBytes: number;
  /** Size of the flash that it describes, bytes. */
  readonly flashBytes: number;
  /** Name of the map: "FLASH". */
  readonly name: string;
  readonly areas: readonly LayoutRegion[];
}

/** Whether the header of a map may start with these bytes. */
export function startsFmap(bytes: Uint8Array): boolean {
  return bytes.length >= FMAP_SIGNATURE.length && FMAP_SIGNATURE.every((byte, index) => bytes[index] === byte);
}

/** Bytes of the map whose header this is; undefined if it is none. */
export function fmapBytes(header: Uint8Array): number | undefined {
  if (!startsFmap(header) || header[8] !== MAJOR_VERSION || nameOf(header, 22) === undefined) return undefined;
  const areas = u16(header, 54);
  return areas === 0 ? undefined : FMAP_HEADER_BYTES + areas * AREA_BYTES;
}

/** Reads a whole map; undefined if an area is outside of the flash that it describes, or has no readable name. */
export function decodeFmap(bytes: Uint8Array, offset: number): Fmap | undefined {
  const lengthBytes = fmapBytes(bytes);
  const name = nameOf(bytes, 22);
  if (lengthBytes === undefined || name === undefined || bytes.length < lengthBytes) return undefined;
  const flashBytes = u32(bytes, 18);
  const areas: LayoutRegion[] = [];
  for (let at = FMAP_HEADER_BYTES; at < lengthBytes; at += AREA_BYTES) {
    const area = { name: nameOf(bytes, at + 8), address: u32(bytes, at), lengthBytes: u32(bytes, at + 4) };
    if (area.name === undefined || area.name === "" || area.address + area.lengthBytes > flashBytes) return undefined;
    // coreboot writes areas without bytes for parts that a board leaves out.
    if (area.lengthBytes > 0) areas.push({ ...area, name: area.name });
  }
  const names = new Set(areas.map((area) => area.name));
  return areas.length === 0 || names.size < areas.length ? undefined : { offset, lengthBytes, flashBytes, name, areas };
}

/** The printable name of 32 bytes at `at`, without the zeros after it. */
function nameOf(bytes: Uint8Array, at: number): string | undefined {
  const field = bytes.subarray(at, at + NAME_BYTES);
  const end = field.indexOf(0);
  const text = end < 0 ? field : field.subarray(0, end);
  return text.every((byte) => byte >= 0x20 && byte < 0x7f) ? new TextDecoder().decode(text) : undefined;
}

/** All valid maps: at the usual places, and if there is none, at any. */
export async function findFmaps(bytes: LayoutBytes): Promise<readonly Fmap[]> {
  const places: number[] = [];
  let place = 0;
  for await (const start of bytes.readMany(usualStarts(bytes.lengthBytes))) {
    if (startsFmap(start)) places.push(place);
    place += USUAL_STEP_BYTES;
  }
  const usual: Fmap[] = [];
  for (const at of places) {
    const found = await fmapAt(bytes, at);
    if (found !== undefined) usual.push(found);
  }
  return usual.length > 0 ? usual : findAnywhere(bytes);
}

function* usualStarts(flashBytes: number): Generator<ByteStretch> {
  for (let offset = 0; offset + FMAP_HEADER_BYTES <= flashBytes; offset += USUAL_STEP_BYTES) {
    yield { offset, lengthBytes: FMAP_SIGNATURE.length };
  }
}

async function findAnywhere(bytes: LayoutBytes): Promise<readonly Fmap[]> {
  const found: Fmap[] = [];
  const overlap = FMAP_SIGNATURE.length - 1;
  for (let start = 0; start < bytes.lengthBytes; start += PIECE_BYTES) {
    const piece = await bytes.read(start, Math.min(PIECE_BYTES + overlap, bytes.lengthBytes - start));
    for (const at of placesOf(piece)) {
      const fmap = await fmapAt(bytes, start + at);
      if (fmap !== undefined) found.push(fmap);
    }
  }
  return found;
}

/** Where the signature is in these bytes. */
export function placesOf(bytes: Uint8Array): readonly number[] {
  const places: number[] = [];
  const [first = 0] = FMAP_SIGNATURE;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (startsFmap(bytes.subarray(at, at + FMAP_SIGNATURE.length))) places.push(at);
  }
  return places;
}

/** The map at this place; undefined if there is none. */
export async function fmapAt(
  bytes: Pick<LayoutBytes, "lengthBytes" | "read">,
  offset: number,
): Promise<Fmap | undefined> {
  if (offset + FMAP_HEADER_BYTES > bytes.lengthBytes) return undefined;
  const lengthBytes = fmapBytes(await bytes.read(offset, FMAP_HEADER_BYTES));
  if (lengthBytes === undefined || offset + lengthBytes > bytes.lengthBytes) return undefined;
  return decodeFmap(await bytes.read(offset, lengthBytes), offset);
}

/**
 * Whether the map has an area for itself: true if it stands there, false if it stands elsewhere; undefined without such
 * an area.
 */
export function namesOwnPlace({ offset, areas }: Fmap): boolean | undefined {
  const own = areas.filter(({ name }) => name.includes("FMAP"));
  return own.length === 0 ? undefined : own.some(({ address }) => address === offset);
}

/** A map as a layout. */
export function fmapLayout({ areas }: Fmap): Layout {
  return { kind: "fmap", regions: areas, notes: [] };
}

/** Whether two maps name the same ranges: ChromeOS images have copies. */
export function isSameFmap(a: Fmap, b: Fmap): boolean {
  const text = ({ areas }: Fmap): string =>
    JSON.stringify(areas.map(({ name, address, lengthBytes }) => [name, address, lengthBytes]));
  return text(a) === text(b);
}
