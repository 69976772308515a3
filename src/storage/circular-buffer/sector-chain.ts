/**
 * Which sectors make up the log: neighbours in the ring whose ids go up by one. Devices compare ids two by two and are led
 * astray by one odd header; here the longest chain is the log, and what is not in it is reported. Pure.
 */
import type { SectorHeader } from "./format.ts";

export interface Chain {
  /** Sector numbers, oldest first. */
  readonly sectors: readonly number[];
  /** Id of the last one. */
  readonly activeId: number;
}

const ID_MODULUS = 0x10000;

/** All chains, the longest first; in the order of the ring where they are equally long. */
export function chainsOf(headers: readonly SectorHeader[]): readonly Chain[] {
  const count = headers.length;
  const idOf = (sector: number): number | undefined => {
    const header = headers[sector % count];
    return header?.kind === "used" ? header.id : undefined;
  };
  const follows = (sector: number): boolean => {
    const before = idOf((sector + count - 1) % count);
    return count > 1 && before !== undefined && idOf(sector) === nextId(before);
  };
  const chains: Chain[] = [];
  headers.forEach((header, start) => {
    if (header.kind !== "used" || follows(start)) return;
    const sectors = [start];
    let activeId = header.id;
    while (sectors.length < count && follows((start + sectors.length) % count)) {
      sectors.push((start + sectors.length) % count);
      activeId = nextId(activeId);
    }
    chains.push({ sectors, activeId });
  });
  return chains.sort((a, b) => b.sectors.length - a.sectors.length);
}

/**
 * Whether nothing stands beside the chain that was chosen but single sectors: one may be what a power cut left, two
 * whose ids follow each other are not.
 */
export function isOneChain(all: readonly Chain[], chosen: Chain | undefined): boolean {
  return all.every((chain) => chain === chosen || chain.sectors.length < 2);
}

/** The id of the sector after one with `id`. */
export function nextId(id: number): number {
  return (id + 1) % ID_MODULUS;
}
