/**
 * A simulated bridge for programs that live in real time: on a socket or a mock serial port. Bytes go in with `take`
 * and come out through `toHost`.
 *
 * As fast as possible: SPI, chip and line run ahead in their own time as far as there is work, in slices, so that a
 * CANCEL is received; only what waits for the host (keep-alive, silence, sending again) takes real time. While nothing is
 * to be done time continues as in reality, so that a host which waits for a busy chip does not wait in vain. Realtime: all
 * of it takes the time it says.
 */
import type { Clock } from "../clock.ts";
import { concatBytes } from "../bytes.ts";
import { PacedClock } from "./link/paced-clock.ts";
import { createWorld, type World, type WorldParts } from "./simulation.ts";

/** Work continues so long before the program around gets its turn. */
const SLICE_US = 10_000;
/** How many events are run between two looks at the clock. */
const EVENTS_PER_LOOK = 32;

export interface LiveParts {
  readonly world: WorldParts;
  readonly isRealtime: boolean;
  /** The machine's clock. */
  readonly clock: Clock;
  readonly toHost: (bytes: Uint8Array) => void;
  readonly onDisconnect: () => void;
  /** Called whenever something was worked off: there may be room for more. */
  readonly onWorked?: (() => void) | undefined;
}

export class LiveWorld {
  readonly world: World;
  readonly #parts: LiveParts;
  readonly #time = new PacedClock();
  readonly #startUs: number;
  readonly #out: Uint8Array[] = [];
  #isWorking = false;
  #isHeld = false;
  /** When there was nothing to do any more, in both times. */
  #idleNs = 0;
  #idleRealNs = 0;
  #isClosed = false;
  #sleep = new AbortController();

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#startUs = parts.clock.nowUs();
    this.world = createWorld(parts.world, {
      clock: this.#time,
      toHost: (bytes) => void this.#out.push(bytes),
      onDisconnect: parts.onDisconnect,
      hostTime: parts.isRealtime ? undefined : () => this.#realNs,
    });
  }

  get #realNs(): number {
    return (this.#parts.clock.nowUs() - this.#startUs) * 1000;
  }

  /** Bytes from the host that are not worked off, and bytes for it that have not arrived; about. */
  get backlogBytes(): number {
    const { link, bridge } = this.world;
    return link.pendingBytes + (bridge.backlogBytes ?? 0);
  }

  /** The host takes nothing just now: all stands still, time too, until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** It continues. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#stir();
  }

  /**
   * Another host opens the port: nothing of the last one is left on the line, and the bridge has restarted, as one that is
   * reset by the opening. The chip continues with what it has begun.
   */
  renew(): void {
    if (this.#isClosed) return;
    this.#catchUp();
    this.#out.length = 0;
    this.world.renew();
    this.#isHeld = false;
    this.#stir();
  }

  /** While nothing was to be done, time continued. */
  #catchUp(): void {
    const nowNs = this.#parts.isRealtime ? this.#realNs : this.#idleNs + (this.#realNs - this.#idleRealNs);
    if (!this.#isWorking || this.#parts.isRealtime) this.#time.advanceTo(Math.min(nowNs, this.#time.nextNs));
  }

  /** Bytes from the host; they are not kept, so the caller may continue with its buffer. */
  take(bytes: Uint8Array): void {
    if (this.#isClosed || bytes.length === 0) return;
    this.#catchUp();
    this.world.link.up.send(bytes.slice());
    this.#stir();
  }

  /** The host has changed the line rate of its end; nothing if the line has none. */
  setHostBaud(baudRate: number): void {
    if (this.world.link.hostBaud > 0) this.world.link.hostBaud = baudRate;
  }

  /** The bridge restarts now. */
  reset(bootMs = 0, log?: string): void {
    this.world.bridgeEnd.reset(Math.round(bootMs * 1e6), log);
    this.#stir();
  }

  /** Nothing moves any more. */
  close(): void {
    this.#isClosed = true;
    this.#sleep.abort();
  }

  /** Something is new: work now, or look again how long to sleep. */
  #stir(): void {
    this.#sleep.abort();
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    // The loop ends when nothing is expected any more; `take` begins it again.
    while (!this.#isClosed && !this.#isHeld) {
      const isDone = this.#slice();
      this.#flush();
      this.#parts.onWorked?.();
      if (!isDone || this.#time.nextNs <= this.#limitNs) {
        await this.#parts.clock.wait(0);
        continue;
      }
      const waitNs = this.#nextNs - this.#realNs;
      if (waitNs === Number.POSITIVE_INFINITY) break;
      this.#sleep = new AbortController();
      await this.#parts.clock.wait(Math.max(0, Math.ceil(waitNs / 1000)), this.#sleep.signal);
    }
    this.#isWorking = false;
    this.#idleNs = this.#time.nowNs();
    this.#idleRealNs = this.#realNs;
  }

  /** When there is something to do again, in real time. */
  get #nextNs(): number {
    return this.#parts.isRealtime ? this.#time.nextNs : this.world.bridgeEnd.hostWakeNs;
  }

  /** How far time may go now. */
  get #limitNs(): number {
    return this.#parts.isRealtime ? this.#realNs : Number.MAX_VALUE;
  }

  /** Runs what is due; false if there is more than one slice of it. */
  #slice(): boolean {
    const { isRealtime, clock } = this.#parts;
    const untilUs = clock.nowUs() + SLICE_US;
    if (!isRealtime && this.#realNs >= this.world.bridgeEnd.hostWakeNs) this.world.bridgeEnd.wakeForHost();
    for (;;) {
      const limitNs = this.#limitNs;
      for (let i = 0; i < EVENTS_PER_LOOK; i++) if (!this.#time.runNext(limitNs)) return true;
      if (clock.nowUs() >= untilUs) return false;
    }
  }

  #flush(): void {
    if (this.#out.length === 0) return;
    const bytes = concatBytes(this.#out);
    this.#out.length = 0;
    if (!this.#isClosed) this.#parts.toHost(bytes);
  }
}
