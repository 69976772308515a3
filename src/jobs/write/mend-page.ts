/**
 * What a job does after a program that wrapped inside of its range: the chip has smaller pages. Nothing more of it is
 * written.
 */
import { type ByteRange, eraseBlocksTouching, rangeEnd, smallestEraseUnit } from "../../../drivers/geometry.ts";
import { isFilledWith, sameBytes } from "../../bytes.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import type { PageFinding } from "../../flash/page-proof.ts";
import { subtractRanges } from "../../../drivers/byte-ranges.ts";
import type { KeptPiece } from "../run-job.ts";
import { piecesIn, type Target } from "../target.ts";
import type { WriterParts } from "./writer-parts.ts";

type Parts = Pick<WriterParts, "geometry" | "kept" | "safe">;

/** Until two reads agree. */
const MAX_READS = 4;

/**
 * Erases the unit that was hit, and programs it again in pages as the chip has them: if the job had erased it, with the kept
 * bytes and the target's, else with what it held before. Returns what became of it, as a clause. Never throws.
 */
export async function mendWrappedPage(
  device: FlashDevice,
  target: Target,
  finding: PageFinding,
  parts: Parts,
): Promise<string> {
  const [unit] = eraseBlocksTouching(smallestEraseUnit(parts.geometry), finding.range);
  if (unit === undefined) return STAYS;
  const isInHand = parts.safe?.holds?.(unit.address) === true || parts.kept.piecesOf(unit.address) !== undefined;
  try {
    if (isInHand) return await completeUnit(device, target, unit, parts);
    return await restoreUnit(device, target, { unit, hit: finding.range }, parts);
  } catch {
    // What is held stays held: the error of the job names it.
    return STAYS;
  }
}

const STAYS = "the range of that program holds wrong bytes";

/** The unit was erased by this job, or is about to be: it gets all that it should hold. */
async function completeUnit(
  device: FlashDevice,
  target: Target,
  unit: ByteRange,
  { kept, safe, geometry }: Parts,
): Promise<string> {
  const bytes = new Uint8Array(unit.lengthBytes).fill(geometry.erasedByte);
  for (const piece of piecesIn(target, unit)) bytes.set(await target.read(piece), piece.address - unit.address);
  for (const { address, data } of kept.piecesOf(unit.address) ?? []) bytes.set(data, address - unit.address);
  if (!(await replaceUnit(device, unit, bytes))) return STAYS;
  kept.release(unit.address);
  safe?.release(unit.address);
  return "the bytes around it were restored";
}

/** The unit was not erased: the cells that were hit were blank, and all others are as before. */
async function restoreUnit(
  device: FlashDevice,
  target: Target,
  { unit, hit }: { readonly unit: ByteRange; readonly hit: ByteRange },
  { kept, safe, geometry }: Parts,
): Promise<string> {
  const bytes = await readSurely(device, unit);
  bytes.fill(geometry.erasedByte, hit.address - unit.address, rangeEnd(hit) - unit.address);
  const around = subtractRanges(unit, piecesIn(target, unit)).map(({ address, lengthBytes }): KeptPiece => {
    const at = address - unit.address;
    return { address, data: bytes.slice(at, at + lengthBytes) };
  });
  safe?.hold([{ address: unit.address, lengthBytes: unit.lengthBytes, pieces: around }]);
  kept.hold(unit.address, unit, around);
  if (!(await replaceUnit(device, unit, bytes, () => kept.noteErased(unit)))) return STAYS;
  kept.release(unit.address);
  safe?.spare?.(unit.address);
  return "what it reached was restored";
}

/**
 * Erases the unit and programs these bytes, which the device cuts at the pages that the chip has. Returns whether it holds
 * them.
 */
async function replaceUnit(
  device: FlashDevice,
  { address, lengthBytes }: ByteRange,
  bytes: Uint8Array,
  onErased: () => void = () => undefined,
): Promise<boolean> {
  await device.erase(address, lengthBytes);
  onErased();
  if (!isFilledWith(bytes, device.geometry.erasedByte)) await device.program(address, bytes);
  return sameBytes(await readSurely(device, { address, lengthBytes }), bytes);
}

async function readSurely(device: FlashDevice, { address, lengthBytes }: ByteRange): Promise<Uint8Array> {
  const seen: Uint8Array[] = [];
  while (seen.length < MAX_READS) {
    const data = await device.read(address, lengthBytes);
    if (seen.some((other) => sameBytes(other, data))) return data.slice();
    seen.push(data);
  }
  throw new Error("reads differ");
}
