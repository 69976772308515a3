/** Blocks of MAC addresses as the IEEE assigns them: MA-L (24 bits of prefix), MA-M (28) and MA-S (36). */
import { fromHex, toHex } from "../bytes.ts";

/** The addresses of a block. */
export interface MacBlock {
  /** First address, 48 bits. */
  readonly first: bigint;
  /** Last address, included. */
  readonly last: bigint;
}

const PREFIXES = [24, 28, 36] as const;
const FORM = /^([0-9a-f]{2}([-:])(?:[0-9a-f]{2}\2){4}[0-9a-f]{2})(?:\/([0-9]{1,2}))$/i;

/**
 * Reads `70-B3-D5-12-30-00/36`. Returns a sentence for what is none: also for a block with the group bit (01h of the
 * first byte, multicast) or the local bit (02h, not assigned by the IEEE).
 */
export function parseMacBlock(text: string): MacBlock | string {
  const match = FORM.exec(text);
  const bits = Number(match?.[3]);
  const prefix = PREFIXES.find((one) => one === bits);
  if (match === null || prefix === undefined) {
    return "a block of addresses is written 70-B3-D5-12-30-00/36, with /24 (MA-L), /28 (MA-M) or /36 (MA-S)";
  }
  const first = BigInt(`0x${(match[1] ?? "").replace(/[-:]/g, "")}`);
  const size = 1n << BigInt(48 - prefix);
  const top = first >> 40n;
  if ((top & 1n) !== 0n) return "the group bit is set in the first byte: these are multicast addresses";
  if ((top & 2n) !== 0n) return "the local bit is set in the first byte: the IEEE does not assign such addresses";
  if (first % size !== 0n) return `the address has bits after the prefix of ${prefix} bits`;
  return { first, last: first + size - 1n };
}

/** The six bytes of an address. */
export function macBytes(address: bigint): Uint8Array {
  return fromHex(address.toString(16).padStart(12, "0")) ?? new Uint8Array(6);
}

/** `70-B3-D5-12-30-00`. */
export function macText(address: bigint): string {
  return (toHex(macBytes(address)).toUpperCase().match(/../g) ?? []).join("-");
}

/** Reads an address of six bytes, with `-`, `:` or no separator. Undefined for anything else. */
export function parseMac(text: string): bigint | undefined {
  const hex = /^(?:[0-9a-f]{12}|[0-9a-f]{2}([-:])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2})$/i.test(text);
  return hex ? BigInt(`0x${text.replace(/[-:]/g, "")}`) : undefined;
}
