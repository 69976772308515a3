/**
 * FCBs as a device makes and reads them, after the rules of Zephyr's fcb.c (FORMAT.md), and with no code of ours: what a test
 * compares recognition and appending with. Power can be cut at any byte of an entry; the device then starts again and continues.
 */

export interface ZephyrShape {
  readonly sectorBytes: number;
  readonly sectorCount: number;
  readonly alignBytes: number;
  readonly magic: number;
}

const ERASED = 0xff;
const HEADER_BYTES = 8;

export function zephyrCrc8(bytes: Iterable<number>): number {
  let crc = 0xff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80) === 0 ? (crc << 1) & 0xff : ((crc << 1) ^ 0x07) & 0xff;
  }
  return crc;
}

/** Writes as a device does. */
export class ZephyrWriter {
  readonly cells: Uint8Array;
  readonly #shape: ZephyrShape;
  #sector = 0;
  #id: number;
  #offset: number;

  constructor(shape: ZephyrShape, firstId = 0, firstSector = 0) {
    this.#shape = shape;
    this.cells = new Uint8Array(shape.sectorBytes * shape.sectorCount).fill(ERASED);
    this.#id = firstId;
    this.#offset = this.#up(HEADER_BYTES);
    this.#begin(firstSector);
  }

  /**
   * Adds an entry; of one that is torn only the first bytes of its length field, data and marker get there. False where
   * it is full.
   */
  append(data: Uint8Array, tornBytes?: number): boolean {
    const { sectorBytes, sectorCount } = this.#shape;
    const field = data.length < 0x80 ? [data.length] : [0x80 | (data.length & 0x7f), data.length >> 7];
    const parts = [
      this.#padded(field, ERASED),
      this.#padded([...data], ERASED),
      this.#padded([zephyrCrc8([...field, ...data])], 0xff),
    ].flat();
    if (this.#offset + parts.length > sectorBytes) {
      const next = (this.#sector + 1) % sectorCount;
      if (this.cells[next * sectorBytes] !== ERASED) return false;
      this.#id = (this.#id + 1) & 0xffff;
      this.#begin(next);
    }
    const at = this.#sector * sectorBytes + this.#offset;
    const done = tornBytes ?? parts.length;
    this.cells.set(parts.slice(0, done), at);
    // After a cut it starts again: what is there of a length is followed.
    if (done >= field.length) this.#offset += parts.length;
    else if (done > 0) throw new Error("half a length field: the device would not start any more");
    return true;
  }

  /** Bytes that an entry of this many takes. */
  elementBytes(dataBytes: number): number {
    return this.#up(dataBytes < 0x80 ? 1 : 2) + this.#up(dataBytes) + this.#up(1);
  }

  #begin(sector: number): void {
    this.#sector = sector;
    const { magic, sectorBytes } = this.#shape;
    const view = new DataView(this.cells.buffer, sector * sectorBytes, HEADER_BYTES);
    view.setUint32(0, magic, true);
    view.setUint8(4, 1);
    view.setUint16(6, this.#id, true);
    this.#offset = this.#up(HEADER_BYTES);
  }

  #up(bytes: number): number {
    const { alignBytes } = this.#shape;
    return Math.ceil(bytes / alignBytes) * alignBytes;
  }

  #padded(bytes: readonly number[], fill: number): number[] {
    return [...bytes, ...Array.from({ length: this.#up(bytes.length) - bytes.length }, () => fill)];
  }
}

/** The entries that a device finds when it starts, oldest first; undefined if it does not start. */
export function zephyrEntries(cells: Uint8Array, shape: ZephyrShape): Uint8Array[] | undefined {
  const { sectorBytes, sectorCount, alignBytes, magic } = shape;
  const up = (bytes: number): number => Math.ceil(bytes / alignBytes) * alignBytes;
  let oldest: { id: number; sector: number } | undefined;
  let newest: { id: number; sector: number } | undefined;
  for (let sector = 0; sector < sectorCount; sector++) {
    const view = new DataView(cells.buffer, cells.byteOffset + sector * sectorBytes, HEADER_BYTES);
    if (view.getUint32(0, true) === 0xffffffff) continue;
    if (view.getUint32(0, true) !== magic) return undefined;
    const one = { id: view.getInt16(6, true), sector };
    if (oldest === undefined || newest === undefined) oldest = newest = one;
    else if (one.id - newest.id > 0) newest = one;
    else if (oldest.id - one.id > 0) oldest = one;
  }
  if (oldest === undefined || newest === undefined) return [];
  const entries: Uint8Array[] = [];
  for (let sector = oldest.sector; ; sector = (sector + 1) % sectorCount) {
    const bytes = cells.subarray(sector * sectorBytes, (sector + 1) * sectorBytes);
    for (let at = up(HEADER_BYTES); at + 2 <= sectorBytes && !(bytes[at] === ERASED && bytes[at + 1] === ERASED); ) {
      const first = bytes[at] ?? 0;
      const fieldBytes = (first & 0x80) === 0 ? 1 : 2;
      const length = fieldBytes === 1 ? first : (first & 0x7f) | ((bytes[at + 1] ?? 0) << 7);
      const data = at + up(fieldBytes);
      const marker = data + up(length);
      if (marker + 1 > sectorBytes) {
        if (sector === newest.sector) return undefined;
        break;
      }
      const content = bytes.slice(data, data + length);
      if (bytes[marker] === zephyrCrc8([...bytes.subarray(at, at + fieldBytes), ...content])) entries.push(content);
      at = marker + up(1);
    }
    if (sector === newest.sector) return entries;
  }
}
