/** Commands that are sent and not answered: how much of the bridge's buffer they take, and how long they may last. */
import { OPCODE } from "../../../firmware-protocol/serprog/command.ts";
import type { Command } from "./command.ts";

/** Slower than any bridge is asked to be: for bounds, where the clock is not known. */
const MIN_CLOCK_HZ = 100_000;

export class InFlightCommands {
  readonly #commands: { readonly bytes: number; readonly workUs: number }[] = [];
  #bytes = 0;
  #workUs = 0;

  /** Bytes that may lie in the bridge's buffer. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Time of bridge and chip beside the line's. */
  get workUs(): number {
    return this.#workUs;
  }

  add({ bytes, answerBytes, workUs: ownUs }: Command, clockHz: number): void {
    const spiBytes = bytes[0] === OPCODE.spiOperation ? bytes.length + answerBytes : 0;
    const workUs = ownUs + (spiBytes * 8e6) / Math.max(clockHz, MIN_CLOCK_HZ);
    this.#commands.push({ bytes: bytes.length, workUs });
    this.#bytes += bytes.length;
    this.#workUs += workUs;
  }

  /** The oldest one is answered. */
  onAnswer(): void {
    const first = this.#commands.shift();
    this.#bytes -= first?.bytes ?? 0;
    this.#workUs -= first?.workUs ?? 0;
  }

  clear(): void {
    this.#commands.length = this.#bytes = this.#workUs = 0;
  }
}
