/** The FIS directory of RedBoot: directories of both byte orders, deleted and impossible entries, redundant ones, garbage. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "../../../src/cli/program/run-cli.ts";
import { realClock } from "../../../src/clock.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { findFis, fisEntry } from "../../../src/storage/fis/directory.ts";
import { effort } from "../../support/effort.ts";
import { fakeIo } from "../../support/fake-io.ts";
import { NorRegion } from "../support/nor-region.ts";

const ERASE_BYTES = 0x10000;
const FLASH_BYTES = 16 * ERASE_BYTES;
/** Where the processor sees the flash. */
const BASE = 0x5000_0000;

interface Entry {
  readonly name: string | Uint8Array;
  readonly at: number;
  readonly length: number;
  readonly data?: number;
}

/** Written from the description of the format, apart from the reader. */
function entryBytes({ name, at, length, data = 0 }: Entry, isLittleEndian: boolean, base = BASE): Uint8Array {
  const bytes = new Uint8Array(256).fill(0xff);
  bytes.fill(0, 0, 16);
  bytes.set(typeof name === "string" ? new TextEncoder().encode(name) : name);
  const view = new DataView(bytes.buffer);
  [base + at, base + at, length, 0, data].forEach((number, index) => {
    view.setUint32(16 + 4 * index, number, isLittleEndian);
  });
  view.setUint32(248, 0, isLittleEndian);
  view.setUint32(252, 0x12345678, isLittleEndian);
  return bytes;
}

const USUAL: readonly Entry[] = [
  { name: "RedBoot", at: 0, length: 0x40000, data: 0x3abcd },
  { name: "RedBoot config", at: 0xf0000 - 0x10000, length: 0x1000 },
  { name: "FIS directory", at: 0xf0000, length: 0x10000 },
  { name: "safe", at: 0x80000, length: 0x30000 },
];

function flashWith(entries: readonly (Entry | Uint8Array)[], isLittleEndian: boolean, at = 0xf0000): Uint8Array {
  const flash = new Uint8Array(FLASH_BYTES).fill(0xff);
  entries.forEach((entry, index) => {
    flash.set(entry instanceof Uint8Array ? entry : entryBytes(entry, isLittleEndian), at + 256 * index);
  });
  return flash;
}

function regionOf(cells: Uint8Array): NorRegion {
  return new NorRegion({ eraseBytes: ERASE_BYTES, cells });
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe.each([true, false])("little-endian: %s", (isLittleEndian) => {
  it("finds the directory, its byte order, and the place of each entry", async () => {
    const region = regionOf(flashWith(USUAL, isLittleEndian));
    const directory = await findFis(region);
    expect(directory).toMatchObject({ offset: 0xf0000, lengthBytes: 0x10000, isLittleEndian, strangeEntries: 0 });
    expect(directory?.entries.map(({ offset, lengthBytes }) => [offset, lengthBytes])).toEqual(
      USUAL.map(({ at, length }) => [at, length]),
    );
    expect(fisEntry(directory!, bytes("safe"))).toMatchObject({ offset: 0x80000, lengthBytes: 0x30000 });
    expect(fisEntry(directory!, bytes("REDBOOT")).dataBytes).toBe(0x3abcd);
    expect(region.changes).toEqual([]);
  });

  it("passes over deleted entries, and stops at the end", async () => {
    const deleted = entryBytes({ name: "old", at: 0, length: 0x1000 }, isLittleEndian);
    deleted[0] = 0xff;
    const end = new Uint8Array(256).fill(0xff);
    const after = { name: "after", at: 0, length: 0x1000 };
    const directory = await findFis(regionOf(flashWith([deleted, ...USUAL, end, after], isLittleEndian)));
    expect(directory?.entries).toHaveLength(USUAL.length);
    expect(() => fisEntry(directory!, bytes("after"))).toThrow(
      /no entry with the name "after"; its entries are "RedBoot"/,
    );
  });

  it("leaves out what cannot be: no length, more data than room, outside the flash, no name", async () => {
    const strange: readonly Entry[] = [
      { name: "none", at: 0x1000, length: 0 },
      { name: "long", at: 0x1000, length: 0x1000, data: 0x1001 },
      { name: "outside", at: FLASH_BYTES - 0x1000, length: 0x2000 },
      { name: "", at: 0, length: 0x1000 },
    ];
    const directory = await findFis(regionOf(flashWith([...USUAL, ...strange], isLittleEndian)));
    expect(directory).toMatchObject({ strangeEntries: strange.length });
    expect(directory?.entries).toHaveLength(USUAL.length);
  });

  it("of two redundant directories the valid one with the newer version counts", async () => {
    const validity = (version: number, flag = 0xa5): Uint8Array => {
      const first = new Uint8Array(256).fill(0xff);
      first.set(bytes(".FisValid\0"));
      first.fill(flag, 10, 12);
      new DataView(first.buffer).setUint32(12, version, isLittleEndian);
      return first;
    };
    const both = (size: number): Entry[] => [
      { name: "RedBoot", at: 0, length: 0x40000 },
      { name: "FIS directory", at: 0xf0000, length: 0x10000 },
      { name: "Redundant FIS", at: 0xe0000, length: 0x10000 },
      { name: "safe", at: 0x80000, length: size },
    ];
    const sizeWith = async (main: Uint8Array, second: Uint8Array): Promise<number | undefined> => {
      const flash = flashWith([main, ...both(0x10000)], isLittleEndian);
      flash.set(flashWith([second, ...both(0x20000)], isLittleEndian, 0xe0000).subarray(0xe0000, 0xf0000), 0xe0000);
      const directory = await findFis(regionOf(flash));
      return directory && fisEntry(directory, bytes("safe")).lengthBytes;
    };
    expect(await sizeWith(validity(7), validity(6))).toBe(0x10000);
    expect(await sizeWith(validity(7), validity(8))).toBe(0x20000);
    expect(await sizeWith(validity(0xffff_ffff), validity(0))).toBe(0x20000);
    expect(await sizeWith(validity(7), validity(8, 0xfd))).toBe(0x10000);
    expect(await sizeWith(validity(7, 0xff), validity(6))).toBe(0x20000);
    expect(await sizeWith(validity(7, 0xff), validity(6, 0xfd))).toBeUndefined();
    await expect(sizeWith(validity(7), validity(7))).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
  });
});

it("a directory that does not stand where its own entry says is none", async () => {
  const moved = flashWith(
    USUAL.map((entry) => ({ ...entry, at: entry.at + 0x4000 })),
    true,
  );
  expect(await findFis(regionOf(moved))).toBeUndefined();
  const unlisted = flashWith(
    USUAL.filter(({ name }) => name !== "FIS directory"),
    true,
  );
  expect(await findFis(regionOf(unlisted))).toBeUndefined();
  expect(await findFis(regionOf(new Uint8Array(FLASH_BYTES).fill(0xff)))).toBeUndefined();
});

it("tells names apart by capitals if only these differ, and refuses two of one name", async () => {
  const twins: Entry[] = [
    { name: "data", at: 0x1000, length: 0x1000 },
    { name: "Data", at: 0x2000, length: 0x1000 },
    { name: "twice", at: 0x3000, length: 0x1000 },
    { name: "twice", at: 0x4000, length: 0x1000 },
    { name: Uint8Array.of(0x1b, 0x5b, 0x33, 0x31, 0x6d), at: 0x5000, length: 0x1000 },
  ];
  const directory = await findFis(regionOf(flashWith([...USUAL, ...twins], true)));
  expect(fisEntry(directory!, bytes("data")).offset).toBe(0x1000);
  expect(fisEntry(directory!, bytes("Data")).offset).toBe(0x2000);
  expect(() => fisEntry(directory!, bytes("twice"))).toThrow(/2 entries/);
  expect(() => fisEntry(directory!, bytes("DATA"))).toThrow(/2 entries/);
  // Control characters of a device never reach a terminal.
  expect(() => fisEntry(directory!, bytes("x"))).toThrow(/"\\x1b\[31m"/);
});

it("ends on garbage, also on garbage that begins as a directory does", async () => {
  const random = createRandom("fis garbage");
  for (let round = 0; round < effort(60, 2000); round++) {
    const flash = flashWith(USUAL, random.chance(0.5));
    for (let count = 0; count < 40; count++) flash[0xf0000 + random.intBelow(1024)] = random.intBelow(256);
    const directory = await findFis(regionOf(flash)).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "LAYOUT_MISMATCH" });
      return undefined;
    });
    for (const { offset, lengthBytes } of directory?.entries ?? []) {
      expect(offset >= 0 && offset + lengthBytes <= FLASH_BYTES).toBe(true);
    }
  }
});

describe("safe --range fis:NAME", () => {
  const folder = mkdtempSync(join(tmpdir(), "norbridge-fis-"));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, "flash.bin");
  const run = async (...words: string[]): Promise<{ code: number; out: string; err: string }> => {
    const io = fakeIo({ cwd: folder, env: { XDG_STATE_HOME: join(folder, "state") } });
    const port = ["-p", `image:${path}?eraseBytes=65536`];
    const code = await runCli([...words, ...port], { ...io, clock: realClock });
    return { code, out: io.stdout.text, err: io.stderr.text };
  };

  it("makes, changes and reads a safe in the named region", async () => {
    writeFileSync(path, flashWith(USUAL, false));
    expect((await run("safe", "format", "--range", "fis:safe", "--buffer-size", "4k")).code).toBe(0);
    expect((await run("safe", "set", "7=text:hello", "--range", "fis:safe")).code).toBe(0);
    expect((await run("safe", "get", "7", "--range", "fis:SAFE")).out).toBe("68656c6c6f\n");
    const byPlace = await run("safe", "info", "--range", "0x80000,192k", "--json");
    expect(byPlace.out).toContain('"blockCount":3');
  });

  it("lists the names if there is no such entry, and says if there is no directory", async () => {
    writeFileSync(path, flashWith(USUAL, true));
    const wrong = await run("safe", "info", "--range", "fis:saef");
    expect([wrong.code, wrong.err]).toEqual([9, expect.stringContaining('"RedBoot config", "FIS directory", "safe"')]);
    writeFileSync(path, new Uint8Array(FLASH_BYTES).fill(0xff));
    const none = await run("safe", "info", "--range", "fis:safe");
    expect([none.code, none.err]).toEqual([9, expect.stringContaining("no FIS directory")]);
  });

  it.each(["fis:", "fis:a name of 17 bytes"])("--range %s is not valid", async (range) => {
    expect((await run("safe", "info", "--range", range)).code).toBe(2);
  });

  it("goes with neither --offset nor --length", async () => {
    const both = await run("safe", "info", "--range", "fis:safe", "--offset", "0");
    expect([both.code, both.err]).toEqual([2, expect.stringContaining("cannot be used together")]);
  });
});
