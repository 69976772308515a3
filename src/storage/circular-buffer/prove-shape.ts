/**
 * Whether a log holds entries of the specified shape. Nothing on the flash shows it, and an entry that is added in another shape
 * lies where no device looks: the device will program over it.
 */
import { advice } from "../../advice.ts";
import { formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { recogniseRegions } from "../recognise/pass.ts";
import type { CircularBufferOptions } from "./format.ts";
import {
  addEvidence,
  ALIGNMENTS,
  type Evidence,
  evidenceOf,
  MIN_POINTS,
  NO_EVIDENCE,
  pointsOf,
  type Shape,
  shapeText,
  usedBytes,
} from "./shape.ts";
import { walkSector } from "./sector-walk.ts";

/** Sectors that are looked into, the newest first, as long as no entry is right as specified. */
const MAX_SECTORS = 3;
/** Entries that are right by no chance. */
const ENOUGH_RIGHT = 3;

/**
 * Throws LAYOUT_MISMATCH if more entries are right in another shape than in the specified one. `sectors`: those in use, oldest
 * first; `activeBytes`: what the last of them holds. If an entry in it is right as specified, nothing more is read.
 */
export async function refuseOtherShape(
  region: FlashRegion,
  options: CircularBufferOptions,
  sectors: readonly number[],
  activeBytes: Uint8Array,
): Promise<void> {
  const { sectorBytes } = options;
  const active = sectors.at(-1) ?? 0;
  const looks = new Looks(options, region.erasedByte);
  for (const sector of sectors.slice(-MAX_SECTORS).reverse()) {
    looks.lookInto(sector === active ? activeBytes : await region.read(sector * sectorBytes, sectorBytes));
    if (looks.told.right > 0) break;
  }
  const other = looks.other();
  if (other !== undefined) throw mismatch(region, options, active, looks.told, other, "append");
  if (looks.told.right > 0 || looks.isForeign !== true) return;
  // A cut erase of the only sector leaves noise under its header, but nothing that is recognised.
  const isAlone = sectors.length === 1;
  const isOther = isAlone && (await recogniseRegions(region)).some(({ layout }) => layout !== "fcb");
  if (!isAlone || isOther) throw noEntry(region, options, active, "append");
}

/** The same for a reader, from one sector: throws if none of its entries is valid as specified, and several are otherwise. */
export function refuseUnreadable(
  region: FlashRegion,
  options: CircularBufferOptions,
  active: number,
  activeBytes: Uint8Array,
): void {
  const looks = new Looks(options, region.erasedByte);
  looks.lookInto(activeBytes);
  const other = looks.told.right === 0 ? looks.other() : undefined;
  if (other === undefined || other.evidence.right < ENOUGH_RIGHT) return;
  throw mismatch(region, options, active, looks.told, other, "open FCB");
}

/** The error where no entry is right, and the bytes are none that power cuts can leave of entries. */
function noEntry(
  region: FlashRegion,
  options: CircularBufferOptions,
  active: number,
  operation: string,
): NorbridgeError {
  const { sectorBytes } = options;
  const range = { address: region.address + active * sectorBytes, lengthBytes: sectorBytes };
  const message = `the sectors have the header of this log, but no entry in the newest of them is valid with ${shapeText(options)}`;
  const hint = advice("Nothing was changed. This may be another format.", "list-regions", "set-layout");
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation, range, hint });
}

interface Other {
  readonly shape: Shape;
  readonly evidence: Evidence;
}

/** What some sectors show for the specified shape, and for all others. */
class Looks {
  told = NO_EVIDENCE;
  /** The newest sector has bytes after a free place. */
  isForeign: boolean | undefined;
  readonly #options: CircularBufferOptions;
  readonly #erasedByte: number;
  #others: readonly Other[];

  constructor(options: CircularBufferOptions, erasedByte: number) {
    this.#options = options;
    this.#erasedByte = erasedByte;
    this.#others = othersOf(options).map((shape) => ({ shape, evidence: NO_EVIDENCE }));
  }

  lookInto(sector: Uint8Array): void {
    const used = usedBytes(sector, this.#erasedByte);
    // The newest is the first that is looked into: in an older one an erase may have been cut.
    this.isForeign ??= hasBytesBehindEnd(sector, this.#options, this.#erasedByte, used);
    const more = (shape: Shape): Evidence => evidenceOf(sector, shape, this.#erasedByte, used);
    this.told = addEvidence(this.told, more(this.#options));
    this.#others = this.#others.map(({ shape, evidence }) => ({ shape, evidence: addEvidence(evidence, more(shape)) }));
  }

  /** The shape that contradicts the specified one. */
  other(): Other | undefined {
    const { alignBytes } = this.#options;
    const toldPoints = pointsOf(this.told, this.#options);
    return this.#others.find(({ shape, evidence }) => {
      if (shape.alignBytes === alignBytes) return markersContradict(this.told, evidence, this.#options);
      const points = pointsOf(evidence, shape);
      return points >= MIN_POINTS && points > toldPoints;
    });
  }
}

/** Whether bytes lie after a free place: entries, whole or torn, never leave that. */
function hasBytesBehindEnd(sector: Uint8Array, shape: Shape, erasedByte: number, used: number): boolean {
  for (const item of walkSector(sector, shape, erasedByte)) {
    if (item.kind === "end") return item.isOpen && item.offset < used;
  }
  return false;
}

/** Shapes of another alignment; and of this one with the other end marker. */
function othersOf({ alignBytes, hasCrc }: Shape): readonly Shape[] {
  const aligned = ALIGNMENTS.filter((one) => one !== alignBytes).map((one) => ({ alignBytes: one, hasCrc }));
  return [{ alignBytes, hasCrc: !hasCrc }, ...aligned];
}

/**
 * Logs of both kinds of marker are read by devices that write either; one that has none of the specified kind was told
 * wrongly.
 */
function markersContradict(told: Evidence, rival: Evidence, { hasCrc }: Shape): boolean {
  return hasCrc ? told.right === 0 && rival.marked > 0 : told.marked === 0 && rival.right > 0;
}

function mismatch(
  region: FlashRegion,
  options: CircularBufferOptions,
  active: number,
  told: Evidence,
  { shape, evidence }: Other,
  operation: string,
): NorbridgeError {
  const { sectorBytes } = options;
  const range = { address: region.address + active * sectorBytes, lengthBytes: sectorBytes };
  const isMarkerOnly = shape.alignBytes === options.alignBytes;
  const other = isMarkerOnly ? (shape.hasCrc ? "check bytes" : "fixed end markers") : shapeText(shape);
  const message =
    `in the newest sectors of ${formatSize(sectorBytes)}, ${told.right} of ${told.right + told.wrong} entries are valid with ` +
    `${shapeText(options)}; with ${other} ${evidence.right} of ${evidence.right + evidence.wrong} are`;
  const hint = isMarkerOnly
    ? advice("Nothing was changed. Check which end marker the device writes.", "detect-log", "set-end-marker")
    : advice("Nothing was changed. Check the write alignment.", "detect-log", "set-alignment");
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation, range, hint });
}
