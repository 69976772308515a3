/** Protection around a job: looked at, lifted, put back on every way out. On strict chips, in simulated time. */
import { describe, expect, it } from "vitest";
import { ProtectionLift, withProtectionLifted } from "../../src/jobs/lift-protection.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import type { ProtectionState, ProtectionTerm } from "../../drivers/chip-driver.ts";
import type { FlashDevice } from "../../src/flash/flash-device.ts";
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

describe("over two connections", () => {
  /** The device of a connection that is lost when the job fails: it returns nothing from then on. */
  function losing(device: FlashDevice): { readonly device: FlashDevice; lose(): void } {
    let isLost = false;
    const services = device.services!;
    const control = services.protection.control!;
    const lost = {
      ...services,
      protection: {
        read: () => services.protection.read(),
        control: {
          terms: control.terms,
          protect: (range: ByteRange, term: ProtectionTerm) => control.protect(range, term),
          lift: (term: ProtectionTerm) => control.lift(term),
          restore: (before: ProtectionState, term: ProtectionTerm) =>
            isLost ? Promise.reject(new Error("no bridge")) : control.restore(before, term),
        },
      },
    };
    const proxy = new Proxy(device, {
      get(target, name) {
        const value: unknown = name === "services" ? lost : Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    return {
      device: proxy,
      lose: () => {
        isLost = true;
      },
    };
  }

  it.each([
    ["AT25SF041", { sr1: "36" }],
    ["AT25DF041A", {}],
    ["MX25L3233F", { sr1: "68" }],
  ])("%s: what the first found is what the second puts back", async (chip, settings: Record<string, string>) => {
    const { device, simulation } = await simulatedFlash(chip, { times: "typical", ...settings });
    const notes: string[] = [];
    const warnings: string[] = [];
    const lift = new ProtectionLift({
      operation: "write",
      note: (message) => notes.push(message),
      warn: (message) => warnings.push(message),
    });
    await simulation.run(async () => {
      const before = await device.protectedRanges();
      expect(before.ranges).not.toEqual([]);
      const first = losing(device);
      const job = lift.around(first.device, () => {
        first.lose();
        return Promise.reject(new Error("lost"));
      });
      await expect(job).rejects.toThrow("lost");
      expect((await device.protectedRanges()).ranges).toEqual([]);
      expect(await lift.around(device, () => device.protectedRanges().then(({ ranges }) => ranges))).toEqual([]);
      lift.end();
      expect(await device.protectedRanges()).toEqual(before);
      expect([notes.length, warnings]).toEqual([1, []]);
    });
    expect(simulation.violations).toEqual([]);
  });

  it("another chip behind the second: nothing is lifted, and nothing put back that was the first one's", async () => {
    const one = await simulatedFlash("AT25SF041", { times: "typical", sr1: "28" });
    const other = await simulatedFlash("AT25SF041", { times: "typical", sr1: "36" });
    const lift = new ProtectionLift({ operation: "write", note: () => undefined });
    const heard: unknown[] = [];
    const job = (): Promise<string> => Promise.resolve("done");
    const prove = (before: unknown): Promise<void> => {
      heard.push(before);
      return heard.length === 1 ? Promise.resolve() : Promise.reject(new Error("another chip"));
    };
    const before = await one.simulation.run(() => one.device.protectedRanges());
    expect(await one.simulation.run(() => lift.around(one.device, job, prove))).toBe("done");
    const { busyNs } = other.simulation.chip.counters;
    await other.simulation.run(() => expect(lift.around(other.device, job, prove)).rejects.toThrow("another chip"));
    expect(heard).toEqual([expect.objectContaining({ ranges: before.ranges }), heard[0]]);
    // A register that is written keeps the chip busy.
    expect(other.simulation.chip.counters.busyNs).toBe(busyNs);
  });

  it("where there is no second, it is said that the protection is not back, once", async () => {
    const { device, simulation } = await simulatedFlash("AT25SF041", { times: "typical", sr1: "28" });
    const warnings: string[] = [];
    const lift = new ProtectionLift({ operation: "write", note: () => undefined, warn: (text) => warnings.push(text) });
    await simulation.run(async () => {
      const first = losing(device);
      const job = lift.around(first.device, () => {
        first.lose();
        return Promise.reject(new Error("lost"));
      });
      await expect(job).rejects.toThrow("lost");
    });
    lift.end();
    lift.end();
    expect(warnings).toEqual([
      expect.stringMatching(
        /^protection of 0x000000\.\.0x07ffff \(512 KiB\) was lifted and could not be restored \(no bridge\); it returns/,
      ),
    ]);
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
  expect(notes.at(-1)).toMatch(/could not be restored/);
});

it("a chip that is not protected is left alone", async () => {
  const { notes, outcome, world } = await lifted("AT25SF041", {}, () => Promise.resolve());
  expect([notes, outcome]).toEqual([[], "done"]);
  expect(world.simulation.violations).toEqual([]);
});
