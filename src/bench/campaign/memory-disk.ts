/** The disk of a host that may be killed: which bytes of a journal are there afterwards. */
import { concatBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { JournalMedium } from "../../journal/journal.ts";
import type { Random } from "../../sim/random.ts";

export class MemoryDisk implements JournalMedium {
  #lines: { readonly line: Uint8Array; readonly isDurable: boolean }[] = [];
  #isDead = false;

  append(line: Uint8Array, isDurable: boolean): void {
    if (this.#isDead) throw new NorbridgeError("ESHUTDOWN", "the program was killed", { operation: "write journal" });
    this.#lines.push({ line, isDurable });
  }

  close(): void {
    // There is nothing open.
  }

  /** From here on nothing is written any more. */
  kill(): void {
    this.#isDead = true;
  }

  /** The machine lost power: what was not put on the disk is gone from some byte on. */
  loseUnsynced(random: Random): void {
    const synced = this.#lines.findLastIndex(({ isDurable }) => isDurable) + 1;
    const rest = concatBytes(this.#lines.slice(synced).map(({ line }) => line));
    this.#lines = this.#lines.slice(0, synced);
    if (rest.length > 0) this.#lines.push({ line: rest.slice(0, random.intBelow(rest.length + 1)), isDurable: false });
  }

  /** A new program takes over: what was torn is cut off. */
  reopen(): Uint8Array {
    this.#isDead = false;
    const bytes = concatBytes(this.#lines.map(({ line }) => line));
    const whole = bytes.slice(0, bytes.lastIndexOf(0x0a) + 1);
    this.#lines = [{ line: whole, isDurable: true }];
    return whole;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }
}
