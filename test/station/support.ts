/** A station in one process: slots in the simulator, each with its worker, over channels in memory. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { realClock } from "../../src/clock.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openLedger } from "../../src/ledger/sqlite-ledger.ts";
import { composeUnit } from "../../src/recipe/compose.ts";
import { type CheckedRecipe, loadValidRecipe } from "../../src/recipe/load-recipe.ts";
import { unitValues } from "../../src/recipe/unit-values.ts";
import { createChip } from "../../src/sim/chip/chip-catalog.ts";
import type { SimUnit, Visit } from "../../src/sim/fixture.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import type { StationEvent } from "../../src/station/events.ts";
import type { Channel, StationEnd, WorkerEnd } from "../../src/station/messages.ts";
import { simWires, type UnitSource } from "../../src/station/sim-wires.ts";
import type { SlotWires } from "../../src/station/wires.ts";
import { SlotWorker } from "../../src/station/slot-worker.ts";
import { Station, type StationOptions } from "../../src/station/station.ts";
import { removeFolder } from "../support/remove-folder.ts";

/** A chip with a unique ID, and one without. */
export const WITH_ID = "AT25SF161B";
export const WITHOUT_ID = "AT25SF041";

/** A folder of its own for one test file; removed after it. */
export function stationFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "norbridge-station-"));
  afterAll(() => {
    removeFolder(folder);
  });
  return folder;
}

export interface RecipeWords {
  readonly chip?: string | undefined;
  readonly revision?: number | undefined;
  /** Lines below `unit:`. */
  readonly unit?: string | undefined;
  /** Lines below `values:`, besides serial and mac. */
  readonly values?: string | undefined;
  readonly batch?: string | undefined;
  readonly pool?: string | undefined;
}

/** A small recipe in a file: 12 KiB of image with serial number and address in it. */
export function writeRecipe(folder: string, words: RecipeWords = {}): string {
  const { chip = WITH_ID, revision = 1, unit = "", values = "", batch = "", pool = "1..9999" } = words;
  writeFileSync(
    join(folder, "app.bin"),
    Uint8Array.from({ length: 12 * 1024 }, (_, at) => (at * 7 + (at >> 8)) & 0xff),
  );
  const file = join(folder, `recipe-${revision}.yaml`);
  const text = `norbridge: recipe/1
name: r
revision: ${revision}
product: P
${batch}
chip: {accept: [${chip}]}
unit: {serial: serial, stored: {at: 0x1010, length: 16}${unit}}
pools: {s: {counter: ${pool}}, m: {mac: 70-B3-D5-12-30-00/36}}
values:
  serial: {pool: s, text: "P-{n:5}{check:mod37-36}"}
  mac: {pool: m}
  made: {time: utc, as: u32le}
${values}
steps:
  - image: {file: app.bin, at: 0}
  - patch: {at: 0x1000, value: "\${mac}"}
  - patch: {at: 0x1010, length: 16, pad: 0, value: "text:\${serial}"}
  - patch: {at: 0x1020, value: "\${made}"}
`;
  writeFileSync(file, text.replaceAll(/\n\n+/g, "\n"));
  return file;
}

let units = 0;

/** A new unit with the chip of a seed. */
export function newUnit(seed: number, chip = WITH_ID): SimUnit {
  return { name: String(++units), chip: createChip(chip, { seed }) };
}

/** A stay of a unit. */
export function visit(unit: SimUnit, more: Partial<Visit> = {}): Visit {
  return { unit, afterMs: 500, bounces: 0, pullAfterMs: undefined, stayMs: 300, ...more };
}

/** Both ends of a way in memory; `cut` is what the end of a process is. */
export function memoryChannels(): {
  readonly station: StationEnd;
  readonly worker: WorkerEnd;
  cut(why: string): void;
} {
  let isCut = false;
  const ends: ((why: string) => void)[] = [];
  const cut = (why: string): void => {
    if (isCut) return;
    isCut = true;
    for (const end of ends) end(why);
  };
  const half = <In, Out>(own: ((message: In) => void)[], other: ((message: Out) => void)[]): Channel<In, Out> => ({
    send: (message) => {
      const text = JSON.stringify(message);
      queueMicrotask(() => {
        if (!isCut) for (const listener of other) listener(JSON.parse(text) as Out);
      });
    },
    onMessage: (listener) => void own.push(listener),
    onEnd: (listener) => void ends.push(listener),
    end: () => cut("it was ended"),
  });
  const up: ((message: never) => void)[] = [];
  const down: ((message: never) => void)[] = [];
  return { station: half(up as never, down as never), worker: half(down as never, up as never), cut };
}

/** A station whose slots get their units from these sources. */
export interface TestStation {
  readonly station: Station;
  readonly ledger: Ledger;
  readonly checked: CheckedRecipe;
  readonly events: StationEvent[];
  close(): Promise<void>;
  /** As SIGKILL: nothing of the station runs on, the chips lose power, the ledger is as it is. */
  kill(): Promise<void>;
}

export interface TestStationOptions extends Partial<Pick<StationOptions, "target" | "name">> {
  readonly folder: string;
  readonly recipe: string;
  readonly sources: readonly UnitSource[];
  readonly chip?: string | undefined;
  /** Settings of the simulated port. */
  readonly settings?: ReadonlyMap<string, string> | undefined;
  /** The ledger that the station gets, around the one of the file. */
  readonly around?: ((ledger: Ledger) => Ledger) | undefined;
}

export async function openTestStation(options: TestStationOptions): Promise<TestStation> {
  const { folder, recipe, sources, chip = WITH_ID, settings = new Map(), around = (one: Ledger) => one } = options;
  const checked = await loadValidRecipe(recipe);
  const opened = await openLedger(join(folder, "ledger.sqlite"), { programVersion: "test" });
  const life = { isOver: false };
  const ledger = mortal(around(opened), life);
  const events: StationEvent[] = [];
  const workers: Promise<void>[] = [];
  const wires: SlotWires[] = [];
  const cuts: ((why: string) => void)[] = [];
  // Opened before anything is told.
  const station = await Station.open({
    ...{ name: options.name ?? "test", operator: "Ann", checked, approvedBy: undefined, ledger },
    ...{ journals: join(folder, "jobs"), target: options.target, clock: realClock },
    slots: sources.map((_, index) => ({ slot: String(index + 1), port: `sim:${chip}` })),
    nowMs: () => Date.UTC(2026, 10, 30),
    launch: ({ slot }) => {
      const channels = memoryChannels();
      const { station: end, worker } = channels;
      const source = sources[Number(slot) - 1] ?? { next: () => undefined };
      const makeWires = (): SlotWires => {
        const made = simWires({ kind: "sim", chip, settings }, parseSimParameters(chip, settings), source);
        wires.push(made);
        return made;
      };
      if (life.isOver) return end;
      cuts.push((why) => channels.cut(why));
      workers.push(new SlotWorker(worker, makeWires).run());
      return end;
    },
  });
  station.subscribe((event) => void events.push(event));
  return {
    ...{ station, ledger, checked, events },
    async close() {
      await station.close();
      await Promise.all(workers);
      await checked.close();
      await opened.close();
    },
    async kill() {
      life.isOver = true;
      for (const cut of cuts) cut("killed");
      for (const one of wires) one.close();
      // Only so that it starts no process again: its sessions wait for a ledger that never answers.
      void station.close();
      await Promise.all(workers);
      await checked.close();
      await opened.close();
    },
  };
}

/** A ledger whose calls never return once its program was killed. */
function mortal(ledger: Ledger, life: { readonly isOver: boolean }): Ledger {
  return new Proxy(ledger, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]): unknown =>
        life.isOver ? new Promise(() => undefined) : (Reflect.apply(value, target, args) as unknown);
    },
  });
}

/** Units in this order. */
export function inOrder(visits: readonly Visit[], removed?: (unit: SimUnit) => void): UnitSource {
  const left = [...visits];
  return { next: () => left.shift(), ...(removed && { removed }) };
}

/** The image of a unit as the ledger has it, made again: its digest, and whether the chip holds it. */
export async function holdsItsImage(
  { checked, ledger }: Pick<TestStation, "checked" | "ledger">,
  { chip }: SimUnit,
  serial: string,
): Promise<boolean> {
  const [account] = await ledger.units(serial, "P");
  if (account === undefined) return false;
  const texts = [...account.values, ...account.numbers].map(({ name, text }): [string, string] => [name, text]);
  const others = new Map(texts.filter(([name]) => name !== checked.serialName));
  const { image, sha256 } = await composeUnit(checked, unitValues(checked, serial, others));
  if (sha256 !== account.contentSha256) return false;
  for (const segment of image.segments) {
    const expected = await image.read(segment);
    if (Buffer.compare(expected, chip.peek(segment.address, segment.lengthBytes)) !== 0) return false;
  }
  return true;
}

/** The serial number that a chip holds; "" if none. */
export function serialOn({ chip }: SimUnit): string {
  const bytes = chip.peek(0x1010, 16);
  const end = bytes.findIndex((byte) => byte === 0 || byte === 0xff);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? 16 : end));
}
