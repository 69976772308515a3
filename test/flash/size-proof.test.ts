/** Chips with half the cells that their ID and their SFDP area claim: nothing is written above half before that is seen. */
import { describe, expect, it } from "vitest";
import { AT25SF041 } from "../../src/sim/chip/at25/part.ts";
import { at25Part } from "../../src/sim/chip/at25/catalog-parts.ts";
import { sameBytes } from "../../src/bytes.ts";
import { createRandom } from "../../src/sim/random.ts";
import { codeOf, type StrangeChip, strangeChip } from "./strange-chip.ts";

const HALF = 512 * 1024;
const AT = HALF + 0x1000;
/** ID and area of 1 MiB. */
const WHOLE = at25Part("AT25SF081B");
const HALVED = { ...WHOLE, capacityBytes: HALF };
const data = (length = 256): Uint8Array => createRandom("new").bytes(length);

const ROUND_TRIP_MS = 60;

/** Round trips and bytes of an operation, on a line where a round trip takes longer than all else. */
async function costOf(
  { simulation }: StrangeChip,
  operation: () => Promise<unknown>,
): Promise<{ trips: number; bytes: number }> {
  const [bytes, ns] = [simulation.linkBytes, simulation.clock.nowUs()];
  await simulation.run(operation);
  const after = simulation.linkBytes;
  const trips = Math.floor((simulation.clock.nowUs() - ns) / 1000 / ROUND_TRIP_MS);
  return { trips, bytes: after.up + after.down - bytes.up - bytes.down };
}

describe.each([
  ["native", {}],
  ["serprog", { protocol: "serprog" }],
])("over %s", (_, settings) => {
  it("half the cells, full: the first change above half is refused, and nothing has changed", async () => {
    for (const change of ["erase", "program"] as const) {
      const strange = strangeChip(HALVED, { seed: "cells", settings });
      const { chip, simulation } = strange;
      const before = chip.peek(0, HALF);
      const device = await strange.open();
      expect(device.geometry.capacityBytes).toBe(2 * HALF);
      const doing = simulation.run(() => (change === "erase" ? device.erase(AT, 4096) : device.program(AT, data())));
      await expect(doing).rejects.toMatchObject({
        code: "CHIP_AMBIGUOUS",
        message:
          "the chip claims 1 MiB, but everything above 512 KiB reads the same 512 KiB below: it has 512 KiB, or both halves contain the same",
      });
      expect(sameBytes(chip.peek(0, HALF), before)).toBe(true);
      // Below half everything works, without a look.
      expect(await codeOf(simulation.run(() => device.erase(0x1000, 4096)))).toBe("ok");
    }
  });

  it("half the cells, blank: the first program above half is watched, and is the last", async () => {
    const strange = strangeChip(HALVED, { settings });
    const device = await strange.open();
    const pages = data(1024);
    const doing = strange.simulation.run(async () => {
      await device.erase(AT, 4096);
      for (let at = 0; at < 1024; at += 256) await device.program(AT + at, pages.subarray(at, at + 256));
    });
    await expect(doing).rejects.toMatchObject({ code: "CHIP_AMBIGUOUS" });
    expect(strange.chip.peek(0x1000, 256)).toEqual(pages.subarray(0, 256));
    expect(strange.chip.peek(0x1100, 768)).toEqual(new Uint8Array(768).fill(0xff));
  });

  it("all cells, full: one look, one round trip more than below half, and none for the second change", async () => {
    const strange = strangeChip(WHOLE, { seed: "cells", settings: { ...settings, latencyMs: `${ROUND_TRIP_MS / 2}` } });
    const device = await strange.open();
    // The first erase of a kind shows what it erases, which costs more.
    for (const at of [0x1000, 0x2000]) await strange.simulation.run(() => device.erase(at, 4096));
    const below = await costOf(strange, () => device.erase(0x3000, 4096));
    const first = await costOf(strange, () => device.erase(AT, 4096));
    const second = await costOf(strange, () => device.erase(AT + 4096, 4096));
    expect([first.trips - below.trips, second.trips - below.trips]).toEqual([1, 0]);
    expect(second.bytes - below.bytes).toBeLessThan(400);
    expect(first.bytes - below.bytes).toBeLessThan(2_000);
    expect(strange.rules()).toEqual([]);
  });

  it("all cells, blank: the first program above half shows that it is not below", async () => {
    const strange = strangeChip(WHOLE, { settings });
    const device = await strange.open();
    const pages = data(1024);
    await strange.simulation.run(() => device.program(AT, pages));
    await strange.simulation.run(() => device.program(HALF - 256, data(512)));
    expect(strange.chip.peek(AT, 1024)).toEqual(pages);
    expect(strange.chip.peek(HALF - 256, 512)).toEqual(data(512));
    expect(strange.rules()).toEqual([]);
  });
});

it("a program above half that also shows the size of a page is cut as any first program is, not into bytes", async () => {
  const strange = strangeChip(AT25SF041);
  const device = await strange.open();
  await strange.simulation.run(() => device.program(0x41000, data()));
  expect(strange.chip.peek(0x41000, 256)).toEqual(data());
  expect(strange.chip.counters.programs).toBeLessThan(20);
  expect(strange.rules()).toEqual([]);
});

/** C21: the cells are half of what ID and SFDP say. */
describe("what a look may and may not stop", () => {
  it("both halves the same in every place: refused, and settled by the size that is specified", async () => {
    const strange = strangeChip(WHOLE, { seed: "cells" });
    strange.chip.load(HALF, strange.chip.peek(0, HALF));
    const device = await strange.open();
    expect(await codeOf(strange.simulation.run(() => device.erase(AT, 4096)))).toBe("CHIP_AMBIGUOUS");
    const named = await strange.open({ sizeBytes: 2 * HALF });
    expect(await codeOf(strange.simulation.run(() => named.erase(AT, 4096)))).toBe("ok");
  });

  it("one byte is enough to tell them apart, wherever it is", async () => {
    const strange = strangeChip(WHOLE, { seed: "cells" });
    strange.chip.load(HALF, strange.chip.peek(0, HALF));
    strange.chip.load(
      0x23456,
      strange.chip.peek(0x23456, 1).map((byte) => byte ^ 1),
    );
    const device = await strange.open();
    expect(await codeOf(strange.simulation.run(() => device.erase(AT, 4096)))).toBe("ok");
  });

  it("an erase of everything needs no look", async () => {
    const strange = strangeChip(HALVED, { seed: "cells" });
    const device = await strange.open();
    await strange.simulation.run(() => device.erase(0, 2 * HALF));
    expect(strange.chip.peek(0, HALF).every((byte) => byte === 0xff)).toBe(true);
  });

  it("a watched program that says nothing does not settle it", async () => {
    const strange = strangeChip(HALVED, {});
    const device = await strange.open();
    // All alike, then already there: neither can tell.
    await strange.simulation.run(() => device.program(AT, new Uint8Array(256).fill(0xff)));
    strange.chip.load(0x1000, data());
    await strange.simulation.run(() => device.program(AT, data()));
    expect(await codeOf(strange.simulation.run(() => device.program(AT + 256, data())))).toBe("CHIP_AMBIGUOUS");
  });
});
