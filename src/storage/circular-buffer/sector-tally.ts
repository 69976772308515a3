/** What a sector holds, counted; and the block check of one that is erased. */
import { blockCheckOfFill } from "../../../firmware-protocol/block-check.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { CircularBufferOptions } from "./format.ts";
import { type SectorItem, walkSector } from "./sector-walk.ts";

/** What a sector holds, counted. */
export interface Tally {
  readonly entries: number;
  readonly damaged: number;
}

/** Entries and damage of a sector. */
export function tally(bytes: Uint8Array, options: CircularBufferOptions, erasedByte: number): Tally {
  const kinds = [...walkSector(bytes, options, erasedByte)].map(({ kind }) => kind);
  const count = (counted: SectorItem["kind"]): number => kinds.filter((kind) => kind === counted).length;
  return { entries: count("entry"), damaged: count("damage") };
}

/** Whether a sector is erased, by its block check. */
export async function isSectorErased(
  region: FlashRegion,
  { sectorBytes }: CircularBufferOptions,
  sector: number,
): Promise<boolean> {
  return (await region.digest(sector * sectorBytes, sectorBytes)) === erasedSectorCheck(region, sectorBytes);
}

/** The block check of an erased sector. */
export function erasedSectorCheck({ erasedByte }: FlashRegion, sectorBytes: number): number {
  return blockCheckOfFill(erasedByte, sectorBytes);
}
