/**
 * The bridge's end of the line: gives the model its bytes, its transmitter and its time. A frame is asked for when the
 * transmitter is free, never before, so that what it sends is as new as it can be.
 */
import type { WireModel } from "../bridge/wire-model.ts";
import type { EventClock } from "./event-clock.ts";
import type { LinkModel } from "./link-model.ts";

export interface BridgeEndParts {
  readonly clock: EventClock;
  readonly model: WireModel;
  readonly link: LinkModel;
  /** False: the caller calls `wakeForHost` at `hostWakeNs`, since the host runs in another time. */
  readonly watchesHost: boolean;
}

/**
 * The bridge's end of the simulated line: passes bytes to the model, sends what the model returns, and runs the model
 * in time.
 */
export class BridgeEnd {
  readonly #parts: BridgeEndParts;
  #isSending = false;
  /** What was being sent under an earlier number is not being sent any more. */
  #epoch = 0;
  #wakeAtNs = Number.POSITIVE_INFINITY;
  #stopWake: (() => void) | undefined;

  /** @internal Part of a `World`. */
  constructor(parts: BridgeEndParts) {
    this.#parts = parts;
  }

  /** When the time limit for the host ends, in the host's time, nanoseconds; Infinity: nothing is expected. */
  get hostWakeNs(): number {
    return this.#parts.model.hostWakeNs;
  }

  /** Takes bytes that have arrived over the line. */
  arrive(bytes: Uint8Array): void {
    const { model, clock } = this.#parts;
    model.receive(bytes, clock.nowNs());
    this.#settle();
  }

  /** To be called at `hostWakeNs`. */
  wakeForHost(): void {
    this.#wake();
  }

  /**
   * Restarts the bridge. It ignores the line for `bootNs` nanoseconds. `log` is sent first, as the boot log of a real
   * board.
   */
  reset(bootNs: number, log: string | undefined): void {
    const { model, clock, link } = this.#parts;
    model.reset(clock.nowNs(), bootNs);
    link.bridgeBaud = model.baudRate;
    if (log !== undefined && log.length > 0) link.down.send(Uint8Array.from(log, (c) => c.charCodeAt(0) & 0xff));
    this.#settle();
  }

  /** Restarts the bridge because another host has opened the port. The line must be empty (`LinkModel.clear`). */
  renew(): void {
    this.#epoch++;
    this.#isSending = false;
    this.reset(0, undefined);
  }

  #wake(): void {
    const { model, clock } = this.#parts;
    model.wake(clock.nowNs());
    this.#settle();
  }

  #settle(): void {
    const { model, clock, link } = this.#parts;
    link.bridgeBaud = model.baudRate;
    if (!this.#isSending) {
      const frame = model.pull(clock.nowNs());
      if (frame !== undefined) this.#transmit(frame);
    }
    this.#scheduleWake();
  }

  #transmit(frame: Uint8Array): void {
    const { model, clock, link } = this.#parts;
    this.#isSending = true;
    const epoch = this.#epoch;
    const freeNs = link.down.send(frame);
    const done = (): void => {
      if (epoch !== this.#epoch) return;
      this.#isSending = false;
      model.sent(clock.nowNs());
      this.#settle();
    };
    clock.scheduleNs(freeNs, done, { quiet: true });
  }

  #scheduleWake(): void {
    const { model, clock, watchesHost } = this.#parts;
    const workNs = model.workWakeNs(clock.nowNs());
    const atNs = watchesHost ? Math.min(workNs, model.hostWakeNs) : workNs;
    // A wake that comes too early does no harm, and leaving it there is cheaper than moving it.
    if (atNs >= this.#wakeAtNs) return;
    this.#stopWake?.();
    this.#wakeAtNs = atNs;
    const awake = (): void => {
      this.#wakeAtNs = Number.POSITIVE_INFINITY;
      this.#wake();
    };
    this.#stopWake = clock.scheduleNs(Math.max(atNs, clock.nowNs()), awake, { quiet: true });
  }
}
