/**
 * The status fields of FlashDB: they count up by programming more of a field, so that a power cut leaves the old or the
 * new value.
 */

/** Write granularity, bytes; 1 for flash that programs single bits, with `isBits`. */
export interface Granularity {
  /** Smallest unit that is programmed, bytes. */
  readonly unitBytes: number;
  /** Status fields use one bit for each value. */
  readonly isBits: boolean;
}

/** All granularities that FlashDB has: 1, 8, 32, 64, 128 and 256 bits. */
export const GRANULARITIES: readonly Granularity[] = [
  { unitBytes: 1, isBits: true },
  ...[1, 4, 8, 16, 32].map((unitBytes) => ({ unitBytes, isBits: false })),
];

/** The granularity in bits, as FlashDB's configuration has it. */
export function granularityBits({ unitBytes, isBits }: Granularity): number {
  return isBits ? 1 : 8 * unitBytes;
}

/** Rounds up to whole units. */
export function up({ unitBytes }: Granularity, lengthBytes: number): number {
  return Math.ceil(lengthBytes / unitBytes) * unitBytes;
}

/** Length of a status with this number of values, bytes. */
export function statusBytes({ unitBytes, isBits }: Granularity, values: number): number {
  return isBits ? Math.floor((values + 7) / 8) : (values - 1) * unitBytes;
}

/** A status that was read. */
export interface Status {
  /** 0 is unused. */
  readonly value: number;
  /** The field holds bytes that FlashDB writes. */
  readonly isLegal: boolean;
}

/** Reads the status field at `at`. The highest value that is set counts; lower ones may be skipped. */
export function readStatus(bytes: Uint8Array, at: number, granularity: Granularity, values: number): Status {
  const { unitBytes, isBits } = granularity;
  const field = bytes.subarray(at, at + statusBytes(granularity, values));
  if (isBits) {
    const byte = field[0] ?? 0xff;
    let value = 0;
    for (let each = 1; each < values; each++) if ((byte & (0x80 >> (each - 1))) === 0) value = each;
    return { value, isLegal: byte === 0xff >> value };
  }
  let value = 0;
  let isLegal = true;
  for (let index = 0; index < field.length; index++) {
    const byte = field[index];
    if (byte === 0x00 && index % unitBytes === 0) value = index / unitBytes + 1;
    else if (byte !== 0xff) isLegal = false;
  }
  return { value, isLegal };
}
