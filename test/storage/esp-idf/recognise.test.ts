/** Partition tables and NVS pages that Espressif's own tools made: found where they stand, proved, and never by chance. */
import { describe, expect, it } from "vitest";
import { decodeEspTable, type EspPartition } from "../../../src/layouts/esp-partition-table.ts";
import { espSniffer } from "../../../src/storage/esp-idf/recognise.ts";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import type { RegionFinding } from "../../../src/storage/recognise/region-finding.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";
import { packedGolden, type PackedCase, sha256 } from "../support/packed-golden.ts";

interface EspCase extends PackedCase {
  readonly partitions?: readonly EspPartition[];
  readonly tableOffset?: number;
  readonly version?: number;
  readonly usedPages?: number;
}

const golden = packedGolden<EspCase>("esp-idf");
const tables = golden.cases.filter(({ partitions }) => partitions !== undefined);
const stores = golden.cases.filter(({ usedPages }) => usedPages !== undefined);

/** A flash with these images at these places, else blank. */
function flash(lengthBytes: number, parts: readonly (readonly [number, string])[]): Uint8Array {
  const cells = new Uint8Array(lengthBytes).fill(0xff);
  for (const [place, name] of parts) cells.set(golden.image(name), place);
  return cells;
}

function found(cells: Uint8Array): Promise<readonly RegionFinding[]> {
  return recogniseRegions(new NorRegion({ eraseBytes: 4096, cells }), [espSniffer()]);
}

describe("partition tables", () => {
  it.each(tables.map((one) => [one.name, one] as const))("%s: rows as the tool prints them", (name, one) => {
    const bytes = golden.image(name);
    expect(sha256(bytes)).toBe(one.sha256);
    const { partitions, isMd5Valid, problem } = decodeEspTable(bytes);
    expect(partitions).toEqual(one.partitions);
    expect(isMd5Valid).toBe(name.endsWith("no-md5") ? undefined : true);
    expect(problem).toBeUndefined();
  });

  it("are certain by their MD5, and likely without one", async () => {
    for (const { name, tableOffset = 0, partitions = [] } of tables) {
      const certainty = name.endsWith("no-md5") ? "likely" : "certain";
      const [finding, ...others] = await found(flash(0x20000, [[tableOffset, name]]));
      expect(others).toEqual([]);
      expect(finding).toMatchObject({ layout: "esp-partitions", offset: tableOffset, lengthBytes: 4096, certainty });
      expect(finding?.why).toContain(`${partitions.length} partitions (nvs, `);
    }
  });

  it("with any byte of the rows changed are not certain", async () => {
    const cells = flash(0x10000, [[0x8000, "odd"]]);
    // Seven rows and the MD5; the 14 bytes of ff before it mean nothing.
    for (let at = 0; at < 8 * 32; at += effort(7, 1)) {
      if (at >= 7 * 32 + 2 && at < 7 * 32 + 16) continue;
      const damaged = cells.slice();
      damaged[0x8000 + at] = (damaged[0x8000 + at] ?? 0) ^ 0x04;
      for (const { certainty } of await found(damaged)) expect(certainty, String(at)).not.toBe("certain");
    }
  });
});

describe("NVS", () => {
  it.each(stores.map((one) => [one.name, one] as const))("%s: named, with its pages", async (name, one) => {
    expect(sha256(golden.image(name))).toBe(one.sha256);
    const [finding, ...others] = await found(flash(0x20000, [[0x9000, name]]));
    expect(others).toEqual([]);
    const { usedPages = 0, version } = one;
    // The pages in use and the next one: nothing shows how many there are.
    const lengthBytes = (usedPages + 1) * 4096;
    expect(finding).toMatchObject({ layout: "esp-nvs", offset: 0x9000, lengthBytes, certainty: "likely" });
    expect(finding?.facts).toEqual({ sectorBytes: 4096, usedPages, version });
  });

  it("has its ends from the partition table, if there is one", async () => {
    const cells = flash(0x300000, [
      [0x8000, "two-ota"],
      [0x9000, "nvs-v2"],
      [0x260000, "nvs-two"],
    ]);
    // The first page was collected: the pages in use are in the middle.
    cells.copyWithin(0xb000, 0x9000, 0xa000);
    cells.fill(0xff, 0x9000, 0xa000);
    expect(await found(cells)).toMatchObject([
      { layout: "esp-partitions", offset: 0x8000, certainty: "certain" },
      { layout: "esp-nvs", offset: 0x9000, lengthBytes: 0x5000, certainty: "certain" },
      { layout: "esp-nvs", offset: 0x260000, lengthBytes: 0x3000, certainty: "likely" },
    ]);
  });
});

it("ends on any bytes, and takes none for certain", async () => {
  const random = createRandom("esp-idf");
  const rounds = effort(400, 100_000);
  let findings = 0;
  const table = golden.image("odd");
  const header = golden.image("nvs-v2").subarray(0, 32);
  for (let round = 0; round < rounds; round++) {
    const cells = random.bytes(8192);
    // Half of them begin as the formats do, with a few bytes changed.
    if (round % 2 === 0) {
      cells.set(table);
      cells[random.intBelow(7 * 32)] = random.intBelow(256);
      if (random.intBelow(2) === 0) cells.fill(0xff, 32 * (1 + random.intBelow(8)), 4096);
      cells.set(header, 4096);
      for (let count = random.intBelow(4); count >= 0; count--)
        cells[4096 + random.intBelow(28)] = random.intBelow(256);
    }
    for (const { layout, offset, lengthBytes, certainty } of await found(cells)) {
      findings++;
      expect(offset + lengthBytes).toBeLessThanOrEqual(cells.length);
      // A byte that got its own value again.
      const isSame =
        layout === "esp-partitions" && Buffer.from(cells.subarray(0, 8 * 32)).equals(table.subarray(0, 8 * 32));
      if (!isSame) expect(certainty, `round ${round}: ${layout}`).not.toBe("certain");
    }
  }
  sayCount(`ESP-IDF: ${rounds} random inputs, ${findings} findings, none certain`);
  expect(findings).toBeGreaterThan(rounds / 8);
}, 240_000);
