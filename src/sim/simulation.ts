/**
 * The whole simulated world: a chip on a bridge on a line, and the host's end of that line. Everything that happens comes
 * from the seed and from what the host writes, so a seed given again is the same run to the byte: see `traceHash`.
 */
import type { ByteDuplex } from "../transport/byte-duplex.ts";
import { BridgeModel } from "./bridge/bridge-model.ts";
import type { BridgeOptions } from "./bridge/bridge-options.ts";
import type { BridgeViolation } from "./bridge/bridge-violation.ts";
import type { WireModel } from "./bridge/wire-model.ts";
import type { ChipModel, Violation } from "./chip/chip-model.ts";
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

/** What a world is made of. */
export interface WorldParts {
  /** For messages: "sim:AT25SF041". */
  readonly name: string;
  readonly chip: ChipModel;
  readonly bridge: BridgeOptions;
  /** Speaks serprog, alone or beside the native protocol; undefined: native only. */
  readonly serprog?: SerprogSetup | undefined;
  /** Any other bridge on the chip, in place of `bridge` and `serprog`: the real firmware in an emulator. */
  readonly wire?: ((chip: ChipModel) => WireModel) | undefined;
  readonly link: LinkOptions;
  readonly faults: FaultPlan;
  readonly seed: number | string;
}

/** The serprog side of a simulated bridge. */
export interface SerprogSetup {
  readonly profile: SerprogProfile;
  /** SPI clock after power-up, if it is not the profile's. */
  readonly spiClockHz?: number | undefined;
  /** The native protocol is understood as well. */
  readonly alsoNative: boolean;
}

/** A broken rule, the chip's or the wire's. */
export type WorldViolation = Violation | BridgeViolation;

/** Chip, bridge and line in one; runs wherever a clock drives it. */
export interface World {
  readonly chip: ChipModel;
  readonly bridge: WireModel;
  readonly link: LinkModel;
  /** The bridge's end of the line: can be reset. */
  readonly bridgeEnd: BridgeEnd;
  /** Rules that were broken so far: the chip's first, then the wire's. */
  readonly violations: readonly WorldViolation[];
  /** Hash of all bytes on the line and their times so far. */
  readonly traceHash: string;
  /** Bytes that went over the line so far, each way. */
  readonly linkBytes: { readonly up: number; readonly down: number };
  /** A host opens the port anew, which restarts the bridge: what was under way on the line is gone, the chip goes on. */
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
    ...(hostTime === undefined ? {} : { hostTime }),
  });
  if (serprog === undefined) return native;
  const { profile, spiClockHz } = serprog;
  const { baudRate } = parts.link;
  const model = new SerprogModel({
    profile,
    target: chip,
    baudRate,
    ...(spiClockHz === undefined ? {} : { spiClockHz }),
  });
  return serprog.alsoNative ? new DualModel(native, model) : model;
}

/** A world in virtual time with a port for the code under test. */
export interface Simulation extends World {
  readonly clock: VirtualClock;
  /** The host's end: give it to `openBridge`. */
  readonly duplex: ByteDuplex;
  /** The host's end once more, as if the port had been closed and opened: at its first line rate, the bridge as it is. */
  reopen(): ByteDuplex;
  /** The host's end closes, as if its program had been killed. */
  hangUp(): void;
  /** Runs a job in virtual time: whoever awaits something in it lets time go on. */
  run<T>(job: () => Promise<T>): Promise<T>;
  /** Writes the chip's bytes back to their file; nothing where there is none. Throws FILE_EXISTS. */
  save(): void;
  /** Lets others have the chip's file: what is done from here on is not kept. Idempotent. */
  release(): void;
  /** Saves and releases. Idempotent. Throws FILE_EXISTS. */
  close(): void;
}

export interface SimulationOptions {
  /** What `save` does. */
  readonly save?: (() => void) | undefined;
  /** What `release` does. */
  readonly release?: (() => void) | undefined;
}

/** A world in virtual time. */
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
