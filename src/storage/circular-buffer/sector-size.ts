/** How long the sectors of an FCB are, from where their headers stand and how they are numbered. Pure. */

/** A header at the start of an erase block. */
export interface Start {
  /** Number of the erase block. */
  readonly block: number;
  readonly id: number;
}

export interface SectorSizes {
  /** In erase blocks, smallest first; at least one. */
  readonly blocks: readonly number[];
  /** The headers themselves show it: there is one. Else it is unknown, and these are to be tried. */
  readonly isSeen: boolean;
}

const ID_MODULUS = 0x10000;
/** Sectors of this many erase blocks are tried where the headers do not tell. */
const MULTIPLES = [1, 2, 4, 8, 16, 32] as const;

/**
 * `starts` in order of place, in a region of `blockCount` erase blocks; sectors of more than `mostBlocks` are none. Ids go up
 * by one from sector to sector, also if a header between two is lost: of two headers D blocks apart whose ids differ by N,
 * the sectors have D / N blocks. What most neighbours show is used.
 */
export function sectorSizesOf(starts: readonly Start[], blockCount: number, mostBlocks: number): SectorSizes {
  const fits = (blocks: number): boolean => blocks <= mostBlocks && blockCount % blocks === 0;
  const votes = new Map<number, number>();
  const pairs = starts.length < 2 ? [] : starts.map((start, index) => [start, starts[index + 1]] as const);
  for (const [from, to] of pairs) {
    // Behind the last sector of the ring comes its first.
    const next = to ?? starts[0] ?? from;
    const apart = (next.block - from.block + blockCount) % blockCount;
    const sectors = (next.id - from.id + ID_MODULUS) % ID_MODULUS;
    const blocks = apart / sectors;
    if (sectors > 0 && Number.isInteger(blocks) && fits(blocks)) votes.set(blocks, (votes.get(blocks) ?? 0) + 1);
  }
  const [most] = [...votes].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]);
  if (most !== undefined) return { blocks: [most[0]], isSeen: true };
  const distances = starts.slice(1).map(({ block }, index) => block - (starts[index]?.block ?? 0));
  const apart = Math.min(...distances);
  if (distances.length > 0) return { blocks: [fits(apart) ? apart : 1], isSeen: false };
  return { blocks: MULTIPLES.filter(fits), isSeen: false };
}
