/** What the three bytes of an ID report by themselves. */

/** Manufacturer, and two bytes of device. */
export const ID_BYTES = 3;
const ATMEL = 0x1f;
const AT45_FIRST_CODE = 0x22;
const AT45_LAST_CODE = 0x28;

/** The one value of all ID bytes: an undriven line, or that is stuck. */
export function constantByte(id: Uint8Array): number | undefined {
  const [first] = id;
  return id.subarray(0, ID_BYTES).every((byte) => byte === first) ? first : undefined;
}

/** Whether a byte can be a manufacturer, and is not the level of an undriven line. */
export function isManufacturer(byte: number | undefined): boolean {
  return byte !== undefined && byte !== 0x00 && byte !== 0xff;
}

/**
 * 22h to 28h are DataFlash, from 1 to 64 Mbit. Bits 7..5 alone (001) do not tell: AT25SF641 has 32h, and D7h means
 * nothing good to it.
 */
export function isAt45Id(id: Uint8Array): boolean {
  const code = id[1] ?? 0;
  return id[0] === ATMEL && code >= AT45_FIRST_CODE && code <= AT45_LAST_CODE;
}

/** Lower-case hex without separators, as IDs are named everywhere. */
export function hex(bytes: ArrayLike<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Two upper-case hex digits, as messages show a byte. */
export function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
