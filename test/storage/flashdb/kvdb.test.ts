/** KVDB images of the original code are recognised, and the values in them have right CRCs. */
import { describe, expect, it } from "vitest";
import { readKvdbSector, KVDB_GRANULARITIES } from "../../../src/storage/flashdb/kvdb-sector.ts";
import { kvdbSniffer } from "../../../src/storage/flashdb/recognise-kvdb.ts";
import { granularityBits } from "../../../src/storage/flashdb/status.ts";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { effort } from "../../support/effort.ts";
import { patternOf } from "../support/golden.ts";
import { NorRegion } from "../support/nor-region.ts";
import { packedGolden, type PackedCase } from "../support/packed-golden.ts";

interface KvdbCase extends PackedCase {
  readonly kind: string;
  readonly sectorBytes: number;
  readonly writeGranBits: number;
  readonly values?: Readonly<Record<string, readonly [string, ...(string | number)[]]>>;
}

const golden = packedGolden<KvdbCase>("flashdb");
const whole = golden.cases.filter(({ kind, name }) => kind === "kvdb" && !name.includes("-cut-"));

describe("FlashDB KVDB", () => {
  it.each(whole.map((one) => [one.name, one] as const))("%s", async (name, one) => {
    const cells = new Uint8Array(one.bytes + 0x10_000 + 0x4000).fill(0xff);
    cells.set(golden.image(name), 0x10_000);
    const flash = new NorRegion({ eraseBytes: 4096, cells });
    const values = Object.entries(one.values ?? {});
    const [finding, ...others] = await recogniseRegions(flash, [kvdbSniffer(flash)]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      layout: "flashdb-kvdb",
      offset: 0x10_000,
      lengthBytes: one.bytes,
      certainty: values.length > 0 ? "certain" : "likely",
      facts: { sectorBytes: one.sectorBytes, granularityBits: one.writeGranBits },
    });
    const granularity = [...KVDB_GRANULARITIES.values()].find((each) => granularityBits(each) === one.writeGranBits);
    const live = new Map<string, Uint8Array>();
    for (let at = 0; granularity !== undefined && at < one.bytes; at += one.sectorBytes) {
      for (const node of readKvdbSector(golden.image(name).subarray(at, at + one.sectorBytes), granularity).nodes) {
        if (node.status === 2) live.set(Buffer.from(node.name).toString(), node.value);
      }
    }
    for (const [key, [kind, ...rest]] of values) {
      const value = live.get(key);
      if (kind === "hex") expect(Buffer.from(value ?? []).toString("hex")).toBe(rest[0]);
      if (kind === "pattern") expect(value).toEqual(patternOf(Number(rest[1]), Number(rest[0])));
    }
    expect([...live.keys()].toSorted()).toEqual(values.map(([key]) => key).toSorted());
  });

  it("ends on scrambled images", async () => {
    const random = createRandom("kvdb");
    for (let round = 0; round < effort(100, 20_000); round++) {
      const cells = golden.image(random.pick(whole.filter(({ bytes }) => bytes <= 16_384)).name);
      const start = random.intBelow(cells.length);
      cells.set(random.bytes(Math.min(random.intBelow(300), cells.length - start)), start);
      const flash = new NorRegion({ eraseBytes: 4096, cells });
      expect((await recogniseRegions(flash, [kvdbSniffer(flash)])).length).toBeLessThan(4);
    }
  }, 240_000);
});
