/** NVS found in golden images, alone and inside a larger flash; nothing is found in random bytes. */
import { describe, expect, it } from "vitest";
import { createRandom } from "../../../src/sim/random.ts";
import { nvsSniffer } from "../../../src/storage/nvs/recognise.ts";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import type { RegionFinding } from "../../../src/storage/recognise/region-finding.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { goldenPackedJson } from "../support/golden.ts";
import type { GoldenImage } from "../support/kv-golden.ts";
import { NorRegion } from "../support/nor-region.ts";

const images = goldenPackedJson("zephyr-nvs/images.json.gz") as GoldenImage[];
/** Never mounted; or spoilt so that no sector ends as one of an NVS; or without any entry of an item. */
const NOT_FOUND = ["blank", "all-closed"];
const UNSURE = [...NOT_FOUND, "cut-ate-exactly-full"];

async function find(cells: Uint8Array, erasedByte: number): Promise<readonly RegionFinding[]> {
  const region = new NorRegion({ eraseBytes: 512, cells, erasedByte });
  const found = await recogniseRegions(region, [nvsSniffer(region)]);
  expect(region.changes).toEqual([]);
  return found;
}

const bytesOf = ({ imageBase64 }: GoldenImage): Uint8Array => new Uint8Array(Buffer.from(imageBase64, "base64"));

describe("golden images", () => {
  it.each(images.filter(({ name }) => !NOT_FOUND.includes(name)))("finds $name", async (one) => {
    const cells = bytesOf(one);
    const [finding, ...others] = await find(cells, one.eraseValue);
    expect(others).toEqual([]);
    expect(finding?.layout).toBe("nvs");
    // In a single sector with torn data nothing tells where it begins.
    if (one.name === "cut-ate-exactly-full") expect(finding?.certainty).toBe("possible");
    else expect(finding?.facts["sectorBytes"]).toBe(one.sectorBytes);
    const { alignBytes, hasDataCrc, items } = finding!.facts;
    if (one.writeBlock > 8) expect(alignBytes).toBe(one.writeBlock);
    else if (one.gcPacking !== true) expect(Number(alignBytes)).toBeGreaterThanOrEqual(one.writeBlock);
    if (!one.damaged && Number(items) > 2) expect(hasDataCrc).toBe(one.dataCrc);
    // A ring that is called certain is the whole of it.
    if (finding?.certainty === "certain") expect([finding.offset, finding.lengthBytes]).toEqual([0, cells.length]);
  });

  it("finds each inside of a larger flash that holds other data", async () => {
    const random = createRandom(41).branch("around");
    for (const one of images.filter(({ name, eraseValue }) => !UNSURE.includes(name) && eraseValue === 0xff)) {
      const image = bytesOf(one);
      const at = 65536;
      const cells = new Uint8Array(at + image.length + 65536);
      cells.set(random.bytes(at));
      cells.set(image, at);
      cells.set(random.bytes(65536), at + image.length);
      const found = await find(cells, 0xff);
      expect([one.name, found[0]?.facts["sectorBytes"]]).toEqual([one.name, one.sectorBytes]);
      expect([one.name, found.length]).toEqual([one.name, 1]);
      if (found[0]?.certainty === "certain")
        expect([found[0].offset, found[0].lengthBytes]).toEqual([at, image.length]);
    }
  });
});

it("finds nothing in random bytes and ends on any", async () => {
  const random = createRandom(42).branch("random");
  const rounds = effort(20, 2_000);
  let found = 0;
  for (let round = 0; round < rounds; round++) {
    const cells = random.bytes(16384);
    // Erased ends make it look at what comes before them.
    for (let end = 512; end <= cells.length; end += 512) if (random.chance(0.3)) cells.fill(0xff, end - 8, end);
    found += (await find(cells, 0xff)).filter(({ certainty }) => certainty !== "possible").length;
  }
  sayCount(`NVS: ${rounds} flashes of random bytes`);
  expect(found).toBe(0);
});
