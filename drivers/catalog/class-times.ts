/** Times of the class, where no source has one of the part: what is typical, and how long the host waits. */

const KIB = 1024;

/** Times of an erase, milliseconds. */
interface ClassTimes {
  readonly typicalMs: number;
  /** Longer than any undamaged chip takes. */
  readonly limitMs: number;
}

/** No source gives a clock: what the slow read 03h of all families bears. */
export const CAREFUL_CLOCK_MHZ = 33;

/** Page program, milliseconds. */
export const CLASS_PROGRAM = { typicalMs: 1, limitMs: 10 };

/** Up to the size of the block, bytes; smallest first. */
const CLASS_ERASE: readonly (ClassTimes & { readonly upToBytes: number })[] = [
  { upToBytes: 256, typicalMs: 10, limitMs: 50 },
  { upToBytes: 4 * KIB, typicalMs: 60, limitMs: 1_000 },
  { upToBytes: 8 * KIB, typicalMs: 100, limitMs: 2_000 },
  { upToBytes: 32 * KIB, typicalMs: 250, limitMs: 3_000 },
  { upToBytes: 64 * KIB, typicalMs: 450, limitMs: 5_000 },
  { upToBytes: 128 * KIB, typicalMs: 900, limitMs: 10_000 },
  { upToBytes: 256 * KIB, typicalMs: 1_800, limitMs: 20_000 },
  { upToBytes: 512 * KIB, typicalMs: 3_600, limitMs: 40_000 },
];

/** Times of an erase of one block. Throws RangeError above 512 KiB: no block erase of any part is larger. */
export function classEraseTimes(sizeBytes: number): ClassTimes {
  const found = CLASS_ERASE.find(({ upToBytes }) => sizeBytes <= upToBytes);
  if (found === undefined) throw new RangeError(`no class times for an erase of ${sizeBytes} bytes`);
  return found;
}

/** A chip erase is not quicker than its blocks, where no source says that it is. */
export const CHIP_ERASE_SLOWER = 1.05;

/** How long the host waits for the chip erase of each 64 KiB, milliseconds: five minutes for 16 MiB. */
export const CHIP_ERASE_LIMIT_MS_PER_64_KIB = 1_250;
