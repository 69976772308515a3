/**
 * Host and bridge on one line in virtual time, with nothing else of the simulator: a paced clock that a job runs in, the
 * chip with the diary, and numbers from a seed.
 */
import { BridgeModel } from "../../../src/sim/bridge/bridge-model.ts";
import { BRIDGE_PRESETS, type BridgeOptions } from "../../../src/sim/bridge/bridge-options.ts";
import type { SpiTarget } from "../../../src/sim/bridge/spi-port.ts";
import type { WireModel } from "../../../src/sim/bridge/wire-model.ts";
import { SerprogModel } from "../../../src/sim/serprog/serprog-model.ts";
import type { SerprogProfile } from "../../../src/sim/serprog/serprog-profile.ts";
import type { Clock } from "../../../src/clock.ts";
import { BridgeEnd } from "../../../src/sim/link/bridge-end.ts";
import type { Chance } from "../../../src/sim/link/chance.ts";
import { HostEnd } from "../../../src/sim/link/host-end.ts";
import { type FaultPlan, NO_FAULTS } from "../../../src/sim/link/link-faults.ts";
import { DEFAULT_LINK, LinkModel, type LinkOptions } from "../../../src/sim/link/link-model.ts";
import { PacedClock } from "../../../src/sim/link/paced-clock.ts";
import { DiaryChip } from "../bridge/bench.ts";

/** Numbers from a seed (mulberry32), branches by name. */
export function chanceFrom(seed: string): Chance & { nextUint32(): number } {
  let state = 0x811c9dc5;
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const nextFloat = (): number => next() / 2 ** 32;
  return {
    nextUint32: next,
    nextFloat,
    intBelow: (n) => Math.floor(nextFloat() * n),
    chance: (probability) => nextFloat() < probability,
    pick: (list) => list[Math.floor(nextFloat() * list.length)]!,
    bytes: (count) => new Uint8Array(count).map(() => next() & 255),
    branch: (name) => chanceFrom(`${seed}/${name}`),
  };
}

export interface PacedWorld {
  readonly clock: Clock;
  readonly chip: DiaryChip;
  readonly model: WireModel;
  readonly link: LinkModel;
  readonly duplex: HostEnd;
  run<T>(job: () => Promise<T>): Promise<T>;
}

export interface PacedWorldOptions {
  readonly bridge?: Partial<BridgeOptions>;
  /** A serprog bridge instead of a native one. */
  readonly serprog?: SerprogProfile;
  /** Any other bridge. */
  readonly wire?: (chip: SpiTarget) => WireModel;
  readonly link?: Partial<LinkOptions>;
  readonly faults?: Partial<FaultPlan>;
  readonly seed?: string;
}

export function pacedWorld(options: PacedWorldOptions = {}): PacedWorld {
  const time = new PacedClock();
  const chip = new DiaryChip();
  const model: WireModel = options.wire?.(chip) ?? modelOf(options, chip, () => link.bridgeNsPerByte);
  const link: LinkModel = new LinkModel({
    clock: time,
    options: { ...DEFAULT_LINK, ...options.link },
    faults: { ...NO_FAULTS, ...options.faults },
    random: chanceFrom(options.seed ?? "world"),
    toHost: (bytes) => duplex.arrive(bytes),
    toBridge: (bytes) => end.arrive(bytes),
    happen(incident) {
      if (incident.kind === "disconnect") duplex.lose();
      else if (incident.kind === "bridge-reset") end.reset(incident.bootMs * 1e6, incident.log);
    },
  });
  const end: BridgeEnd = new BridgeEnd({ clock: time, model, link, watchesHost: true });
  const duplex: HostEnd = new HostEnd("world", time, link);
  return { clock: clockOver(time), chip, model, link, duplex, run: (job) => runIn(time, job) };
}

function modelOf(options: PacedWorldOptions, target: SpiTarget, nsPerByte: () => number): WireModel {
  if (options.serprog === undefined) {
    return new BridgeModel({ options: { ...BRIDGE_PRESETS.small, ...options.bridge }, target, nsPerByte });
  }
  const baudRate = options.link?.baudRate ?? DEFAULT_LINK.baudRate;
  return new SerprogModel({ profile: options.serprog, target, baudRate });
}

function clockOver(time: PacedClock): Clock {
  return {
    nowUs: () => Math.floor(time.nowNs() / 1000),
    wait(durationUs, signal) {
      if (signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          cancel();
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const cancel = time.scheduleNs(time.nowNs() + durationUs * 1000, done);
        signal?.addEventListener("abort", done, { once: true });
      });
    },
  };
}

const MAX_IDLE_TURNS = 1000;

/** Runs a job: between two events all that awaits has its turn. */
async function runIn<T>(time: PacedClock, job: () => Promise<T>): Promise<T> {
  const state = { isSettled: false };
  const settled = job().finally(() => (state.isSettled = true));
  settled.catch(() => undefined);
  // A job may take turns of its own while the world rests.
  for (let idleTurns = 0; idleTurns < MAX_IDLE_TURNS; idleTurns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (state.isSettled) return settled;
    if (time.runNext(Number.POSITIVE_INFINITY)) idleTurns = 0;
  }
  throw new Error(`nothing more happens at ${time.nowNs()} ns`);
}
