/** The host's end of the simulated line: a duplex like any other port. */
import { NorbridgeError } from "../../errors.ts";
import type { ByteDuplex } from "../../transport/byte-duplex.ts";
import type { EventClock } from "./event-clock.ts";
import type { LinkModel } from "./link-model.ts";

/** What the system takes before a write has to wait. */
const SYSTEM_BUFFER_BYTES = 4096;

export class HostEnd implements ByteDuplex {
  readonly name: string;
  readonly #clock: EventClock;
  readonly #link: LinkModel;
  readonly #arrived: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #isOpen = true;

  constructor(name: string, clock: EventClock, link: LinkModel) {
    this.name = name;
    this.#clock = clock;
    this.#link = link;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get baudRate(): number {
    return this.#link.hostBaud;
  }

  get isChecked(): boolean {
    return this.#link.hostBaud === 0;
  }

  get incoming(): AsyncIterable<Uint8Array> {
    return this.#chunks();
  }

  /** Bytes have come over the line. */
  arrive(bytes: Uint8Array): void {
    if (!this.#isOpen || bytes.length === 0) return;
    this.#arrived.push(bytes);
    this.#wake?.();
  }

  /** The port is gone, as if unplugged. */
  lose(): void {
    this.#isOpen = false;
    this.#wake?.();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen) {
      throw new NorbridgeError("ESHUTDOWN", `${this.name} was closed or unplugged`, { operation: "write to port" });
    }
    if (bytes.length === 0) return;
    const endNs = this.#link.up.send(bytes);
    await this.#until(endNs - Math.floor(SYSTEM_BUFFER_BYTES * this.#link.hostNsPerByte));
  }

  async setBaudRate(baudRate: number): Promise<boolean> {
    if (this.#link.hostBaud === 0 || !this.#isOpen) return false;
    // What was written before leaves at the old rate, as a drain does it.
    await this.#until(this.#link.up.freeNs);
    this.#link.hostBaud = baudRate;
    return true;
  }

  close(): Promise<void> {
    this.lose();
    return Promise.resolve();
  }

  #until(timeNs: number): Promise<void> {
    if (timeNs <= this.#clock.nowNs()) return Promise.resolve();
    return new Promise((resolve) => void this.#clock.scheduleNs(timeNs, resolve));
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#arrived.shift();
      if (chunk !== undefined) {
        yield chunk;
      } else if (!this.#isOpen) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
    }
  }
}
