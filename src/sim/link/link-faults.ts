/**
 * Faults of the line, by seed or at the Nth byte. A plan is plain data, so that a failing case can be kept as JSON; here
 * it becomes stages that stack (link-stage.ts).
 *
 * The same plan and the same branch of the seed give the same faults at the same bytes, whatever else a run does.
 */
import type { Chance } from "./chance.ts";
import { byteStage, type Incident, type LinkItem, type LinkStage } from "./link-stage.ts";

/** Probabilities of random faults in one direction, 0 to 1 each. Default 0. */
export interface FaultRates {
  /** A bit is inverted; per bit. */
  readonly flip?: number | undefined;
  /** A byte is lost; per byte. */
  readonly drop?: number | undefined;
  /** A byte arrives twice; per byte. */
  readonly duplicate?: number | undefined;
  /** 1 to 64 additional bytes arrive before a byte, sometimes the `AT` of a modem manager; per byte. */
  readonly garbage?: number | undefined;
}

/** A fault at one place of the byte stream. */
export type ByteFault =
  | {
      /** Inverts bits of the byte. */
      readonly kind: "flip";
      /** Mask of the bits, 1 to 255. */
      readonly bits: number;
    }
  | {
      /** Drops this byte and the ones after it. */
      readonly kind: "drop";
      /** Number of bytes, at least 1. */
      readonly bytes: number;
    }
  | {
      /** Delivers the byte twice. */
      readonly kind: "duplicate";
    }
  | {
      /** Inserts bytes before the byte. */
      readonly kind: "garbage";
      /** These bytes, 0 to 255 each. */
      readonly bytes: readonly number[];
    };

/** A place in the byte stream of one direction. */
export interface ByteMoment {
  /** "up" is towards the bridge. */
  readonly direction: "up" | "down";
  /** Number of the byte in this direction, from 0, as sent. */
  readonly atByte: number;
}

/** One fault or incident, at a given byte or at a given time. */
export type PlannedFault =
  | {
      /** The byte at which it happens. */
      readonly at: ByteMoment;
      /** What happens there. */
      readonly fault: ByteFault | Incident;
    }
  | {
      /** The time at which it happens. */
      readonly at: {
        /** Virtual time since the start, milliseconds. */
        readonly atMs: number;
      };
      /** What happens then. */
      readonly fault: Incident;
    };

/**
 * All faults of a simulated line. It is plain data, so a failing case can be kept as JSON. The same plan and seed give
 * the same faults at the same bytes.
 */
export interface FaultPlan {
  /** Random faults towards the bridge. */
  readonly up: FaultRates;
  /** Random faults towards the host. */
  readonly down: FaultRates;
  /** Faults at given bytes or times. */
  readonly planned: readonly PlannedFault[];
}

/** A plan without any fault. */
export const NO_FAULTS: FaultPlan = { up: {}, down: {}, planned: [] };

/** The stages of one direction. `random` is a branch of its own. */
export function faultStages(plan: FaultPlan, direction: "up" | "down", random: Chance): LinkStage[] {
  const rates = plan[direction];
  const stages: LinkStage[] = [];
  const here = plan.planned.filter(
    (planned): planned is PlannedFault & { at: ByteMoment } =>
      "atByte" in planned.at && planned.at.direction === direction,
  );
  if (here.length > 0) stages.push(plannedStage(here));
  if (isChance(rates.flip)) stages.push(flipStage(rates.flip, random.branch("flip")));
  if (isChance(rates.drop)) stages.push(dropStage(rates.drop, random.branch("drop")));
  if (isChance(rates.duplicate)) stages.push(duplicateStage(rates.duplicate, random.branch("duplicate")));
  if (isChance(rates.garbage)) stages.push(garbageStage(rates.garbage, random.branch("garbage")));
  return stages;
}

function isChance(rate: number | undefined): rate is number {
  return rate !== undefined && rate > 0;
}

/**
 * Answers which of the next `count` units are hit. Draws the distance to the next hit instead of asking for every unit,
 * so that rare faults cost nothing.
 */
function hits(rate: number, random: Chance): (count: number) => number[] {
  const logMiss = Math.log1p(-Math.min(rate, 1 - 1e-12));
  const distance = (): number => Math.floor(Math.log(1 - random.nextFloat()) / logMiss);
  let untilNext = distance();
  return (count) => {
    const places: number[] = [];
    let at = untilNext;
    while (at < count) {
      places.push(at);
      at += 1 + distance();
    }
    untilNext = at - count;
    return places;
  };
}

/** Each bit flips with this chance. */
export function flipStage(rate: number, random: Chance): LinkStage {
  const next = hits(rate, random);
  return byteStage((bytes) => {
    const places = next(8 * bytes.length);
    if (places.length === 0) return [bytes];
    const spoilt = bytes.slice();
    for (const bit of places) spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return [spoilt];
  });
}

/** Each byte is lost with this chance. */
export function dropStage(rate: number, random: Chance): LinkStage {
  const next = hits(rate, random);
  return byteStage((bytes) => {
    const places = new Set(next(bytes.length));
    return places.size === 0 ? [bytes] : [bytes.filter((_, index) => !places.has(index))];
  });
}

/** Each byte comes twice with this chance. */
export function duplicateStage(rate: number, random: Chance): LinkStage {
  const next = hits(rate, random);
  return byteStage((bytes) => splice(bytes, next(bytes.length), (at) => bytes.subarray(at, at + 1)));
}

const MAX_GARBAGE_BYTES = 64;
const MODEM_WORDS = ["AT\r", "AT+GCAP\r", "ATI\r"].map((text) => Uint8Array.from(text, (c) => c.charCodeAt(0)));

/** Before each byte foreign ones come in with this chance. */
export function garbageStage(rate: number, random: Chance): LinkStage {
  const next = hits(rate, random);
  const draw = (): Uint8Array =>
    random.chance(0.25) ? random.pick(MODEM_WORDS) : random.bytes(1 + random.intBelow(MAX_GARBAGE_BYTES));
  return byteStage((bytes) => splice(bytes, next(bytes.length), draw));
}

function splice(bytes: Uint8Array, places: readonly number[], insert: (at: number) => Uint8Array): LinkItem[] {
  if (places.length === 0) return [bytes];
  const parts: LinkItem[] = [];
  let from = 0;
  for (const at of places) {
    parts.push(bytes.subarray(from, at), insert(at));
    from = at;
  }
  return [...parts, bytes.subarray(from)];
}

/** Faults at counted bytes. */
function plannedStage(planned: readonly (PlannedFault & { at: ByteMoment })[]): LinkStage {
  const queue = [...planned].sort((a, b) => a.at.atByte - b.at.atByte);
  let position = 0;
  let skip = 0;
  return byteStage((bytes) => {
    const items: LinkItem[] = [];
    let from = 0;
    const take = (until: number): void => {
      const dropped = Math.min(skip, until - from);
      skip -= dropped;
      items.push(bytes.subarray(from + dropped, until));
      from = until;
    };
    for (let next = queue[0]; next !== undefined && next.at.atByte < position + bytes.length; next = queue[0]) {
      queue.shift();
      take(Math.max(from, next.at.atByte - position));
      const { fault } = next;
      if (fault.kind === "drop") skip += fault.bytes;
      else if (fault.kind === "garbage") items.push(Uint8Array.from(fault.bytes));
      else if (fault.kind === "duplicate") items.push(bytes.slice(from, from + 1));
      else if (fault.kind === "flip") {
        items.push(Uint8Array.of((bytes[from] ?? 0) ^ fault.bits));
        from++;
      } else items.push(fault);
    }
    take(bytes.length);
    position += bytes.length;
    return items;
  });
}

/**
 * Draws a random plan for test campaigns. Each kind of fault is enabled with probability one half, with a rate between
 * 10^-6 and 10^-3 (flips per bit an eighth, inserted bytes a tenth of that). One incident within the first 20,000 bytes
 * is added with probability one half.
 */
export function drawFaultPlan(random: Chance): FaultPlan {
  const rate = (): number => 10 ** -(3 + 3 * random.nextFloat());
  const rates = (): FaultRates => ({
    flip: random.chance(0.5) ? rate() / 8 : undefined,
    drop: random.chance(0.5) ? rate() : undefined,
    duplicate: random.chance(0.5) ? rate() : undefined,
    garbage: random.chance(0.5) ? rate() / 10 : undefined,
  });
  const up = rates();
  const down = rates();
  return { up, down, planned: random.chance(0.5) ? [drawIncident(random)] : [] };
}

function drawIncident(random: Chance): PlannedFault {
  const direction = random.pick(["up", "down"] as const);
  const at = { direction, atByte: random.intBelow(20_000) };
  const fault = random.pick<Incident>([
    { kind: "stall", direction, forMs: random.pick([1, 30, 300, 2500]) },
    { kind: "mute", direction: random.pick(["up", "down", "both"] as const) },
    { kind: "disconnect" },
    { kind: "bridge-reset", bootMs: random.pick([0, 5, 1000]), log: "\r\nboot 1.0\r\nready\r\n" },
  ]);
  return { at, fault };
}
