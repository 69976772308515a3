/** What was there before, put together of what a journal reports in any order and often: as byte for byte it would be. */
import { expect, it } from "vitest";
import { firstTold, OldBytes, type OldStretch } from "../../src/journal/old-bytes.ts";
import { createRandom } from "../../src/sim/random.ts";

const BYTES = 120;

it("500 sets of stretches by seed: each byte as it was told first", async () => {
  for (let run = 0; run < 500; run++) {
    const random = createRandom(`old bytes ${run}`);
    const told: OldStretch[] = Array.from({ length: random.intBelow(30) }, () => {
      const address = random.intBelow(BYTES);
      const lengthBytes = random.intBelow(Math.min(40, BYTES - address) + 1);
      return { address, lengthBytes, data: random.chance(0.4) ? random.intBelow(256) : random.bytes(lengthBytes) };
    });
    const bytes: (number | undefined)[] = Array.from({ length: BYTES });
    for (const { address, lengthBytes, data } of told) {
      for (let at = 0; at < lengthBytes; at++) bytes[address + at] ??= typeof data === "number" ? data : data[at];
    }
    const old = new OldBytes();
    for (const stretch of told) old.add(stretch);
    const image = old.image("old");
    const found: (number | undefined)[] = Array.from({ length: BYTES });
    for (const { address, lengthBytes } of image.segments) {
      const from = random.intBelow(lengthBytes);
      const ranges = [
        { address, lengthBytes: from },
        { address: address + from, lengthBytes: lengthBytes - from },
      ];
      for (const range of ranges) (await image.read(range)).forEach((byte, at) => (found[range.address + at] = byte));
    }
    expect(found, `run ${run}`).toEqual(bytes);
    expect(image.totalBytes).toBe(bytes.filter((byte) => byte !== undefined).length);
    await expect(image.read({ address: BYTES, lengthBytes: 1 })).rejects.toThrow(RangeError);
  }
});

it("a stretch of one value costs nothing, and a hundred thousand that lie apart are sorted, not compared with each other", () => {
  const whole = { address: 0, lengthBytes: 2 ** 32, data: 0xff };
  const many = Array.from({ length: 100_000 }, (_, index) => ({
    address: index * 64,
    lengthBytes: 32,
    data: index % 256,
  }));
  expect(firstTold([whole, ...many])).toEqual([whole]);
  expect(firstTold([...many.toReversed(), whole])).toHaveLength(200_000);
});
