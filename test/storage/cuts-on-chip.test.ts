/**
 * Power cuts on the simulated chip itself, at a byte of the SPI bus: everything that storage rests on is under it,
 * drivers, bridge and link. What was acknowledged is there after the next start, and the next start takes writes.
 */
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { NorbridgeError } from "../../src/errors.ts";
import type { FlashRegion } from "../../src/flash/flash-region.ts";
import { runOnRegion } from "../../src/jobs/run-on-region.ts";
import { createRandom } from "../../src/sim/random.ts";
import { CircularBuffer } from "../../src/storage/circular-buffer/circular-buffer.ts";
import { FlashSafe } from "../../src/storage/flash-safe/flash-safe.ts";
import { updateSafe } from "../../src/storage/flash-safe/update-safe.ts";
import { LogFs } from "../../src/storage/log-fs/log-fs.ts";
import type { RecordLog } from "../../src/storage/record-log.ts";
import { SettingsStore } from "../../src/storage/settings/settings-store.ts";
import { simulatedFlash } from "../flash/simulated-flash.ts";
import { effort, sayCount } from "../support/effort.ts";
import { appendRotating } from "./support/append-rotating.ts";

const CALLS = 40;

/** A store that is written call by call; what was acknowledged is the numbers of the calls. */
interface Subject {
  readonly name: string;
  readonly chip: string;
  readonly range: { readonly address: number; readonly lengthBytes: number };
  open(region: FlashRegion): Promise<{ write(call: number): Promise<void>; read(): Promise<readonly string[]> }>;
  /** What must be there when this many calls were acknowledged, the newest last. */
  expected(acknowledged: number): readonly string[];
}

function dataOf(call: number): Uint8Array {
  return new Uint8Array(60).map((_, i) => (call * 31 + i * 7 + 1) & 255);
}

const lastCalls = (acknowledged: number): string[] =>
  Array.from({ length: Math.min(4, acknowledged) }, (_, i) =>
    toHex(dataOf(acknowledged - Math.min(4, acknowledged) + i)),
  );

async function newest(log: RecordLog): Promise<string[]> {
  const records: string[] = [];
  for await (const item of log.records({ last: 5 })) {
    if (item.kind === "record") records.push(toHex(item.data));
  }
  return records;
}

const AT25 = { chip: "AT25SF041", range: { address: 0x10000, lengthBytes: 0x3000 } };
const AT45 = { chip: "AT45DB041E", range: { address: 2112 * 4, lengthBytes: 2112 * 3 } };

const SUBJECTS: readonly Subject[] = [AT25, AT45].flatMap((place): Subject[] => {
  const blockBytes = place.range.lengthBytes / 3;
  const pageBytes = place.chip === "AT25SF041" ? 256 : 264;
  return [
    {
      ...place,
      name: "FCB",
      async open(region) {
        const options = {
          sectorBytes: blockBytes,
          magic: 0xbadc0de,
          version: 1,
          alignBytes: 1,
          scratchSectors: 0,
          hasCrc: true,
        };
        const log = await CircularBuffer.mount(region, options);
        return { write: (call) => appendRotating(log, dataOf(call)), read: () => newest(log) };
      },
      expected: lastCalls,
    },
    {
      ...place,
      name: "px_log_fs",
      async open(region) {
        const log = await LogFs.mount(region, {
          pageBytes,
          blockPages: blockBytes / pageBytes,
          recordBytes: 60,
          whenFull: "overwrite",
          format: 2,
        });
        return {
          write: async (call) => {
            await log.append(dataOf(call));
          },
          read: () => newest(log),
        };
      },
      expected: lastCalls,
    },
    {
      ...place,
      name: "settings",
      async open(region) {
        const store = await SettingsStore.mount(region, { sectorBytes: blockBytes });
        return {
          write: async (call) => {
            await store.set("a/b", dataOf(call));
          },
          read: () => Promise.resolve(store.get("a/b") === undefined ? [] : [toHex(store.get("a/b")!)]),
        };
      },
      expected: (acknowledged) => (acknowledged === 0 ? [] : [toHex(dataOf(acknowledged - 1))]),
    },
    {
      ...place,
      name: "safe",
      async open(region) {
        const safe = await FlashSafe.mount(region, { blockBytes, bufferBytes: pageBytes });
        return {
          write: async (call) => {
            await updateSafe(safe, new Map([[1, dataOf(call)]]));
          },
          read: () => Promise.resolve(safe.keys().map((key) => toHex(safe.read(key)!))),
        };
      },
      expected: (acknowledged) => (acknowledged === 0 ? [] : [toHex(dataOf(acknowledged - 1))]),
    },
  ];
});

interface Life {
  /** Calls that were answered. */
  readonly acknowledged: number;
  readonly cells: Uint8Array;
  readonly found: readonly string[];
  /** Code of the error that ended it, if any. */
  readonly code: string | undefined;
}

/** One time with power: opens, looks, makes calls until they are done or the power goes. */
async function live(
  subject: Subject,
  cells: Uint8Array | undefined,
  from: number,
  to: number,
  powerCutAt?: number,
): Promise<Life> {
  const settings = { seed: "5", ...(powerCutAt === undefined ? {} : { powerCutAt: String(powerCutAt) }) };
  const { simulation, device } = await simulatedFlash(subject.chip, settings);
  const { chip } = simulation;
  if (cells !== undefined) chip.load(0, cells);
  let acknowledged = from;
  let found: readonly string[] = [];
  let code: string | undefined;
  await simulation.run(async () => {
    try {
      await runOnRegion(device, subject.range, { operation: "test" }, async (region) => {
        const store = await subject.open(region);
        found = await store.read();
        while (acknowledged < to) {
          await store.write(acknowledged);
          acknowledged++;
        }
      });
    } catch (error) {
      if (!(error instanceof NorbridgeError)) throw error;
      code = error.code;
    }
    await device.close().catch(() => undefined);
  });
  expect(simulation.violations).toEqual([]);
  const { capacityBytes } = device.geometry;
  return { acknowledged, cells: chip.peek(0, capacityBytes), found, code };
}

describe.each(SUBJECTS)("$name on $chip", (subject) => {
  it("keeps what was acknowledged, wherever the power goes", { timeout: 120_000 }, async () => {
    const random = createRandom(71).branch(`${subject.name} ${subject.chip}`);
    const cuts = effort(4, 60);
    let inside = 0;
    for (let cut = 0; cut < cuts; cut++) {
      const at = 2_000 + random.intBelow(40_000);
      const life = await live(subject, undefined, 0, CALLS, at);
      if (life.code !== undefined) inside++;
      expect(["INTERRUPTED", "CHIP_MISSING", "ENODEV", "EIO", undefined]).toContain(life.code);
      const next = await live(subject, life.cells, life.acknowledged + 1, life.acknowledged + 5);
      expect(next.code, `cut at SPI byte ${at}, ${life.acknowledged} acknowledged`).toBeUndefined();
      const must = subject.expected(life.acknowledged);
      const orNext = subject.expected(life.acknowledged + 1);
      const isThere = (wanted: readonly string[]): boolean =>
        wanted.every((text, index) => next.found.at(index - wanted.length) === text);
      expect([at, life.acknowledged, isThere(must) || isThere(orNext)]).toEqual([at, life.acknowledged, true]);
      const last = await live(subject, next.cells, 0, 0);
      expect(last.found.at(-1)).toBe(toHex(dataOf(next.acknowledged - 1)));
    }
    sayCount(`${subject.name} on ${subject.chip}: ${cuts} power cuts, ${inside} of them inside of the work`);
    expect(inside).toBeGreaterThan(0);
  });
});
