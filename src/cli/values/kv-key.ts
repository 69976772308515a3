/** A key of the `kv` commands: a number in NVS and ZMS, a name in a FlashDB KVDB. Which one it is shows only on the flash. */
import { parseSize, printable } from "../../bytes.ts";
import { usageError } from "../arguments/option.ts";

const LAST_KEY = 0xffffffff;

/** A key as it was typed. */
export interface KvKey {
  readonly text: string;
  /** Undefined: it is not a number. */
  readonly number: number | undefined;
}

/** Reads a key. */
export function readKvKey(text: string): KvKey {
  const number = parseSize(text);
  return { text, number: number !== undefined && number <= LAST_KEY ? number : undefined };
}

/** The number of a key of NVS and ZMS. Throws USAGE for a name. */
export function numberOfKey({ text, number }: KvKey): number {
  if (number !== undefined) return number;
  throw usageError(`${printable(text)} is not a key`, "A key is a number: 0 to 0xfffe in NVS, 0 to 0xfffffffe in ZMS.");
}
