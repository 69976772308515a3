/**
 * Whole shifts by seed: arrivals, bounces, pulls, clones, units that come again, processes and the station that are killed,
 * the ledger that is away. What is judged from outside, from all simulated chips that were ever made: no number on two
 * chips, every number explained, every PASS in the ledger before it was shown, and every passed chip as its image.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { NorbridgeError } from "../../src/errors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { SimUnit, Visit } from "../../src/sim/fixture.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import type { StationEvent } from "../../src/station/events.ts";
import type { UnitSource } from "../../src/station/sim-wires.ts";
import {
  holdsItsImage,
  newUnit,
  openTestStation,
  serialOn,
  stationFolder,
  type TestStation,
  visit,
  WITH_ID,
  WITHOUT_ID,
  writeRecipe,
} from "./support.ts";

const root = stationFolder();
/** More than any shift takes here. */
const SHIFT_US = 240_000_000;

/** All units of a shift; slots draw from it, also after a restart. */
class Floor {
  readonly units: SimUnit[] = [];
  /** Units that are clones of another: a person never confirms them. */
  readonly clones = new Set<SimUnit>();
  readonly #random: Random;
  readonly #chip: string;
  readonly #waiting: SimUnit[] = [];
  /** What is in each slot. */
  readonly inSlot = new Map<string, SimUnit>();
  #left: number;

  constructor(random: Random, chip: string, units: number) {
    this.#random = random;
    this.#chip = chip;
    this.#left = units;
  }

  get isDone(): boolean {
    return this.#left === 0 && this.#waiting.length === 0 && this.inSlot.size === 0;
  }

  source(slot: string): UnitSource {
    return {
      next: () => this.#next(slot),
      removed: () => void this.inSlot.delete(slot),
    };
  }

  /** The station is gone: what was in its slots is put in again by a person. */
  returnAll(): void {
    this.#waiting.push(...this.inSlot.values());
    this.inSlot.clear();
  }

  #next(slot: string): Visit | undefined {
    const random = this.#random;
    const waiting = this.#waiting.shift();
    if (waiting === undefined && this.#left === 0) return undefined;
    const unit = waiting ?? this.#make();
    this.inSlot.set(slot, unit);
    const isPulled = random.chance(0.2);
    if (isPulled || random.chance(0.15)) this.#waiting.push(unit);
    return visit(unit, {
      afterMs: 500 + random.intBelow(500),
      bounces: random.chance(0.4) ? 1 + random.intBelow(5) : 0,
      pullAfterMs: isPulled ? 400 + random.intBelow(900) : undefined,
      stayMs: 200 + random.intBelow(300),
    });
  }

  #make(): SimUnit {
    this.#left--;
    const seed = 1 + this.#random.intBelow(0xffffff);
    const unit = newUnit(seed, this.#chip);
    this.units.push(unit);
    if (this.#chip === WITH_ID && this.#random.chance(0.1)) {
      const clone = newUnit(seed, this.#chip);
      this.clones.add(clone);
      this.units.push(clone);
      this.#waiting.push(clone);
    }
    return unit;
  }
}

/** A ledger that is away from time to time. */
function flaky(ledger: Ledger, random: Random): Ledger {
  const maybe = <T>(act: () => Promise<T>): Promise<T> => {
    if (!random.chance(0.02)) return act();
    return Promise.reject(new NorbridgeError("FILE_EXISTS", "the disk is full", { operation: "ledger" }));
  };
  return new Proxy(ledger, {
    get(target, name, receiver) {
      switch (name) {
        case "reserve":
          return (...args: Parameters<Ledger["reserve"]>) => maybe(() => target.reserve(...args));
        case "expose":
          return (...args: Parameters<Ledger["expose"]>) => maybe(() => target.expose(...args));
        case "issue":
          return (...args: Parameters<Ledger["issue"]>) => maybe(() => target.issue(...args));
        case "giveUp":
          return (...args: Parameters<Ledger["giveUp"]>) => maybe(() => target.giveUp(...args));
        default: {
          const value: unknown = Reflect.get(target, name, receiver);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        }
      }
    },
  });
}

/** What was shown as PASS, with what the ledger had at that moment. */
interface Shown {
  readonly serial: string;
  readonly isIssued: boolean;
}

/** One station from its start to its end; `killAfter` events it is killed. */
async function work(test: TestStation, floor: Floor, random: Random, shown: Shown[]): Promise<void> {
  const { station, ledger } = test;
  const pending: Promise<void>[] = [];
  let events = 0;
  const killAfter = random.chance(0.6) ? 5 + random.intBelow(150) : Number.POSITIVE_INFINITY;
  const over = new AbortController();
  const judge = async (serial: string): Promise<void> => {
    shown.push({ serial, isIssued: (await ledger.units(serial, "P")).length === 1 });
  };
  station.subscribe((event: StationEvent) => {
    if (++events > killAfter) over.abort("killed");
    if (event.kind !== "slot") return;
    const slot = station.state().slots.find((one) => one.slot === event.slot);
    if (event.phase === "pass" && slot?.serial !== undefined) pending.push(judge(slot.serial));
    // Stopped by what could not be stored: a person tries again.
    if (event.phase === "not-recorded") void station.command({ kind: "again", slot: event.slot });
    if (event.phase === "paused") void station.command({ kind: "go-on", slot: event.slot });
    if (event.phase !== "waiting") return;
    const unit = floor.inSlot.get(event.slot);
    const kind = unit !== undefined && floor.clones.has(unit) ? "stop" : "confirm";
    void realClock.wait(1000).then(() => station.command({ kind, slot: event.slot }));
  });
  const endUs = realClock.nowUs() + SHIFT_US;
  while (!floor.isDone && !over.signal.aborted && realClock.nowUs() < endUs) await realClock.wait(20_000, over.signal);
  await Promise.all(pending);
}

async function shift(seed: number): Promise<void> {
  const random = createRandom(seed).branch("shift");
  const folder = join(root, String(seed));
  mkdirSync(folder);
  const chip = random.chance(0.3) ? WITHOUT_ID : WITH_ID;
  const recipe = writeRecipe(folder, { chip });
  const slots = 1 + random.intBelow(3);
  const floor = new Floor(random, chip, 2 + random.intBelow(5));
  const shown: Shown[] = [];
  const sources = Array.from({ length: slots }, (_, index) => floor.source(String(index + 1)));
  for (let starts = 0; starts < 6 && !floor.isDone; starts++) {
    const around = (ledger: Ledger): Ledger => flaky(ledger, random);
    const test = await openTestStation({ folder, recipe, sources, chip, around });
    await work(test, floor, random, shown);
    await test.kill();
    floor.returnAll();
  }
  const test = await openTestStation({ folder, recipe, sources: [{ next: () => undefined }], chip });
  try {
    await judgeShift(test, floor, shown);
  } finally {
    await test.close();
  }
}

async function judgeShift(test: TestStation, floor: Floor, shown: readonly Shown[]): Promise<void> {
  expect(shown.filter(({ isIssued }) => !isIssued)).toEqual([]);
  expect(await test.ledger.verify()).toBeUndefined();
  for (const pool of ["s", "m"]) expect((await test.ledger.account(pool)).unexplained).toEqual([]);
  const holders = new Map<string, SimUnit[]>();
  for (const unit of floor.units) {
    const serial = serialOn(unit);
    if (/^P-[0-9]{5}[0-9A-Z]$/.test(serial)) holders.set(serial, [...(holders.get(serial) ?? []), unit]);
  }
  for (const [serial, units] of holders) expect([serial, units.length]).toEqual([serial, 1]);
  for (const serial of new Set(shown.map((one) => one.serial))) {
    const [unit] = holders.get(serial) ?? [];
    expect([serial, unit !== undefined && (await isWhole(test, unit, serial))]).toEqual([serial, true]);
  }
}

/** As its image; or in a rework that was cut off, whose session waits for it. */
async function isWhole(test: TestStation, unit: SimUnit, serial: string): Promise<boolean> {
  if (await holdsItsImage(test, unit, serial)) return true;
  return (await test.ledger.openSessions()).some((one) => one.serial === serial);
}

it("uses no number twice, whatever happens in a shift", { timeout: 600_000 }, async () => {
  const first = Number(process.env["NORBRIDGE_SHIFT"] ?? 1);
  const shifts = Number(process.env["NORBRIDGE_SHIFTS"] ?? 1);
  for (let seed = first; seed < first + shifts; seed++) {
    await shift(seed).catch((error: unknown) => {
      throw new Error(`shift ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
  }
});
