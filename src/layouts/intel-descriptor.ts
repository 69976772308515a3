/**
 * The flash descriptor of Intel chipsets, in the first 4 KiB of a flash. Source: Intel 9 Series PCH datasheet (330550),
 * section 5.27, and 600 Series PCH datasheet (648364). Signature 5aa5f00f as bytes at 0x10 (ICH8: at 0), then u32
 * FLMAP0: bits 16 to 23 are the place of the region table in units of 16 bytes. Table: u32 for each region: bits 0 to
 * 14 base, 16 to 30 limit, both in units of 4 KiB. Pure.
 */
import type { Layout, LayoutBytes, LayoutRegion } from "./layout.ts";
import { u32 } from "../storage/little-endian.ts";

/** Size of the descriptor, bytes. */
export const DESCRIPTOR_BYTES = 4096;
const SIGNATURE = 0x0ff0a55a;
const SIGNATURE_PLACES = [0x10, 0] as const;
const UNIT_BYTES = 4096;
const MAX_REGIONS = 16;
const UNUSED = [0, 0xffffffff];

/** Names as flashrom has them, in order of the table. */
const NAMES: readonly string[] = [
  ...["fd", "bios", "me", "gbe", "pd", "reg5", "bios2", "reg7"],
  ...["ec", "reg9", "ie", "10gbe", "reg12", "reg13", "reg14", "reg15"],
];
const ABOUT: Readonly<Record<string, string>> = {
  fd: "the flash descriptor",
  bios: "firmware of the host",
  me: "firmware of the management engine",
  gbe: "settings of the network controller",
  pd: "data of the platform",
  bios2: "second firmware of the host",
  ec: "firmware of the embedded controller",
};

/** What is wrong with bytes that have the signature of a descriptor and are none; undefined without the signature. */
export function descriptorProblem(bytes: Uint8Array): string | undefined {
  const at = SIGNATURE_PLACES.find((place) => bytes.length >= place + 4 && u32(bytes, place) === SIGNATURE);
  if (at === undefined || decodeDescriptor(bytes.subarray(0, DESCRIPTOR_BYTES)) !== undefined) return undefined;
  const what = `has the signature of an Intel flash descriptor at 0x${at.toString(16)}`;
  return bytes.length < DESCRIPTOR_BYTES
    ? `${what}, but only ${bytes.length} of its ${DESCRIPTOR_BYTES} bytes`
    : `${what}, but its table of regions is damaged`;
}

/** The regions of a descriptor; undefined if these bytes, the first of a flash, are none. */
export function decodeDescriptor(bytes: Uint8Array): Layout | undefined {
  const at = SIGNATURE_PLACES.find((place) => u32(bytes, place) === SIGNATURE);
  if (at === undefined || bytes.length < DESCRIPTOR_BYTES) return undefined;
  const table = ((u32(bytes, at + 4) >>> 16) & 0xff) << 4;
  // The table of the masters follows: it ends that of the regions.
  const masters = (u32(bytes, at + 8) & 0xff) << 4;
  const count = masters > table ? Math.min(MAX_REGIONS, Math.floor((masters - table) / 4)) : MAX_REGIONS;
  if (table <= at || table + 4 * count > bytes.length) return undefined;
  const regions: LayoutRegion[] = [];
  for (let index = 0; index < count; index++) {
    const word = u32(bytes, table + 4 * index);
    const [base, limit] = [word & 0x7fff, (word >>> 16) & 0x7fff];
    const isUsed = base <= limit && (index === 0 || !UNUSED.includes(word));
    const name = NAMES[index] ?? `reg${index}`;
    if (!isUsed) continue;
    const lengthBytes = (limit - base + 1) * UNIT_BYTES;
    regions.push({ name, address: base * UNIT_BYTES, lengthBytes, about: ABOUT[name] });
  }
  const isDescriptor = regions[0]?.name === "fd" && regions[0].address === 0;
  return isDescriptor ? { kind: "ifd", regions, notes: [] } : undefined;
}

/** The descriptor at the start of a flash or of its image. */
export async function readDescriptor(bytes: LayoutBytes): Promise<Layout | undefined> {
  return bytes.lengthBytes < DESCRIPTOR_BYTES ? undefined : decodeDescriptor(await bytes.read(0, DESCRIPTOR_BYTES));
}
