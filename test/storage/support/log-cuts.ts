/**
 * Cuts the power at every point of a workload on a log, recovers, and holds what is there against what was there before and
 * after the call that was cut:
 *
 * - the log opens, and nothing has to be formatted;
 * - every record that was there before the call and would be there after it is there, once, in order, unharmed;
 * - whatever else is shown as a record is one that the call was to write or to remove, or is marked unconfirmed;
 * - records can be written at once, and after another start all of it is still there;
 * - nothing is ever programmed on cells that are not erased.
 *
 * The recovery is a workload of its own, and can be cut in the same way.
 */
import { toHex } from "../../../src/bytes.ts";
import type { RecordLog } from "../../../src/storage/record-log.ts";
import { NorRegion, type NorRegionOptions } from "./nor-region.ts";
import { type PowerCut, powerCuts } from "./power-cuts.ts";

export interface LogUnderTest {
  readonly shape: NorRegionOptions;
  /** Whether `append` clears a log that is full. */
  readonly clearsWhenFull?: boolean;
  /** Where all records are of one length. */
  readonly recordBytes?: number;
  open(region: NorRegion): Promise<RecordLog>;
  /** Adds a record, making room first where the log is full. */
  append(log: RecordLog, data: Uint8Array): Promise<void>;
}

/** What was on the flash around one call of a workload. */
interface Step {
  /** Changes that had been made when it began. */
  readonly begin: number;
  /** Changes that had been made when it was answered. */
  readonly end: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface Workload {
  readonly region: NorRegion;
  readonly cellsBefore: Uint8Array;
  readonly steps: readonly Step[];
}

/** Runs calls one after the other on a fresh log and notes what each did. */
export async function runWorkload(
  test: LogUnderTest,
  calls: readonly ((log: RecordLog) => Promise<void>)[],
  cells?: Uint8Array,
): Promise<Workload> {
  const region = new NorRegion({ ...test.shape, ...(cells === undefined ? {} : { cells }) });
  const cellsBefore = region.cells.slice();
  const log = await test.open(region);
  const steps: Step[] = [];
  let before = (await contents(log)).all;
  for (const call of calls) {
    const begin = region.changes.length;
    await call(log);
    const after = (await contents(log)).all;
    steps.push({ begin, end: region.changes.length, before, after });
    before = after;
  }
  if (region.violations.length > 0) throw new Error(`the workload broke a rule: ${region.violations.join("; ")}`);
  return { region, cellsBefore, steps };
}

interface Contents {
  readonly all: readonly string[];
  /** Those that are not marked unconfirmed. */
  readonly confirmed: readonly string[];
}

/** Records as hex, oldest first. */
export async function contents(log: RecordLog): Promise<Contents> {
  const all: string[] = [];
  const confirmed: string[] = [];
  for await (const item of log.records()) {
    if (item.kind !== "record") continue;
    all.push(toHex(item.data));
    if (!item.isUnconfirmed) confirmed.push(toHex(item.data));
  }
  return { all, confirmed };
}

export interface CutOptions {
  readonly seed: number;
  /** Takes every n-th cut only. */
  readonly every?: number;
  /** Also cuts every recovery, taking every n-th of those cuts. */
  readonly nestedEvery?: number;
}

/** Tries all cuts of a workload; returns how many there were. Throws with the name of the first that goes wrong. */
export async function tryCuts(test: LogUnderTest, workload: Workload, options: CutOptions): Promise<number> {
  const { seed, every = 1, nestedEvery } = options;
  const { erasedByte = 0xff } = test.shape;
  let count = 0;
  for (const cut of powerCuts(workload.cellsBefore, workload.region.changes, { seed, every, erasedByte })) {
    const step = workload.steps.find(({ end }) => end > cut.changesDone);
    if (step === undefined) throw new Error(`no call made ${cut.name}`);
    const wish = wishOf(step);
    const name = `seed ${seed}, ${cut.name}`;
    const recovery = await recover(test, cut, wish, name);
    count++;
    if (nestedEvery === undefined) continue;
    for (const again of powerCuts(cut.cells, recovery.changes, {
      seed: `${seed} nested`,
      every: nestedEvery,
      erasedByte,
    })) {
      await recover(test, again, recovery.wish, `${name}; in the recovery ${again.name}`);
      count++;
    }
  }
  return count;
}

/** What must be there, and what may be. */
interface Wish {
  readonly must: readonly string[];
  readonly may: ReadonlySet<string>;
}

function wishOf({ before, after }: Step): Wish {
  const later = new Set(after);
  return { must: before.filter((record) => later.has(record)), may: new Set([...before, ...after]) };
}

/** What the recovery writes. */
const NEW_RECORDS = [0xd1, 0xd2, 0xd3];

async function recover(
  test: LogUnderTest,
  cut: PowerCut,
  wish: Wish,
  name: string,
): Promise<{ readonly changes: NorRegion["changes"]; readonly wish: Wish }> {
  const { marginal } = cut;
  const region = new NorRegion({ ...test.shape, cells: cut.cells, ...(marginal === undefined ? {} : { marginal }) });
  try {
    const log = await test.open(region);
    const first = await contents(log);
    check(first, wish, "after the cut");
    const written = NEW_RECORDS.map((byte) => new Uint8Array(test.recordBytes ?? 4).fill(byte));
    for (const data of written) await test.append(log, data);
    const second = await contents(log);
    const texts = written.map(toHex);
    const old = second.all.slice(0, -texts.length);
    // A log that is to stop when it is full was cleared on the way: then it begins with one of them.
    const isCleared = test.clearsWhenFull === true && second.all.length > 0 && second.all.length < texts.length;
    same(second.all.slice(-texts.length), isCleared ? texts.slice(-second.all.length) : texts, "the new records");
    same(old, first.all.slice(first.all.length - old.length), "the old records after writing");
    // Of two sectors one may have to go to make room.
    const sectors = region.lengthBytes / log.sectorBytes;
    if (old.length === 0 && sectors > 2 && test.clearsWhenFull !== true && wish.must.length > texts.length + 1)
      throw new Error("writing removed all old records");
    const third = await contents(await test.open(region));
    same(third.all, second.all, "after another start");
    if (region.violations.length > 0) throw new Error(region.violations.join("; "));
    const kept = new Set(second.all);
    const must = wish.must.filter((record) => kept.has(record));
    return { changes: region.changes, wish: { must, may: new Set([...wish.may, ...first.all, ...texts]) } };
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function check({ all, confirmed }: Contents, { must, may }: Wish, when: string): void {
  const wanted = new Set(must);
  same(
    all.filter((record) => wanted.has(record)),
    must,
    `${when}: what was acknowledged`,
  );
  const strange = confirmed.find((record) => !may.has(record));
  if (strange !== undefined) throw new Error(`${when}: ${strange} was never written`);
}

function same(found: readonly string[], wished: readonly string[], what: string): void {
  if (found.length === wished.length && found.every((text, index) => text === wished[index])) return;
  throw new Error(`${what}: found ${found.join(",")}, expected ${wished.join(",")}`);
}
