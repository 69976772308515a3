/**
 * The line between host and bridge: two directions with a rate, a latency and whatever goes wrong on them.
 *
 * Two ends that differ by more than three percent in their line rate do not understand each other: the receiver sees
 * other bytes, more or fewer of them.
 */
import type { Chance } from "./chance.ts";
import type { EventClock } from "./event-clock.ts";
import { type FaultPlan, faultStages } from "./link-faults.ts";
import { LinkDirection } from "./link-direction.ts";
import type { Incident, LinkSide } from "./link-stage.ts";

/** Rate and latency of a simulated line. */
export interface LinkOptions {
  /** Line rate of both ends at the start, baud, with ten bits per byte. 0: the link has none; see `bytesPerSecond`. */
  readonly baudRate: number;
  /** Rate of a link without line rate (USB, TCP), bytes per second each way. Used if `baudRate` is 0. */
  readonly bytesPerSecond: number;
  /** Latency each way, microseconds. */
  readonly latencyUs: number;
  /**
   * Time that an incomplete packet from the bridge waits for more bytes, microseconds; 0: it does not wait. FTDI chips:
   * 16,000.
   */
  readonly latencyTimerUs: number;
  /** Size of such a packet with its two bytes of header. */
  readonly packetBytes: number;
  /** Whether the host receives its bytes in pieces of random size. */
  readonly cutsReads: boolean;
}

/** 2 Mbaud and half a millisecond each way, as in the measured tables. */
export const DEFAULT_LINK: LinkOptions = {
  baudRate: 2_000_000,
  bytesPerSecond: 0,
  latencyUs: 500,
  latencyTimerUs: 0,
  packetBytes: 64,
  cutsReads: false,
};

const BITS_PER_BYTE = 10;
const TOLERATED = 0.03;
const MAX_BYTES_FOR_ONE = 4;

export interface LinkParts {
  readonly clock: EventClock;
  readonly options: LinkOptions;
  readonly faults: FaultPlan;
  /** A branch of the seed that is the link's alone. */
  readonly random: Chance;
  readonly toHost: (bytes: Uint8Array) => void;
  readonly toBridge: (bytes: Uint8Array) => void;
  /** An incident that is not the link's own: disconnect, bridge reset. */
  readonly happen: (incident: Incident) => void;
}

/**
 * The simulated line between host and bridge: two directions with a rate, a latency and faults.
 *
 * If the line rates of the two ends differ by more than three percent, the receiver gets other bytes, and more or fewer
 * of them.
 */
export class LinkModel {
  /** The direction towards the bridge. */
  readonly up: LinkDirection;
  /** The direction towards the host. */
  readonly down: LinkDirection;
  /** Line rate of the host's end, baud; 0 if the link has none. */
  hostBaud: number;
  /** Line rate of the bridge's end, baud; 0 if the link has none. */
  bridgeBaud: number;
  readonly #parts: LinkParts;

  /** @internal Part of a `World`. */
  constructor(parts: LinkParts) {
    this.#parts = parts;
    const { options, random, faults } = parts;
    this.hostBaud = options.baudRate;
    this.bridgeBaud = options.baudRate;
    const noise = random.branch("rates");
    const garble = (bytes: Uint8Array, ratio: number): Uint8Array => garbled(bytes, ratio, noise);
    const common = { clock: parts.clock, latencyNs: options.latencyUs * 1000, packetBytes: options.packetBytes };
    const happen = (incident: Incident): void => this.happen(incident);
    this.up = new LinkDirection({
      ...common,
      /** Causes an incident now. */
      happen,
      latencyTimerNs: 0,
      nsPerByte: () => this.#nsPerByte(this.hostBaud),
      receive: (bytes, sentAt) => garble(bytes, this.#ratio(sentAt, this.bridgeBaud)),
      stages: faultStages(faults, "up", random.branch("up")),
      deliver: parts.toBridge,
      isQuiet: true,
    });
    this.down = new LinkDirection({
      ...common,
      happen,
      latencyTimerNs: options.latencyTimerUs * 1000,
      nsPerByte: () => this.#nsPerByte(this.bridgeBaud),
      receive: (bytes, sentAt) => garble(bytes, this.#ratio(sentAt, this.hostBaud)),
      stages: faultStages(faults, "down", random.branch("down")),
      cutting: options.cutsReads ? random.branch("reads") : undefined,
      deliver: parts.toHost,
      isQuiet: false,
    });
    for (const planned of faults.planned) {
      if (!("atMs" in planned.at)) continue;
      const { fault } = planned;
      if (isIncident(fault)) parts.clock.scheduleNs(Math.round(planned.at.atMs * 1e6), () => this.happen(fault));
    }
  }

  /** Time of one byte at the bridge's end, nanoseconds. */
  get bridgeNsPerByte(): number {
    return this.#nsPerByte(this.bridgeBaud);
  }

  /** Time of one byte at the host's end, nanoseconds. */
  get hostNsPerByte(): number {
    return this.#nsPerByte(this.hostBaud);
  }

  /** Number of bytes in both directions that have not arrived. */
  get pendingBytes(): number {
    return this.up.pendingBytes + this.down.pendingBytes;
  }

  /** Drops all bytes that have not arrived. */
  clear(): void {
    this.up.clear();
    this.down.clear();
  }

  /** Something goes wrong now. */
  happen(incident: Incident): void {
    const nowNs = this.#parts.clock.nowNs();
    switch (incident.kind) {
      case "mute":
        for (const direction of this.#sides(incident.direction)) direction.mute();
        return;
      case "stall":
        for (const direction of this.#sides(incident.direction)) direction.stall(nowNs + incident.forMs * 1e6);
        return;
      default:
        this.#parts.happen(incident);
    }
  }

  #sides(side: LinkSide): readonly LinkDirection[] {
    return side === "both" ? [this.up, this.down] : [this[side]];
  }

  #nsPerByte(baud: number): number {
    return baud > 0 ? (BITS_PER_BYTE * 1e9) / baud : 1e9 / this.#parts.options.bytesPerSecond;
  }

  /** Receiver's rate as a multiple of the sender's. */
  #ratio(sentAtNsPerByte: number, receiverBaud: number): number {
    return sentAtNsPerByte / this.#nsPerByte(receiverBaud);
  }
}

function isIncident(fault: { readonly kind: string }): fault is Incident {
  return ["stall", "mute", "disconnect", "bridge-reset"].includes(fault.kind);
}

function garbled(bytes: Uint8Array, ratio: number, noise: Chance): Uint8Array {
  if (Math.abs(ratio - 1) <= TOLERATED) return bytes;
  return noise.bytes(Math.max(1, Math.round(bytes.length * Math.min(ratio, MAX_BYTES_FOR_ONE))));
}
