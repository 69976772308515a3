/** A unit's image: the same bytes each time, readable by the code of the stores, and nothing that does not fit. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import { toHex } from "../../src/bytes.ts";
import { NorbridgeError } from "../../src/errors.ts";
import type { FlashRegion } from "../../src/flash/flash-region.ts";
import { regionOf } from "../../src/flash/open-region.ts";
import { createRamFlash } from "../../src/flash/ram-flash.ts";
import { type ComposedUnit, composeUnit } from "../../src/recipe/compose.ts";
import { loadValidRecipe } from "../../src/recipe/load-recipe.ts";
import { approvalOf, approve, lockPath } from "../../src/recipe/lock.ts";
import { unitValues } from "../../src/recipe/unit-values.ts";
import { CircularBuffer } from "../../src/storage/circular-buffer/circular-buffer.ts";
import { FlashSafe } from "../../src/storage/flash-safe/flash-safe.ts";
import { LogFs } from "../../src/storage/log-fs/log-fs.ts";
import { findKeyValues, openKeyValues, settingsOn } from "../../src/storage/open-key-values.ts";
import type { LogDamage, LogRecord } from "../../src/storage/record-log.ts";
import { openSettings } from "../../src/storage/settings/open-settings.ts";
import { removeFolder } from "../support/remove-folder.ts";

const GOOD = fileURLToPath(new URL("../golden/recipes/good/", import.meta.url));
const SERIAL = "MK3-2648-00017F";
const VALUES = new Map([
  ["mac", "70:b3:d5:12:30:01"],
  ["board", "B00000002"],
  ["made", "2026-11-29T12:00:00Z"],
  ["uid", "01 02 03 04 05 06 07 08"],
]);
/** The image as it was made once. It changes only if a format on flash changes, and then no unit could be made again. */
const DIGEST = "4bd232219f54dc991a81c5e997f00c81cce6927412da0d697ffaadb68a629d84";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-recipe-"));
  cpSync(GOOD, folder, { recursive: true });
});
afterAll(() => {
  removeFolder(folder);
});

async function compose(file = join(folder, "logger.yaml"), serial = SERIAL, values = VALUES): Promise<ComposedUnit> {
  const checked = await loadValidRecipe(file);
  try {
    return await composeUnit(checked, unitValues(checked, serial, values));
  } finally {
    await checked.close();
  }
}

async function errorOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NorbridgeError)) throw new Error("no NorbridgeError");
  return `${error.code} ${error.message}`;
}

/** The image on a chip that was erased. */
async function chipWith({
  image,
}: ComposedUnit): Promise<{ readonly cells: Uint8Array; region(range: ByteRange): FlashRegion }> {
  const geometry = descriptorByName("AT25SF041")?.geometry;
  if (geometry === undefined) throw new Error("no chip");
  const cells = new Uint8Array(geometry.capacityBytes).fill(0xff);
  for (const segment of image.segments) cells.set(await image.read(segment), segment.address);
  const device = createRamFlash(geometry, cells);
  return { cells, region: (range) => regionOf(device, range) };
}

async function texts(records: AsyncIterable<LogRecord | LogDamage>): Promise<string[]> {
  const found: string[] = [];
  for await (const one of records) found.push(one.kind === "record" ? new TextDecoder().decode(one.data) : "damage");
  return found;
}

const KIB = 1024;
/** What a settings area shows by itself. */
const UNTOLD = {
  magic: undefined,
  version: undefined,
  sectorBytes: undefined,
  scratchSectors: undefined,
  hasCrc: true,
  isRegionTold: true,
};

describe("the image of a unit", () => {
  it("is the same each time, and another one for another unit", async () => {
    const [first, second] = [await compose(), await compose()];
    expect(first.sha256).toBe(DIGEST);
    expect(second.sha256).toBe(first.sha256);
    const other = await compose(undefined, "MK3-2648-00018D");
    expect(other.sha256).not.toBe(first.sha256);
    expect(first.image.segments.map(({ address }) => address)).toEqual([
      0, 0x30000, 0x40000, 0x50000, 0x60000, 0x70000, 0x7c000,
    ]);
  });

  it("holds image and patches", async () => {
    const { cells } = await chipWith(await compose());
    const expected = Uint8Array.from({ length: 1024 }, (_, index) => (index * 7 + 3) & 0xff);
    expected.set([0x70, 0xb3, 0xd5, 0x12, 0x30, 0x01], 0x1f0);
    expected.fill(0, 0x200, 0x210);
    expected.set(new TextEncoder().encode(SERIAL), 0x200);
    expect(toHex(cells.subarray(0, 1024))).toBe(toHex(expected));
  });

  it("holds settings, items and records that their own readers find", async () => {
    const chip = await chipWith(await compose());
    const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
    const nvsRegion = chip.region({ address: 0x7c000, lengthBytes: 16 * KIB });
    const nvs = await findKeyValues(nvsRegion);
    const settings = await settingsOn(await openKeyValues(nvsRegion, { alignBytes: 4 }, nvs.stores[0]));
    expect(text(settings.get("app/serial"))).toBe(SERIAL);
    expect(toHex(settings.get("app/gain") ?? new Uint8Array())).toBe("0000c03f");
    const fcb = await openSettings(
      chip.region({ address: 0x40000, lengthBytes: 16 * KIB }),
      { ...UNTOLD, alignBytes: 8 },
      { operation: "read", willChange: false },
    );
    expect(toHex(fcb?.store.get("id/uid") ?? new Uint8Array())).toBe("0102030405060708");
    expect(fcb?.store.get("id/key")).toHaveLength(16);
    const safe = await FlashSafe.mount(chip.region({ address: 0x70000, lengthBytes: 12 * KIB }), {
      blockBytes: 4 * KIB,
      bufferBytes: 256,
    });
    expect(text(safe.read(1))).toBe(SERIAL);
    expect(toHex(safe.read(3) ?? new Uint8Array())).toBe(secondsHex("2026-11-29T12:00:00Z"));
    const log = await CircularBuffer.mount(chip.region({ address: 0x60000, lengthBytes: 16 * KIB }), {
      ...{ sectorBytes: 4 * KIB, magic: 0xee11, version: 0, alignBytes: 4, scratchSectors: 0, hasCrc: true },
    });
    expect(await texts(log.records())).toEqual(["made 2026-11-29T12:00:00Z"]);
    const px = await LogFs.mount(chip.region({ address: 0x50000, lengthBytes: 16 * KIB }), {
      ...{ pageBytes: 256, blockPages: 16, recordBytes: 16, whenFull: "stop" as const, format: 2 as const },
    });
    expect(await texts(px.records())).toEqual(["B00000002       "]);
  });
});

function secondsHex(iso: string): string {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, Date.parse(iso) / 1000, true);
  return toHex(new Uint8Array(bytes.buffer));
}

describe("values of a unit", () => {
  const withValue = (name: string, text: string | undefined): Map<string, string> => {
    const values = new Map(VALUES);
    if (text === undefined) values.delete(name);
    else values.set(name, text);
    return values;
  };

  it.each([
    ["mac", undefined, "EINVAL values of the unit are missing: mac (a number of its pool)"],
    ["made", undefined, "made (when the unit was made)"],
    ["board", undefined, "board (scanned)"],
    ["mac", "70-B3-D5-12-40-01", "it is not in the block of its pool"],
    ["mac", "70-B3-D5", "it is not a MAC address"],
    ["board", "C1", "it does not match what the recipe expects"],
    ["board", "B00000009", 'FILE_INVALID cal.csv has no row for board "B00000009"'],
    ["made", "2026-02-30T00:00:00Z", "a time is written 2026-03-01T12:00:00Z"],
    ["made", "2026-03-01", "a time is written 2026-03-01T12:00:00Z"],
    ["uid", "ffffffffffffffff", "the chip has no unique ID"],
    ["uid", "0102", "it is not 8 bytes in hex digits"],
    ["gain", "1", "there is no value gain to give"],
    ["serial", SERIAL, "serial is the serial number, and is given already"],
  ])("%s %s: %s", async (name, text, reason) => {
    expect((await errorOf(compose(undefined, SERIAL, withValue(name, text)))).replaceAll(`${folder}/`, "")).toContain(
      reason,
    );
  });

  it("refuses a serial of another template or pool", async () => {
    expect(await errorOf(compose(undefined, "MK3-2648-00017X"))).toContain("its check (mod37-36)");
    expect(await errorOf(compose(undefined, "MK3-2648-00000P"))).toMatch(/its number 0 is not in the pool|its check/);
  });

  it("refuses a serial number whose date is not the one at which the unit was made", async () => {
    const compare = (made: string): Promise<unknown> => compose(undefined, SERIAL, withValue("made", made));
    expect(await errorOf(compare("2026-11-30T00:00:00Z"))).toBe(
      'EINVAL serial "MK3-2648-00017F" has {ww} 48, and made 2026-11-30T00:00:00Z gives 49',
    );
    expect(await errorOf(compare("2025-11-29T12:00:00Z"))).toContain("has {yy} 26");
    await compare("2026-11-23T00:00:00Z");
  });

  it("refuses what does not fit its place, with the step", async () => {
    const file = join(folder, "long.yaml");
    const text = readFileSync(join(folder, "logger.yaml"), "utf8")
      .replace('length: 16, pad: 0, value: "text:${serial}"', 'length: 8, pad: 0, value: "text:${board}"')
      .replace('match: "B[0-9]{8}"', 'match: "B[0-9]+"');
    writeFileSync(file, text);
    expect(await errorOf(compose(file))).toMatch(
      /^EINVAL .*long\.yaml:20:\d+: step 3 \(patch\): the value has 9 bytes, and there is room for 8/,
    );
  });

  it("refuses more settings than their place has room for", async () => {
    const file = join(folder, "full.yaml");
    writeFileSync(join(folder, "big.bin"), new Uint8Array(6000).fill(7));
    const text = readFileSync(join(folder, "logger.yaml"), "utf8").replace('1: "text:${serial}"', '1: "@big.bin"');
    writeFileSync(file, text);
    expect(await errorOf(compose(file))).toMatch(/^ENOSPC .*step 5 \(safe\)/);
  });
});

describe("an approval", () => {
  it("is of the files as they are", async () => {
    const file = join(folder, "approved.yaml");
    cpSync(join(folder, "logger.yaml"), file);
    const load = async <T>(
      use: (checked: Awaited<ReturnType<typeof loadValidRecipe>>) => T | Promise<T>,
    ): Promise<T> => {
      const checked = await loadValidRecipe(file);
      try {
        return await use(checked);
      } finally {
        await checked.close();
      }
    };
    const approval = (): ReturnType<typeof approvalOf> => load((checked) => approvalOf(checked));
    expect((await approval()).kind).toBe("none");
    // The name of the file says nothing about what the recipe does.
    const original = await loadValidRecipe(join(folder, "logger.yaml"));
    expect(await load(({ sha256 }) => sha256)).toBe(original.sha256);
    await original.close();
    await load((checked) => approve(checked, "A. Smith", "2026-11-30T12:00:00.000Z"));
    expect(await approval()).toMatchObject({ kind: "approved", lock: { approvedBy: "A. Smith", revision: 7 } });
    const table = join(folder, "cal.csv");
    const before = readFileSync(table);
    writeFileSync(table, `${before.toString()}B00000003,1,1\n`);
    expect(await approval()).toMatchObject({ kind: "changed", changes: ["cal.csv was changed"] });
    writeFileSync(table, before);
    const recipe = readFileSync(file, "utf8");
    writeFileSync(file, `${recipe}# a comment\n`);
    expect(await approval()).toMatchObject({ kind: "changed", changes: ["the recipe was changed"] });
    writeFileSync(file, recipe);
    const lock = readFileSync(lockPath(file), "utf8");
    writeFileSync(lockPath(file), lock.replace(/"sha256": "[0-9a-f]{4}/, '"sha256": "0000'));
    expect(await errorOf(approval())).toContain("its hash is not that of its lines");
    writeFileSync(lockPath(file), "{}");
    expect(await errorOf(approval())).toContain("is not the lock file of a recipe of this version");
  });
});
