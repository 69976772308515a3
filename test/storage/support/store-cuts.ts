/**
 * Cuts the power at every point of a workload on a store of names and values, recovers, and holds what is there against what
 * was there before and after the call that was cut: it must be one of the two, whole; then the store must take values at
 * once, and still have all of them after another start. The recovery can be cut in the same way.
 */
import { NorRegion, type NorRegionOptions } from "./nor-region.ts";
import { type PowerCut, powerCuts } from "./power-cuts.ts";

/** Names and values as text. */
export type Contents = ReadonlyMap<string, string>;

export interface StoreUnderTest<S> {
  readonly shape: NorRegionOptions;
  open(region: NorRegion): Promise<S>;
  contents(store: S): Promise<Contents>;
  /** Names that the store itself marks as unconfirmed; none if left out. */
  doubtful?(store: S): readonly string[];
  /** Writes these names, in one call where the store can. */
  write(store: S, changes: ReadonlyMap<string, string | undefined>): Promise<void>;
}

interface Step {
  readonly end: number;
  readonly before: Contents;
  readonly after: Contents;
}

export interface StoreWorkload {
  readonly region: NorRegion;
  readonly cellsBefore: Uint8Array;
  readonly steps: readonly Step[];
}

/** Writes one batch after the other on fresh flash; checks each against the plain map it should give. */
export async function runStoreWorkload<S>(
  test: StoreUnderTest<S>,
  batches: readonly ReadonlyMap<string, string | undefined>[],
): Promise<StoreWorkload> {
  const region = new NorRegion(test.shape);
  const cellsBefore = region.cells.slice();
  const store = await test.open(region);
  const steps: Step[] = [];
  let before: Contents = new Map();
  for (const batch of batches) {
    await test.write(store, batch);
    const after = applied(before, batch);
    const found = await test.contents(store);
    if (!isSame(found, after)) throw new Error(`after a write: found ${shown(found)}, expected ${shown(after)}`);
    steps.push({ end: region.changes.length, before, after });
    before = after;
  }
  if (region.violations.length > 0) throw new Error(`the workload broke a rule: ${region.violations.join("; ")}`);
  return { region, cellsBefore, steps };
}

/** The map after a batch. */
export function applied(map: Contents, batch: ReadonlyMap<string, string | undefined>): Contents {
  const next = new Map(map);
  for (const [name, value] of batch) {
    if (value === undefined) next.delete(name);
    else next.set(name, value);
  }
  return next;
}

export interface StoreCutOptions {
  readonly seed: number;
  readonly every?: number;
  readonly nestedEvery?: number;
}

/** Tries all cuts of a workload; returns how many there were. Throws with the name of the first that goes wrong. */
export async function tryStoreCuts<S>(
  test: StoreUnderTest<S>,
  workload: StoreWorkload,
  { seed, every = 1, nestedEvery }: StoreCutOptions,
): Promise<number> {
  const { erasedByte = 0xff } = test.shape;
  let count = 0;
  for (const cut of powerCuts(workload.cellsBefore, workload.region.changes, { seed, every, erasedByte })) {
    const step = workload.steps.find(({ end }) => end > cut.changesDone);
    if (step === undefined) throw new Error(`no call made ${cut.name}`);
    const name = `seed ${seed}, ${cut.name}`;
    const states = [step.before, step.after];
    const recovery = await recover(test, cut, states, name);
    count++;
    if (nestedEvery === undefined) continue;
    for (const again of powerCuts(cut.cells, recovery.changes, {
      seed: `${seed} nested`,
      every: nestedEvery,
      erasedByte,
    })) {
      await recover(test, again, recovery.states, `${name}; in the recovery ${again.name}`);
      count++;
    }
  }
  return count;
}

/** What the recovery writes, one call each. */
const BATCHES = [1, 2, 3].map((number) => new Map([["recovery", `0${number}`]]));

interface Recovery {
  readonly changes: NorRegion["changes"];
  /** What may be there if the recovery itself is cut. */
  readonly states: readonly Contents[];
}

async function recover<S>(
  test: StoreUnderTest<S>,
  cut: PowerCut,
  allowed: readonly Contents[],
  name: string,
): Promise<Recovery> {
  const { marginal } = cut;
  const region = new NorRegion({ ...test.shape, cells: cut.cells, ...(marginal === undefined ? {} : { marginal }) });
  try {
    const store = await test.open(region);
    let now = await test.contents(store);
    const doubtful = test.doubtful?.(store) ?? [];
    if (!allowed.some((state) => isSame(without(state, doubtful), without(now, doubtful)))) {
      throw new Error(`found ${shown(now)}, expected ${allowed.map(shown).join(" or ")}`);
    }
    const begin = doubtful.length === 0 ? allowed : [...allowed, now];
    const states = [...begin];
    for (const batch of BATCHES) {
      await test.write(store, batch);
      now = applied(now, batch);
      states.push(...begin.map((state) => applied(state, batch)));
    }
    for (const [when, again] of [
      ["after writing", store],
      ["after another start", await test.open(region)],
    ] as const) {
      const found = await test.contents(again);
      if (!isSame(found, now)) throw new Error(`${when}: found ${shown(found)}, expected ${shown(now)}`);
    }
    if (region.violations.length > 0) throw new Error(region.violations.join("; "));
    return { changes: region.changes, states };
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function isSame(a: Contents, b: Contents): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);
}

function without(map: Contents, names: readonly string[]): Contents {
  return names.length === 0 ? map : new Map([...map].filter(([name]) => !names.includes(name)));
}

function shown(map: Contents): string {
  return `{${[...map].map(([name, value]) => `${name}=${value}`).join(", ")}}`;
}
