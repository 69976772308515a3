/** Texts of records and ELF files, made for tests: what their fields say is right unless a test says otherwise. */

const hexOf = (bytes: Iterable<number>): string =>
  Buffer.from([...bytes])
    .toString("hex")
    .toUpperCase();

function sum(bytes: Iterable<number>): number {
  let total = 0;
  for (const byte of bytes) total += byte;
  return total;
}

/** A record of Intel HEX without its line end. */
export function hexLine(type: number, offset: number, data: Iterable<number> = []): string {
  const list = [...data];
  const bytes = [list.length, (offset >> 8) & 0xff, offset & 0xff, type, ...list];
  return `:${hexOf([...bytes, -sum(bytes) & 0xff])}`;
}

/** The linear base of an address: a record 04. */
export function hexBase(address: number): string {
  const upper = Math.floor(address / 65_536);
  return hexLine(4, 0, [upper >> 8, upper & 0xff]);
}

export const HEX_END = ":00000001FF";

/** An S-record without its line end; `addressBytes` as the type has them, unless another number is given. */
export function srecLine(type: number, address: number, data: Iterable<number> = [], addressBytes?: number): string {
  const count = addressBytes ?? [2, 2, 3, 4, 2, 2, 3, 4, 3, 2][type] ?? 2;
  const place = Array.from({ length: count }, (_, at) => Math.floor(address / 256 ** (count - 1 - at)) % 256);
  const body = [...place, ...data];
  const bytes = [body.length + 1, ...body];
  return `S${type}${hexOf([...bytes, ~sum(bytes) & 0xff])}`;
}

/** Lines as a file. */
export function textOf(lines: readonly string[], lineEnd = "\n"): Uint8Array {
  return Buffer.from(lines.map((line) => line + lineEnd).join(""), "latin1");
}

/** `count` bytes that differ from their neighbours. */
export function counting(count: number, first = 1): Uint8Array {
  return Uint8Array.from({ length: count }, (_, at) => (first + at) & 0xff);
}
