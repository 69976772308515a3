/** Protection around a job: looked at, lifted, put back on every way out. On strict chips, in simulated time. */
import { describe, expect, it } from "vitest";
import { withProtectionLifted } from "../../src/jobs/lift-protection.ts";
import { createRandom } from "../../src/sim/random.ts";
import { simulatedFlash } from "../flash/simulated-flash.ts";

const WHOLE = [{ address: 0, lengthBytes: 524_288 }];

async function lifted(
  chip: string,
  settings: Record<string, string>,
  job: (world: Awaited<ReturnType<typeof simulatedFlash>>) => Promise<unknown>,
): Promise<{
  outcome: string;
  notes: string[];
  ranges: readonly unknown[];
  world: Awaited<ReturnType<typeof simulatedFlash>>;
}> {
  const world = await simulatedFlash(chip, { times: "typical", ...settings });
  const notes: string[] = [];
  const outcome = await world.simulation.run(() =>
    withProtectionLifted(world.device, { operation: "write", note: (message) => notes.push(message) }, () =>
      job(world),
    ).then(
      () => "done",
      (error: unknown) => (error as { readonly code?: string }).code ?? String(error),
    ),
  );
  const ranges = await world.simulation.run(async () => {
    const answer = await world.device.services!.protection.read().catch(() => undefined);
    return answer?.ranges ?? [];
  });
  return { outcome, notes, ranges, world };
}

describe.each([
  ["AT25SF041", { sr1: "28" }, WHOLE],
  ["AT25SF041B", { sr1: "128", sr2: "64" }, WHOLE],
  ["AT25SF041", { sr1: "36" }, [{ address: 0, lengthBytes: 65_536 }]],
  ["AT25SL321", { sr1: "28" }, [{ address: 0, lengthBytes: 4_194_304 }]],
  ["MX25L3233F", { sr1: "68" }, [{ address: 0, lengthBytes: 4_194_304 }]],
  ["AT25DF041A", {}, WHOLE],
  ["AT25DN011", { sr1: "4" }, [{ address: 0, lengthBytes: 131_072 }]],
  ["SST26VF032B", {}, [{ address: 0, lengthBytes: 4_194_304 }]],
])("%s %j", (chip, settings: Record<string, string>, before) => {
  it("is lifted for the job and put back behind it", async () => {
    const { outcome, notes, ranges, world } = await lifted(chip, settings, async ({ device }) => {
      expect((await device.protectedRanges()).ranges).toEqual([]);
      await device.program(0, Uint8Array.of(0x55));
    });
    expect([outcome, ranges]).toEqual(["done", before]);
    expect([...world.simulation.chip.peek(0, 1)]).toEqual([0x55]);
    expect(notes).toHaveLength(1);
    expect(world.simulation.violations).toEqual([]);
  });

  it("is put back where the job fails", async () => {
    const { outcome, ranges } = await lifted(chip, settings, () => Promise.reject(new Error("the job failed")));
    expect([outcome, ranges]).toEqual(["Error: the job failed", before]);
  });
});

describe("until power goes, where the chip can", () => {
  it("a chip that loses power in the job is protected again", async () => {
    const { outcome, world } = await lifted("AT25SF041", { sr1: "28" }, ({ simulation: { chip, clock } }) => {
      chip.powerCut(clock.nowUs() * 1000, createRandom("cut"));
      chip.powerOn(clock.nowUs() * 1000);
      return clock.wait(10_000);
    });
    expect(outcome).toBe("done");
    const { ranges } = await world.simulation.run(() => world.device.protectedRanges());
    expect(ranges).toEqual(WHOLE);
  });
});

describe("held by hardware", () => {
  it.each([
    ["AT25SF041", { sr1: "156", wp: "low" }],
    ["AT25SF041", { sr1: "28", sr2: "1" }],
    ["AT25DN011", { sr1: "132", wp: "low" }],
    ["AT45DB041E", { wp: "low" }],
  ])("%s %j: EROFS, and the job does not begin", async (chip, settings) => {
    let hasBegun = false;
    const world = await simulatedFlash(chip, { times: "typical", ...settings });
    if (chip === "AT45DB041E") {
      // Its register says which sectors; without WP# low it would not count.
      await world.simulation.run(async () => {
        world.simulation.chip.setPins({ wp: true });
        await world.device.services!.protection.control!.protect(
          { address: 0, lengthBytes: 540_672 },
          "until-power-off",
        );
        world.simulation.chip.setPins({ wp: false });
      });
    }
    const { chip: model } = world.simulation;
    const { programs, erases } = model.counters;
    await world.simulation.run(async () => {
      await expect(
        withProtectionLifted(world.device, { operation: "write", note: () => undefined }, () => {
          hasBegun = true;
          return Promise.resolve();
        }),
      ).rejects.toMatchObject({ code: "EROFS" });
    });
    expect(hasBegun).toBe(false);
    expect(model.counters).toMatchObject({ programs, erases });
  });
});

it("what could not be put back is said, and what to do", async () => {
  const { notes, outcome } = await lifted("AT25SF041", { sr1: "28" }, ({ simulation: { chip, clock } }) => {
    chip.powerCut(clock.nowUs() * 1000, createRandom("gone"));
    return Promise.resolve();
  });
  expect(outcome).toBe("done");
  expect(notes.at(-1)).toMatch(/could not be put back/);
});

it("a chip that is not protected is left alone", async () => {
  const { notes, outcome, world } = await lifted("AT25SF041", {}, () => Promise.resolve());
  expect([notes, outcome]).toEqual([[], "done"]);
  expect(world.simulation.violations).toEqual([]);
});
