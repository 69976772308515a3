/** The interface of QNX's flash filesystem on simulated chips, in simulated time: what each error name means there. */
import { afterEach, describe, expect, it } from "vitest";
import { descriptorByName } from "../../../drivers/catalog/catalog.ts";
import { type ErrorCode, NorbridgeError } from "../../../src/errors.ts";
import { MtdDevice, type MtdOptions } from "../../../src/flash/mtd/mtd-device.ts";
import { createRamFlash } from "../../../src/flash/ram-flash.ts";
import { createRandom } from "../../../src/sim/random.ts";
import type { Simulation } from "../../../src/sim/simulation.ts";
import { simulatedFlash } from "../simulated-flash.ts";

const KIB = 1024;
const MS = 1000;

interface Bench {
  readonly mtd: MtdDevice;
  readonly simulation: Simulation;
}

let opened: Simulation | undefined;
afterEach(() => {
  expect(opened?.violations ?? []).toEqual([]);
  opened = undefined;
});

/** A chip whose blocks of 64 KiB are erased. */
async function bench(chip: string, options: MtdOptions = {}, settings: Record<string, string> = {}): Promise<Bench> {
  const { simulation, device } = await simulatedFlash(chip, { times: "typical", ...settings });
  opened = simulation;
  const eraseUnit = device.geometry.eraseUnits.find(({ name }) => name === "64 KiB block");
  const mtd = new MtdDevice(device, { ...(eraseUnit === undefined ? {} : { eraseUnit }), ...options });
  return { mtd, simulation };
}

/** Runs a job on a fresh chip, in its time. */
async function onChip(
  chip: string,
  job: (bench: Bench) => Promise<void>,
  options: MtdOptions = {},
  settings: Record<string, string> = {},
): Promise<void> {
  const made = await bench(chip, options, settings);
  await made.simulation.run(() => job(made));
}

async function code(promise: Promise<unknown>): Promise<ErrorCode | "fine"> {
  try {
    await promise;
    return "fine";
  } catch (error) {
    if (error instanceof NorbridgeError) return error.code;
    throw error;
  }
}

describe("erase, sync", () => {
  it("begins and does not wait; sync says EAGAIN until the block is blank", () =>
    onChip("AT25SF041B", async ({ mtd, simulation: { chip, clock } }) => {
      chip.load(0x10000, new Uint8Array(64 * KIB));
      const startUs = clock.nowUs();
      await mtd.erase(0x10000);
      expect(clock.nowUs() - startUs).toBeLessThan(10 * MS);
      expect(await code(mtd.sync())).toBe("EAGAIN");
      await clock.wait(300 * MS);
      await mtd.sync();
      expect(chip.peek(0x10000, 64 * KIB).every((byte) => byte === 0xff)).toBe(true);
      await mtd.sync();
    }));

  it("EBUSY for a second erase, EAGAIN for a program, while the first goes on", () =>
    onChip("AT25SF041B", async ({ mtd, simulation: { clock } }) => {
      await mtd.erase(0);
      expect(await code(mtd.erase(0x10000))).toBe("EBUSY");
      expect(await code(mtd.program(0x20000, Uint8Array.of(0)))).toBe("EAGAIN");
      await clock.wait(300 * MS);
      await mtd.erase(0x10000);
      await mtd.close();
    }));

  it("the block that contains the address is erased, and no other", () =>
    onChip("AT25SF041B", async ({ mtd, simulation: { chip, clock } }) => {
      const data = createRandom("neighbours").bytes(3 * 64 * KIB);
      chip.load(0, data);
      await mtd.erase(2 * 64 * KIB - 1);
      await clock.wait(300 * MS);
      await mtd.sync();
      expect(chip.peek(0x10000, 64 * KIB).every((byte) => byte === 0xff)).toBe(true);
      expect(chip.peek(0, 64 * KIB)).toEqual(data.subarray(0, 64 * KIB));
      expect(chip.peek(0x20000, 64 * KIB)).toEqual(data.subarray(0x20000));
    }));

  it("ERANGE after the end, EINVAL for what is not an address", () =>
    onChip("AT25SF041B", async ({ mtd }) => {
      expect(await code(mtd.read(512 * KIB - 1, 2))).toBe("ERANGE");
      expect(await code(mtd.program(512 * KIB, Uint8Array.of(0)))).toBe("ERANGE");
      for (const address of [512 * KIB, -1]) expect(await code(mtd.erase(address))).toBe("ERANGE");
      expect(await code(mtd.isLocked(512 * KIB))).toBe("ERANGE");
      for (const address of [0.5, Number.NaN]) expect(await code(mtd.erase(address))).toBe("EINVAL");
    }));

  it("a program returns the count of its bytes", () =>
    onChip("AT25SF041B", async ({ mtd }) => {
      expect(await mtd.program(4090, createRandom("count").bytes(300))).toBe(300);
      expect(await mtd.program(0, new Uint8Array())).toBe(0);
    }));

  it("a chip that reports errors: erased again once, and EFAULT where that did not help", () =>
    onChip("AT25DF321A", async ({ mtd, simulation: { chip, clock } }) => {
      await mtd.unlockAll();
      chip.load(0, Uint8Array.of(0));
      chip.breakErase({ address: 0, lengthBytes: 1 });
      await mtd.erase(0);
      await clock.wait(1000 * MS);
      expect(await code(mtd.sync())).toBe("EFAULT");
      expect(await code(mtd.sync())).toBe("fine");
    }));
});

describe("read in the middle of an erase", () => {
  it("is served at once, by suspending, and the erase comes to its end", () =>
    onChip("AT25SF041B", async ({ mtd, simulation: { chip, clock } }) => {
      const data = createRandom("mtd").bytes(500);
      chip.load(0x20000, data);
      chip.load(0, new Uint8Array(64 * KIB));
      const startUs = clock.nowUs();
      await mtd.erase(0);
      const answersUs: number[] = [];
      for (let index = 0; index < 10; index++) {
        const askedUs = clock.nowUs();
        expect(await mtd.read(0x20000, data.length)).toEqual(data);
        answersUs.push(clock.nowUs() - askedUs);
      }
      expect(await code(mtd.sync())).toBe("EAGAIN");
      while ((await code(mtd.sync())) === "EAGAIN") await clock.wait(MS);
      const tookUs = clock.nowUs() - startUs;
      // The block takes 250 ms: a read must not wait for that, and the erase not for more than the reads.
      expect(Math.max(...answersUs)).toBeLessThan(30 * MS);
      expect(tookUs).toBeLessThan(250 * MS + 10 * 30 * MS);
      expect(chip.peek(0, 64 * KIB).every((byte) => byte === 0xff)).toBe(true);
    }));

  it("keeps the order of calls that are not awaited in between", () =>
    onChip("AT25SF041B", async ({ mtd, simulation: { chip } }) => {
      chip.load(0x20000, Uint8Array.of(1));
      const order: string[] = [];
      const note = (name: string) => (): void => void order.push(name);
      await Promise.all([
        mtd.erase(0).then(note("erase")),
        mtd.read(0x20000, 1).then(note("read")),
        mtd.suspend().then(note("suspend")),
        mtd.program(0x30000, Uint8Array.of(7)).catch(note("program refused")),
        mtd.resume().then(note("resume")),
        mtd.reset().then(note("reset")),
        mtd.program(0x30000, Uint8Array.of(7)).then(note("program")),
      ]);
      expect(order).toEqual(["erase", "read", "suspend", "program refused", "resume", "reset", "program"]);
      expect([...chip.peek(0x30000, 1)]).toEqual([7]);
    }));

  it("EAGAIN for what is being erased, and everywhere on a chip that cannot be interrupted", async () => {
    await onChip("AT25SF041B", async ({ mtd }) => {
      await mtd.erase(0);
      expect(await code(mtd.read(0xfff0, 32))).toBe("EAGAIN");
      await mtd.close();
    });
    await onChip("AT25SF041", async ({ mtd }) => {
      await mtd.erase(0);
      expect(await code(mtd.read(0x20000, 1))).toBe("EAGAIN");
      expect(await code(mtd.suspend())).toBe("EINVAL");
      await mtd.close();
    });
    await onChip(
      "AT45DB041E",
      async ({ mtd }) => {
        await mtd.erase(0);
        expect(await code(mtd.sync())).toBe("EAGAIN");
        await mtd.reset();
        expect(await code(mtd.sync())).toBe("fine");
      },
      { eraseUnit: descriptorByName("AT45DB041E")!.geometry.eraseUnits[2]! },
    );
  });
});

describe("suspend, resume", () => {
  it("ECANCELED where the erase was done, EINVAL where there is none", () =>
    onChip("AT25SF041B", async ({ mtd, simulation: { clock } }) => {
      expect(await code(mtd.suspend())).toBe("EINVAL");
      expect(await code(mtd.resume())).toBe("EINVAL");
      await mtd.erase(0);
      await clock.wait(300 * MS);
      expect(await code(mtd.suspend())).toBe("ECANCELED");
      expect(await code(mtd.resume())).toBe("EINVAL");
    }));

  it("a suspended erase needs no less time afterwards, and a power cut tears it", () =>
    onChip("AT25DF321A", async ({ mtd, simulation: { chip, clock } }) => {
      await mtd.unlockAll();
      chip.load(0, new Uint8Array(64 * KIB));
      await mtd.erase(0);
      await clock.wait(100 * MS);
      await mtd.suspend();
      await clock.wait(1000 * MS);
      expect(await code(mtd.sync())).toBe("EAGAIN");
      const torn = chip.fork();
      torn.powerCut(clock.nowUs() * 1000, createRandom("cut"), "untouched");
      expect([...torn.peek(0, 1)]).toEqual([0]);
      await mtd.resume();
      const resumedUs = clock.nowUs();
      while ((await code(mtd.sync())) === "EAGAIN") await clock.wait(MS);
      expect(clock.nowUs() - resumedUs).toBeGreaterThan(280 * MS);
    }));
});

describe("program", () => {
  it("EIO where a cell was not erased, EFAULT where one does not take its program", () =>
    onChip("AT25SF041B", async ({ mtd, simulation }) => {
      const { chip } = simulation;
      await mtd.program(0, Uint8Array.of(0x0f));
      expect(await code(mtd.program(0, Uint8Array.of(0xf0)))).toBe("EIO");
      // That was on purpose.
      const isOurs = simulation.violations.every(({ rule }) => rule === "program-zero-to-one");
      expect(isOurs).toBe(true);
      chip.stickBit(100, 3, 1);
      expect(await code(mtd.program(100, Uint8Array.of(0)))).toBe("EFAULT");
      opened = undefined;
    }));

  it("without verify nothing is read back", () =>
    onChip(
      "AT25SF041B",
      async ({ mtd, simulation: { chip } }) => {
        chip.stickBit(100, 3, 1);
        const before = chip.counters.spiBytes;
        await mtd.program(100, Uint8Array.of(0));
        expect(chip.counters.spiBytes - before).toBeLessThan(2500);
        expect([...chip.peek(100, 1)]).toEqual([0x08]);
      },
      { verifies: false },
    ));
});

describe("locks", () => {
  it("EROFS for program and erase in a locked block, free beside it", () =>
    onChip("AT25DF321A", async ({ mtd }) => {
      expect(await mtd.isLocked(0)).toBe(true);
      expect(await code(mtd.program(0, Uint8Array.of(0)))).toBe("EROFS");
      expect(await code(mtd.erase(0))).toBe("EROFS");
      await mtd.unlockAll();
      await mtd.lock({ address: 0x10000, lengthBytes: 0x20000 });
      expect([await mtd.isLocked(0), await mtd.isLocked(0x10000), await mtd.isLocked(0x20000)]).toEqual([
        false,
        true,
        true,
      ]);
      await mtd.program(0, Uint8Array.of(0));
      expect(await code(mtd.program(0x1ffff, Uint8Array.of(0)))).toBe("EROFS");
      await mtd.unlock({ address: 0x20000, lengthBytes: 0x10000 });
      expect(await mtd.isLocked(0x20000)).toBe(false);
      expect(await mtd.isLocked(0x10000)).toBe(true);
      expect(await mtd.isLocked(0x1ffff)).toBe(true);
      await mtd.unlock(0x1abcd);
      expect(await mtd.isLocked(0x10000)).toBe(false);
      await mtd.lock(0x1ffff);
      expect([await mtd.isLocked(0xffff), await mtd.isLocked(0x10000), await mtd.isLocked(0x20000)]).toEqual([
        false,
        true,
        false,
      ]);
      expect(await code(mtd.unlock({ address: 0x10100, lengthBytes: 1 }))).toBe("EINVAL");
      await mtd.unlockAll();
      expect(await mtd.isLocked(0x10000)).toBe(false);
    }));

  it("EINVAL for what the chip cannot lock, EROFS where WP# holds it", async () => {
    await onChip("AT25SF041", async ({ mtd }) => {
      expect(await code(mtd.lock({ address: 0, lengthBytes: 60 * KIB }))).toBe("EINVAL");
      await mtd.lock({ address: 0, lengthBytes: 64 * KIB });
      expect(await mtd.isLocked(0)).toBe(true);
    });
    await onChip(
      "AT25SF041",
      async ({ mtd }) => {
        expect(await code(mtd.unlockAll())).toBe("EROFS");
      },
      {},
      { sr1: "156", wp: "low" },
    );
  });
});

describe("the chip goes, the device closes", () => {
  it("ENODEV, then ESHUTDOWN", () =>
    onChip("AT25SF041B", async ({ mtd, simulation }) => {
      const { chip, clock } = simulation;
      expect((await mtd.identify()).name).toBe("AT25SF041B");
      chip.powerCut(clock.nowUs() * 1000, createRandom("gone"));
      expect(await code(mtd.identify())).toBe("ENODEV");
      chip.powerOn(clock.nowUs() * 1000);
      await clock.wait(10 * MS);
      await mtd.close();
      await mtd.close();
      expect(await code(mtd.read(0, 1))).toBe("ESHUTDOWN");
    }));
});

it("works on memory: nothing is ever under way there", async () => {
  const { geometry } = descriptorByName("AT25SF041")!;
  const mtd = new MtdDevice(createRamFlash(geometry));
  await mtd.program(0, Uint8Array.of(1, 2, 3));
  await mtd.erase(0);
  await mtd.sync();
  expect([...(await mtd.read(0, 3))]).toEqual([0xff, 0xff, 0xff]);
  expect(await code(mtd.lock({ address: 0, lengthBytes: 1 }))).toBe("EINVAL");
  expect(await mtd.isLocked(0)).toBe(false);
});
