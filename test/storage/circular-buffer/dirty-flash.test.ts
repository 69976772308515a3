/** Flash that is not what it looks like: dirty after the last entry, or not taking what is programmed. */
import { describe, expect, it } from "vitest";
import { CircularBuffer } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import { contents } from "../support/log-cuts.ts";
import { NorRegion } from "../support/nor-region.ts";

const OPTIONS = { sectorBytes: 256, magic: 0x0badc0de, version: 1, alignBytes: 1, scratchSectors: 0, hasCrc: true };

async function oneEntry(): Promise<NorRegion> {
  const region = new NorRegion({ eraseBytes: 256 });
  await (await CircularBuffer.mount(region, OPTIONS)).append(Uint8Array.of(1, 2, 3));
  return region;
}

describe("dirty flash", () => {
  it("is not written to: where the rest of the sector is not blank, a new one is opened", async () => {
    const region = await oneEntry();
    // Behind the place of the next length field, which is free.
    region.cells[100] = 0x7f;
    const log = await CircularBuffer.mount(region, OPTIONS);
    expect((await log.append(new Uint8Array(120).fill(9))).sector).toBe(1);
    expect((await contents(await CircularBuffer.mount(region, OPTIONS))).all).toEqual(["010203", "09".repeat(120)]);
    expect(region.violations).toEqual([]);
  });

  it("is erased again before it becomes a sector, as what a cut left; a strict caller has to name it", async () => {
    const region = await oneEntry();
    region.cells[256 + 200] = 0x7f;
    const unnamed = await CircularBuffer.mount(region, OPTIONS);
    expect(await unnamed.foreignSectors()).toEqual([1]);
    await expect(unnamed.refuseUnlessOwn([], "append")).rejects.toMatchObject({
      code: "LAYOUT_MISMATCH",
      message: "0x000100..0x0001ff (256 bytes) is not part of the log: it holds other data",
      remedies: ["list-regions", "set-region", { kind: "overwrite", address: 256, lengthBytes: 256 }],
    });
    const overwrite = [{ offset: 256, lengthBytes: 256 }];
    const log = await CircularBuffer.mount(region, { ...OPTIONS, overwrite });
    expect(await log.foreignSectors()).toEqual([]);
    for (let i = 0; i < 4; i++) await log.append(new Uint8Array(80).fill(i));
    expect(region.changes.filter(({ kind }) => kind === "erase")).toEqual([
      { kind: "erase", offset: 256, lengthBytes: 256 },
    ]);
    expect(region.violations).toEqual([]);
  });

  it("that does not take an entry is said, and the next entry goes to a new sector", async () => {
    const region = await oneEntry();
    const log = await CircularBuffer.mount(region, OPTIONS);
    // A stuck bit where the data goes: a mount sees it blank, and it does not hold.
    region.stuckAt = 16;
    await expect(log.append(new Uint8Array(20))).rejects.toMatchObject({ code: "EIO" });
    region.stuckAt = undefined;
    expect((await log.append(Uint8Array.of(4))).sector).toBe(1);
    const { all } = await contents(await CircularBuffer.mount(region, OPTIONS));
    expect([all[0], all.at(-1)]).toEqual(["010203", "04"]);
  });
});
