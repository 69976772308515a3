/**
 * The whole simulated world: a chip on a bridge on a line, and the host's end of that line. Everything that happens comes
 * from the seed and from what the host writes, so a seed given again is the same run to the byte: see `traceHash`.
 */
import type { ByteDuplex } from "../transport/byte-duplex.ts";
import { BridgeModel } from "./bridge/bridge-model.ts";
import type { BridgeOptions } from "./bridge/bridge-options.ts";
import type { BridgeViolation } from "./bridge/bridge-violation.ts";
import type { WireModel } from "./bridge/wire-model.ts";
import type { ChipModel, Violation } from "./chip/core/chip-model.ts";
import { BridgeEnd } from "./link/bridge-end.ts";
import type { EventClock } from "./link/event-clock.ts";
import { HostEnd } from "./link/host-end.ts";
import type { FaultPlan } from "./link/link-faults.ts";
import { LinkModel, type LinkOptions } from "./link/link-model.ts";
import type { Incident } from "./link/link-stage.ts";
import { createRandom } from "./random.ts";
import { DualModel } from "./serprog/dual-model.ts";
import { SerprogModel } from "./serprog/serprog-model.ts";
import type { SerprogProfile } from "./serprog/serprog-profile.ts";
import { createTrace } from "./trace.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

/** The parts of a simulated world: chip, bridge, line and faults. */
export interface WorldParts {
  /** Name for messages: "sim:AT25SF041". */
  readonly name: string;
  /** The simulated chip. */
  readonly chip: ChipModel;
  /** The bridge and its native protocol. */
  readonly bridge: BridgeOptions;
  /** The serprog side of the bridge; undefined: it supports only the native protocol. */
  readonly serprog?: SerprogSetup | undefined;
  /** Another bridge on the chip, instead of `bridge` and `serprog`: for example the real firmware in an emulator. */
  readonly wire?: ((chip: ChipModel) => WireModel) | undefined;
  /** Rate and latency of the line. */
  readonly link: LinkOptions;
  /** Faults of the line. */
  readonly faults: FaultPlan;
  /** Seed of the line's random numbers. */
  readonly seed: number | string;
}

/** The serprog side of a simulated bridge. */
export interface SerprogSetup {
  /** The serprog bridge to simulate. */
  readonly profile: SerprogProfile;
  /** SPI clock after power-up, Hz. Default: that of the profile. */
  readonly spiClockHz?: number | undefined;
  /** Whether the bridge supports the native protocol as well. */
  readonly alsoNative: boolean;
}

/** A broken rule, of the chip or of the wire. */
export type WorldViolation = Violation | BridgeViolation;

/** A simulated chip, bridge and line. */
export interface World {
  /** The simulated chip. */
  readonly chip: ChipModel;
  /** The simulated bridge. */
  readonly bridge: WireModel;
  /** The simulated line. */
  readonly link: LinkModel;
  /** The bridge's end of the line; it can be reset. */
  readonly bridgeEnd: BridgeEnd;
  /** Rules broken so far: those of the chip first, then those of the wire. A test expects none. */
  readonly violations: readonly WorldViolation[];
  /** Hash of all bytes on the line so far and of their times. Equal hashes mean equal runs. */
  readonly traceHash: string;
  /** Bytes on the line so far. */
  readonly linkBytes: {
    /** Bytes from the host to the bridge. */
    readonly up: number;
    /** Bytes from the bridge to the host. */
    readonly down: number;
  };
  /** A new host opens the port: the line is cleared and the bridge restarts. The chip continues. */
  renew(): void;
}

/** Where a world is put: its clock, and who stands at the host's end. */
export interface WorldPlace {
  readonly clock: EventClock;
  readonly toHost: (bytes: Uint8Array) => void;
  /** The port is gone for the host. */
  readonly onDisconnect: () => void;
  /** The host's time, if it is not the clock's (bridge-model.ts). */
  readonly hostTime?: ((nowNs: number) => number) | undefined;
}

/** Puts a world together. */
export function createWorld(parts: WorldParts, place: WorldPlace): World {
  const { clock, hostTime } = place;
  const trace = createTrace();
  const linkBytes = { up: 0, down: 0 };
  const random = createRandom(parts.seed).branch("link");
  const bridge: WireModel = parts.wire?.(parts.chip) ?? createBridge(parts, () => link.bridgeNsPerByte, hostTime);
  const happen = (incident: Incident): void => {
    if (incident.kind === "disconnect") place.onDisconnect();
    else if (incident.kind === "bridge-reset") bridgeEnd.reset(Math.round(incident.bootMs * 1e6), incident.log);
  };
  const link: LinkModel = new LinkModel({
    clock,
    options: parts.link,
    faults: parts.faults,
    random,
    happen,
    toHost(bytes) {
      linkBytes.down += bytes.length;
      trace.add("down", clock.nowNs(), bytes.length, bytes);
      place.toHost(bytes);
    },
    toBridge(bytes) {
      linkBytes.up += bytes.length;
      trace.add("up", clock.nowNs(), bytes.length, bytes);
      bridgeEnd.arrive(bytes);
    },
  });
  const bridgeEnd: BridgeEnd = new BridgeEnd({ clock, model: bridge, link, watchesHost: hostTime === undefined });
  return {
    chip: parts.chip,
    bridge,
    link,
    bridgeEnd,
    get violations() {
      return [...parts.chip.violations, ...bridge.violations];
    },
    get traceHash() {
      return trace.hash;
    },
    get linkBytes() {
      return { ...linkBytes };
    },
    renew() {
      link.clear();
      link.hostBaud = parts.link.baudRate;
      bridgeEnd.renew();
    },
  };
}

function createBridge(
  parts: WorldParts,
  nsPerByte: () => number,
  hostTime: ((nowNs: number) => number) | undefined,
): WireModel {
  const { serprog, chip } = parts;
  const native = new BridgeModel({
    options: parts.bridge,
    target: chip,
    nsPerByte,
    hostTime,
  });
  if (serprog === undefined) return native;
  const { profile, spiClockHz } = serprog;
  const { baudRate } = parts.link;
  const model = new SerprogModel({
    profile,
    target: chip,
    baudRate,
    spiClockHz,
  });
  return serprog.alsoNative ? new DualModel(native, model) : model;
}

/** A simulated chip, bridge and line in virtual time, with a port for the code under test. */
export interface Simulation extends World {
  /** The virtual clock of the simulation. */
  readonly clock: VirtualClock;
  /** The host's end of the line, for `openBridge`. */
  readonly duplex: ByteDuplex;
  /** Opens the host's end again, as if the port had been closed: with its first line rate, and the bridge unchanged. */
  reopen(): ByteDuplex;
  /** Closes the host's end, as if its program had been killed. */
  hangUp(): void;
  /** Runs a job in virtual time, which passes while the job waits. See `VirtualClock.run`. */
  run<T>(job: () => Promise<T>): Promise<T>;
  /** Writes the chip's bytes to its file, if it has one. Throws FILE_EXISTS if that is impossible. */
  save(): void;
  /** Releases the chip's file for other programs; later changes are not saved. Further calls have no effect. */
  release(): void;
  /** Saves and releases. Further calls have no effect. Throws FILE_EXISTS if the file cannot be written. */
  close(): void;
}

/** Functions that a simulation calls to keep the chip's bytes. */
export interface SimulationOptions {
  /** Called by `save`. Default: nothing. */
  readonly save?: (() => void) | undefined;
  /** Called by `release`. Default: nothing. */
  readonly release?: (() => void) | undefined;
}

/**
 * Creates a simulation in virtual time. The same parts and the same bytes from the host repeat the run exactly; see
 * `traceHash`.
 */
export function createSimulation(parts: WorldParts, options: SimulationOptions = {}): Simulation {
  const clock = createVirtualClock();
  const world: World = createWorld(parts, {
    clock,
    toHost: (bytes) => duplex.arrive(bytes),
    onDisconnect: () => duplex.lose(),
  });
  const first = new HostEnd(parts.name, clock, world.link);
  let duplex: HostEnd = first;
  let isReleased = false;
  const release = (): void => {
    isReleased = true;
    options.release?.();
  };
  return {
    clock,
    duplex: first,
    hangUp: () => duplex.lose(),
    reopen() {
      duplex.lose();
      if (parts.link.baudRate > 0) world.link.hostBaud = parts.link.baudRate;
      duplex = new HostEnd(parts.name, clock, world.link);
      return duplex;
    },
    chip: world.chip,
    bridge: world.bridge,
    link: world.link,
    bridgeEnd: world.bridgeEnd,
    get violations() {
      return world.violations;
    },
    get traceHash() {
      return world.traceHash;
    },
    get linkBytes() {
      return world.linkBytes;
    },
    renew: () => world.renew(),
    run: (job) => clock.run(job),
    save: () => options.save?.(),
    release,
    close() {
      if (isReleased) return;
      try {
        options.save?.();
      } finally {
        release();
      }
    },
  };
}
