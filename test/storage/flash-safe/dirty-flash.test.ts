/** Flash that does not take what is programmed, or loses what it held. */
import { describe, expect, it } from "vitest";
import { FlashSafe } from "../../../src/storage/flash-safe/flash-safe.ts";
import { updateSafe } from "../../../src/storage/flash-safe/update-safe.ts";
import { NorRegion } from "../support/nor-region.ts";

const OPTIONS = { blockBytes: 512, bufferBytes: 64 };

async function twoCommits(): Promise<NorRegion> {
  const region = new NorRegion({ eraseBytes: 512, lengthBytes: 1536 });
  const safe = await FlashSafe.format(region, OPTIONS);
  await updateSafe(safe, new Map([[1, Uint8Array.of(1, 2, 3)]]));
  return region;
}

describe("a commit that the flash does not take", () => {
  it.each([
    ["in its data", 1024 + 64 + 9],
    ["in the header at its end", 1024 + 512 - 64 + 20],
    ["in the header at its start", 1024 + 20],
  ])("%s leaves the one before in force", async (_, stuckAt) => {
    const region = await twoCommits();
    const safe = await FlashSafe.mount(region, OPTIONS);
    region.stuckAt = stuckAt;
    await expect(updateSafe(safe, new Map([[1, new Uint8Array(30)]]))).rejects.toMatchObject({ code: "EIO" });
    const again = await FlashSafe.mount(region, OPTIONS);
    expect(again.read(1)).toEqual(Uint8Array.of(1, 2, 3));
    // The header at the start puts it in force: it is not even tried before all else was compared.
    if (stuckAt !== 1024 + 20) expect(region.cells.subarray(1024, 1024 + 32).every((byte) => byte === 0xff)).toBe(true);
  });
});

it("names a block that lost a bit as damaged, also when it is not the one in force", async () => {
  const region = await twoCommits();
  const safe = await FlashSafe.mount(region, OPTIONS);
  await updateSafe(safe, new Map([[1, Uint8Array.of(4)]]));
  const { activeBlock } = safe.info;
  expect(activeBlock).toBe(2);
  region.cells[512 + 64 + 8] = 0;
  const again = await FlashSafe.mount(region, OPTIONS);
  expect(again.info).toMatchObject({ activeBlock: 2, damagedBlocks: [1], committedBlocks: [0, 2] });
  expect(again.read(1)).toEqual(Uint8Array.of(4));
});
