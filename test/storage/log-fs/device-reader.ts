/**
 * How an unmodified device reads a log after it starts: init, then first and next, as they behave. Written from the description
 * of that behaviour and apart from the reader under test; it knows no way round a defect of the device.
 */
import type { LogFsOptions } from "../../../src/storage/log-fs/log-fs.ts";
import { toHex } from "../../../src/bytes.ts";

interface Address {
  page: number;
  offset: number;
}

function crc(bytes: readonly number[]): number {
  let value = 0xff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ 0xb2 : value >> 1;
  }
  return value;
}

/** Records as hex, in the order in which the device gives them out. */
export function readAsDevice(cells: Uint8Array, options: LogFsOptions): string[] {
  const { pageBytes, recordBytes, format } = options;
  const pages = cells.length / pageBytes;
  const slotBytes = recordBytes + 2;
  const slots = Math.floor((pageBytes - 4) / slotBytes);
  const lastOffset = 4 + (slots - 1) * slotBytes;
  const bytesAt = (page: number, offset: number, length: number): number[] => [
    ...cells.subarray(page * pageBytes + offset, page * pageBytes + offset + length),
  ];
  const numberOf = (page: number): number | undefined => {
    const [marker = 0, low = 0, high = 0, check] = bytesAt(page, 0, 4);
    const isMarked = format === 1 ? marker === 0x5a : marker === 0x5f || marker === 0x55;
    const covered = format === 1 ? [marker, low, high] : [low, high];
    return isMarked && crc(covered) === check ? low + 256 * high : undefined;
  };
  const recordAt = ({ page, offset }: Address): string | undefined => {
    const slot = bytesAt(page, offset, slotBytes);
    const isMarked = format === 1 ? slot[0] === 0xa5 : slot[0] === 0xaf || slot[0] === 0xaa;
    const covered = format === 1 ? slot.slice(0, -1) : slot.slice(1, -1);
    return isMarked && crc(covered) === slot.at(-1) ? toHex(Uint8Array.from(slot.slice(1, -1))) : undefined;
  };
  const valid = Array.from({ length: pages }, (_, page) => page).filter((page) => numberOf(page) !== undefined);
  const [only] = valid;
  if (only === undefined) return [];
  let last = only;
  let first = only;
  let largest = 0;
  valid.forEach((page, index) => {
    const next = valid[(index + 1) % valid.length]!;
    const distance = (numberOf(next)! - numberOf(page)! + 65_536) % 65_536;
    if (valid.length > 1 && distance > largest) {
      largest = distance;
      last = page;
      first = next;
    }
  });
  let write: Address = { page: (last + 1) % pages, offset: 4 };
  for (let offset = 4; offset <= lastOffset; offset += slotBytes) {
    if (bytesAt(last, offset, 1)[0] === 0xff) {
      write = { page: last, offset };
      break;
    }
  }
  const records: string[] = [];
  let read: Address = { page: first, offset: 4 };
  for (let steps = 0; steps < 3 * pages * slots; steps++) {
    if (read.page === write.page && read.offset === write.offset) return records;
    if (read.offset === 4) {
      while (numberOf(read.page) === undefined) {
        if (read.page === last) return records;
        read = { page: (read.page + 1) % pages, offset: 4 };
      }
    }
    const record = recordAt(read);
    if (record !== undefined) records.push(record);
    read =
      read.offset === lastOffset
        ? { page: (read.page + 1) % pages, offset: 4 }
        : { ...read, offset: read.offset + slotBytes };
  }
  throw new Error("a device would never stop reading");
}
