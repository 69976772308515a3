/**
 * A simulated bridge for programs that live in real time: behind a socket or a mock serial port. Bytes go in with `take`
 * and come out through `toHost`.
 *
 * As fast as possible: SPI, chip and line run ahead in their own time as far as there is work, in slices, so that a
 * CANCEL is heard; only what waits for the host (keep-alive, silence, sending again) takes real time. While nothing is
 * to be done time goes on as in reality, so that a host which waits for a busy chip does not wait in vain. Realtime: all
 * of it takes the time it says.
 */
import type { Clock } from "../clock.ts";
import { concatBytes } from "../bytes.ts";
import { PacedClock } from "./link/paced-clock.ts";
import { createWorld, type World, type WorldParts } from "./simulation.ts";

/** Work goes on so long before the program around gets its turn. */
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
  /** Called whenever something was worked off: `backlogBytes` may be less now. */
  readonly onWorked?: () => void;
}

export class LiveWorld {
  readonly world: World;
  readonly #parts: LiveParts;
  readonly #time = new PacedClock();
  readonly #startUs: number;
  readonly #out: Uint8Array[] = [];
  #isWorking = false;
  #takenBytes = 0;
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
      ...(parts.isRealtime ? {} : { hostTime: () => this.#realNs }),
    });
  }

  get #realNs(): number {
    return (this.#parts.clock.nowUs() - this.#startUs) * 1000;
  }

  /** Bytes of the host that nobody has worked off yet. */
  get backlogBytes(): number {
    const onLine = this.#isWorking ? Math.max(0, this.#takenBytes - this.world.linkBytes.up) : 0;
    return onLine + (this.world.bridge.backlogBytes ?? 0);
  }

  /** Another host is there now: nothing of the one before reaches the bridge any more, and nothing of it the new one. */
  hostChanged(): void {
    this.world.skipUp(this.#isWorking ? Math.max(0, this.#takenBytes - this.world.linkBytes.up) : 0);
    this.#out.length = 0;
    this.world.bridge.hostChanged?.(this.#time.nowNs());
  }

  /** Bytes from the host; they are not kept, so the caller may go on with its buffer. */
  take(bytes: Uint8Array): void {
    if (this.#isClosed || bytes.length === 0) return;
    const nowNs = this.#parts.isRealtime ? this.#realNs : this.#idleNs + (this.#realNs - this.#idleRealNs);
    if (!this.#isWorking || this.#parts.isRealtime) this.#time.advanceTo(Math.min(nowNs, this.#time.nextNs));
    this.#takenBytes += bytes.length;
    this.world.link.up.send(bytes.slice());
    this.#stir();
  }

  /** The host has changed the line rate of its end; nothing where the line has none. */
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
    // The loop ends when nothing is expected any more; `take` begins it anew.
    while (!this.#isClosed) {
      const isDone = this.#slice();
      this.#flush();
      this.#parts.onWorked?.();
      if (!isDone) {
        await this.#parts.clock.wait(0);
        continue;
      }
      const waitNs = this.#nextNs - this.#realNs;
      if (waitNs === Number.POSITIVE_INFINITY) break;
      this.#sleep = new AbortController();
      await this.#parts.clock.wait(Math.max(0, Math.ceil(waitNs / 1000)), this.#sleep.signal);
    }
    this.#isWorking = false;
    this.#parts.onWorked?.();
    this.#idleNs = this.#time.nowNs();
    this.#idleRealNs = this.#realNs;
  }

  /** When there is something to do again, in real time. */
  get #nextNs(): number {
    return this.#parts.isRealtime ? this.#time.nextNs : this.world.bridgeEnd.hostWakeNs;
  }

  /** Runs what is due; false if there is more than one slice of it. */
  #slice(): boolean {
    const { isRealtime, clock } = this.#parts;
    const untilUs = clock.nowUs() + SLICE_US;
    if (!isRealtime && this.#realNs >= this.world.bridgeEnd.hostWakeNs) this.world.bridgeEnd.wakeForHost();
    for (;;) {
      const limitNs = isRealtime ? this.#realNs : Number.POSITIVE_INFINITY;
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
