/**
 * One direction of the line: bytes stand in a queue, take their time on the wire, pass what can go wrong, and arrive.
 *
 * Few events: a chunk of up to 384 bytes (a frame) is one, at the time its last byte is there. What always holds: bytes
 * arrive in the order they were sent; a byte never arrives before it could.
 */
import { concatBytes } from "../../bytes.ts";
import type { Chance } from "./chance.ts";
import type { EventClock } from "./event-clock.ts";
import { type Incident, type LinkStage, throughStages } from "./link-stage.ts";

const CHUNK_BYTES = 384;
/** An FTDI chip puts two bytes of its own into each packet. */
const PACKET_HEADER_BYTES = 2;

/** The first whole nanosecond not before; what a long sum of fractions is off by does not count. */
function wholeNs(timeNs: number): number {
  return Math.ceil(timeNs - 1e-3);
}

export interface DirectionParts {
  readonly clock: EventClock;
  /** Time of a byte on the wire now, nanoseconds, not necessarily whole. */
  readonly nsPerByte: () => number;
  /** From the last byte on the wire to its arrival. */
  readonly latencyNs: number;
  /** How long a short packet waits for company; 0: not at all. */
  readonly latencyTimerNs: number;
  /** Size of such a packet, with two bytes of header. */
  readonly packetBytes: number;
  /** Cuts what arrives into pieces of random size, if given. */
  readonly cutting?: Chance | undefined;
  readonly stages: readonly LinkStage[];
  /** How bytes sent at this rate look to the receiver, see link-model.ts. */
  readonly receive: (bytes: Uint8Array, sentAtNsPerByte: number) => Uint8Array;
  readonly deliver: (bytes: Uint8Array) => void;
  readonly happen: (incident: Incident) => void;
  /** No code waits for what this direction delivers. */
  readonly isQuiet: boolean;
}

/**
 * One direction of the simulated line. Bytes are queued, take their time on the wire, pass the faults, and arrive. They
 * arrive in the order in which they were sent.
 */
export class LinkDirection {
  readonly #parts: DirectionParts;
  /** When the wire is free, with the fraction of a nanosecond. */
  #freeNs = 0;
  #sentBytes = 0;
  /** On the wire. */
  #underWayBytes = 0;
  /** What was on the wire under an earlier number does not arrive. */
  #epoch = 0;
  #isMute = false;
  #stalledUntilNs = 0;
  #stalled: Uint8Array[] = [];
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #stopTimer: (() => void) | undefined;

  /** @internal Part of a `World`. */
  constructor(parts: DirectionParts) {
    this.#parts = parts;
  }

  /** Number of bytes passed to `send` so far. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Number of bytes that were sent and have not arrived. */
  get pendingBytes(): number {
    return this.#underWayBytes + this.#heldBytes + this.#stalled.reduce((sum, { length }) => sum + length, 0);
  }

  /** Drops all bytes that have not arrived. The wire is then free. */
  clear(): void {
    this.#epoch++;
    this.#freeNs = this.#parts.clock.nowNs();
    this.#underWayBytes = 0;
    this.#stalled = [];
    this.#held = [];
    this.#heldBytes = 0;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** When the last bit sent has left, virtual nanoseconds. */
  get freeNs(): number {
    return wholeNs(this.#freeNs);
  }

  /** Queues bytes. Returns when their last bit has left, virtual nanoseconds. Do not change the bytes afterwards. */
  send(bytes: Uint8Array): number {
    const { clock, latencyNs, latencyTimerNs, isQuiet } = this.#parts;
    const nsPerByte = this.#parts.nsPerByte();
    let endNs = Math.max(clock.nowNs(), this.#freeNs);
    const epoch = this.#epoch;
    this.#sentBytes += bytes.length;
    this.#underWayBytes += bytes.length;
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const chunk = bytes.subarray(at, at + CHUNK_BYTES);
      endNs += chunk.length * nsPerByte;
      const arriveNs = wholeNs(endNs) + (latencyTimerNs === 0 ? latencyNs : 0);
      clock.scheduleNs(arriveNs, () => this.#offTheWire(chunk, nsPerByte, epoch), { quiet: isQuiet });
    }
    this.#freeNs = endNs;
    return this.freeNs;
  }

  /** From now on nothing arrives. */
  mute(): void {
    this.#isMute = true;
  }

  /** Nothing arrives before `untilNs`. Bytes that would arrive until then arrive at that time. */
  stall(untilNs: number): void {
    if (untilNs <= this.#stalledUntilNs) return;
    this.#stalledUntilNs = untilNs;
    this.#parts.clock.scheduleNs(untilNs, () => this.#endStall(), { quiet: this.#parts.isQuiet });
  }

  #endStall(): void {
    if (this.#parts.clock.nowNs() < this.#stalledUntilNs) return;
    const waiting = this.#stalled;
    this.#stalled = [];
    for (const bytes of waiting) this.#hand(bytes);
  }

  #offTheWire(chunk: Uint8Array, sentAtNsPerByte: number, epoch: number): void {
    if (epoch !== this.#epoch) return;
    this.#underWayBytes -= chunk.length;
    const received = this.#parts.receive(chunk, sentAtNsPerByte);
    for (const item of throughStages(this.#parts.stages, received)) {
      if (!(item instanceof Uint8Array)) this.#parts.happen(item);
      else if (this.#parts.latencyTimerNs === 0) this.#arrive(item);
      else this.#hold(item);
    }
  }

  /** Full packets go at once, the rest when it has waited long enough. */
  #hold(bytes: Uint8Array): void {
    const { clock, latencyTimerNs, packetBytes } = this.#parts;
    const fullBytes = packetBytes - PACKET_HEADER_BYTES;
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= fullBytes) {
      const all = concatBytes(this.#held);
      const whole = all.length - (all.length % fullBytes);
      this.#ship(all.subarray(0, whole));
      this.#held = whole < all.length ? [all.subarray(whole)] : [];
      this.#heldBytes = all.length - whole;
      this.#stopTimer?.();
      this.#stopTimer = undefined;
    }
    if (this.#heldBytes === 0 || this.#stopTimer !== undefined) return;
    this.#stopTimer = clock.scheduleNs(clock.nowNs() + latencyTimerNs, () => this.#shipRest(), { quiet: true });
  }

  #shipRest(): void {
    this.#stopTimer = undefined;
    const rest = concatBytes(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#ship(rest);
  }

  #ship(bytes: Uint8Array): void {
    const { clock, latencyNs, isQuiet } = this.#parts;
    const epoch = this.#epoch;
    this.#underWayBytes += bytes.length;
    const arrive = (): void => {
      if (epoch !== this.#epoch) return;
      this.#underWayBytes -= bytes.length;
      this.#arrive(bytes);
    };
    clock.scheduleNs(clock.nowNs() + latencyNs, arrive, { quiet: isQuiet });
  }

  #arrive(bytes: Uint8Array): void {
    if (this.#isMute) return;
    if (this.#parts.clock.nowNs() < this.#stalledUntilNs || this.#stalled.length > 0) this.#stalled.push(bytes);
    else this.#hand(bytes);
  }

  #hand(bytes: Uint8Array): void {
    const { cutting, deliver } = this.#parts;
    if (cutting === undefined) {
      deliver(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + cutting.intBelow(bytes.length - at);
      deliver(bytes.subarray(at, at + length));
      at += length;
    }
  }
}
