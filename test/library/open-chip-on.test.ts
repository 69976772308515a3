/** The face for browsers: a chip on any duplex, with journals in a store that the program brings. */
import { expect, it } from "vitest";
import {
  decodeImage,
  discardStoredJob,
  encodeImage,
  listStoredJobs,
  memoryImage,
  openChipOn,
} from "../../src/index.browser.ts";
import type { JournalFile, JournalStore, OpenChipOnOptions } from "../../src/index.browser.ts";
import type { ChipBase } from "../../src/index.browser.ts";
import { concatBytes } from "../../src/bytes.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../src/sim/sim-port.ts";
import { errorOf } from "../support/thrown.ts";
import type { Simulation } from "../../src/sim/simulation.ts";

/** A store in memory, of which one program at a time has a file. */
class MemoryStore implements JournalStore {
  readonly files = new Map<string, Uint8Array>();
  readonly #open = new Set<string>();

  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.files.keys()]);
  }

  open(name: string): Promise<JournalFile | undefined> {
    if (this.#open.has(name)) return Promise.resolve(undefined);
    this.#open.add(name);
    if (!this.files.has(name)) this.files.set(name, new Uint8Array());
    const bytes = (): Uint8Array => this.files.get(name) ?? new Uint8Array();
    const close = (): void => void this.#open.delete(name);
    return Promise.resolve({
      read: bytes,
      truncate: (lengthBytes: number) => void this.files.set(name, bytes().slice(0, lengthBytes)),
      append: (line: Uint8Array) => void this.files.set(name, concatBytes([bytes(), line.slice()])),
      close,
      remove: () => {
        close();
        this.files.delete(name);
      },
    });
  }

  /** The program that had it is gone. */
  crash(): void {
    this.#open.clear();
  }
}

const CHIP = "AT25SF041";
const content = (lengthBytes: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: lengthBytes }, (_, index) => (index * 31 + (index >> 7) * seed) & 0xff);

async function onSimulation<T>(
  settings: readonly (readonly [string, string])[],
  job: (simulation: Simulation, open: (options?: OpenChipOnOptions) => Promise<ChipBase>) => Promise<T>,
): Promise<T> {
  const simulation = await openSimulation(parseSimParameters(CHIP, new Map(settings)));
  const { clock } = simulation;
  const chance = createRandom(11);
  const random = (): number => chance.nextUint32();
  return simulation.run(() =>
    job(simulation, (options = {}) => openChipOn(simulation.reopen(), { clock, random, ...options })),
  );
}

it("opens, plans, writes, verifies, reads, compares and erases as the library does in Node.js", async () => {
  await onSimulation([], async (simulation, open) => {
    const chip = await open();
    expect(chip.identity.name).toBe(CHIP);
    const data = content(10_000, 3);
    const image = memoryImage("made here", [{ address: 0x1234, data }]);
    expect((await chip.plan(image)).programs.length).toBeGreaterThan(0);
    await chip.write(image);
    expect((await chip.verify(image)).equal).toBe(true);
    expect(await chip.read({ address: 0x1234, lengthBytes: data.length })).toEqual(data);
    expect(await chip.diff(image)).toEqual([]);
    await chip.erase({ address: 0x1000, lengthBytes: 0x1000 });
    expect((await chip.blankCheck({ address: 0x1000, lengthBytes: 0x1000 })).blank).toBe(true);
    await chip.close();
    expect(simulation.violations).toEqual([]);
  });
});

it("refuses a path by a sentence that leads on, and changes nothing", async () => {
  await onSimulation([], async (_, open) => {
    const chip = await open();
    const error = await errorOf(() => chip.write("firmware.bin"));
    expect(error).toMatchObject({ code: "EINVAL", hint: expect.stringContaining("decodeImage") as unknown });
    await chip.close();
  });
});

it("a write that loses its program is resumed from the store, and one that ended is undone", async () => {
  const store = new MemoryStore();
  await onSimulation([], async (simulation, open) => {
    const before = content(0x4000, 5);
    simulation.chip.load(0, before);
    const data = content(0x2000, 9);
    const image = memoryImage("new", [{ address: 0x800, data }]);
    const chip = await open({ journals: store, keepOld: true });
    let programs = 0;
    const writing = chip.write(image, {
      onEvent: (event) => {
        // The program ends in the middle: nothing more goes over the link, and no file is closed.
        if (event.kind === "sector" && event.state === "programming" && ++programs === 2) simulation.hangUp();
      },
    });
    expect(await errorOf(() => writing)).toMatchObject({ code: "INTERRUPTED" });
    store.crash();
    const [left] = await listStoredJobs(store);
    expect(left).toMatchObject({ state: "interrupted", command: "write", lengthBytes: data.length });

    const again = await open({ journals: store, keepOld: true });
    const report = await again.resume(undefined, { image });
    expect(report.id).toBe(left?.id);
    expect((await again.verify(image)).equal).toBe(true);
    expect(await again.read({ address: 0, lengthBytes: 0x800 })).toEqual(before.slice(0, 0x800));
    await again.undo();
    expect(await again.read({ address: 0, lengthBytes: 0x4000 })).toEqual(before);
    await again.close();
    expect(simulation.violations).toEqual([]);
    for (const { id } of await listStoredJobs(store)) await discardStoredJob(store, id);
    expect(store.files.size).toBe(0);
  });
});

it("a job whose journal another window has open is not touched", async () => {
  const store = new MemoryStore();
  await onSimulation([], async (_, open) => {
    const held = await store.open("00000001");
    held?.append(new Uint8Array([1]), true);
    expect(await listStoredJobs(store)).toMatchObject([{ id: "00000001", state: "damaged" }]);
    const chip = await open({ journals: store });
    expect(await errorOf(() => chip.resume("00000001"))).toMatchObject({ code: "EBUSY" });
    expect(await errorOf(() => discardStoredJob(store, "00000001"))).toMatchObject({ code: "EBUSY" });
    await chip.close();
  });
});

it("an image goes into every format and comes back the same", async () => {
  const image = memoryImage("made here", [
    { address: 0x100, data: content(500, 1) },
    { address: 0x1000, data: content(300, 2) },
  ]);
  for (const format of ["hex", "srec", "uf2"] as const) {
    const back = decodeImage(`file.${format}`, await encodeImage(image, format));
    for (const segment of image.segments) expect(await back.read(segment)).toEqual(await image.read(segment));
  }
  await expect(encodeImage(image, "bin")).rejects.toMatchObject({ code: "EINVAL" });
});
