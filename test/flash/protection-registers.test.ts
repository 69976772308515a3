/**
 * Protection on chips that take their status registers in other ways than their datasheets say: drawn by seed, and for a
 * few parts every value of the registers. At the end every register reads as it was found or as it was asked for, or the
 * command failed and its message names the registers.
 */
import { describe, expect, it } from "vitest";
import type { At25Descriptor } from "../../drivers/chip-descriptor.ts";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import { createDriver } from "../../drivers/create-driver.ts";
import type { ProtectionState } from "../../drivers/chip-driver.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { chipServices } from "../../src/flash/chip-services.ts";
import type { FlashDevice } from "../../src/flash/flash-device.ts";
import { guardBridge } from "../../src/flash/guarded-bridge.ts";
import { presenceOf } from "../../src/flash/presence.ts";
import type { ProtectionService } from "../../src/flash/protection-service.ts";
import { ProtectionLift } from "../../src/jobs/lift-protection.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { effort } from "../support/effort.ts";
import { RegisterChip, type RegisterHabits } from "./support/register-chip.ts";

/** The last ones have their locks above 16 MiB, and by WPSEL of Macronix. */
const PARTS = [
  ...["AT25SF041", "AT25SF041B", "AT25SL128A", "W25Q64JV", "W25Q128JV", "GD25Q64", "P25Q32H", "MX25L3233F"],
  ...["W25Q256JV", "MX25L12835F", "MX25L3239E"],
];

function partOf(name: string): At25Descriptor {
  const part = descriptorByName(name);
  if (part?.family !== "at25") throw new Error(`${name} is no AT25 part of the catalogue`);
  return part;
}

/** A device that has nothing but its protection. */
function deviceOn(chip: RegisterChip, part: At25Descriptor): { device: FlashDevice; protection: ProtectionService } {
  const driver = createDriver(part, { maxSendBytes: 300, maxReceiveBytes: 256 });
  const presence = presenceOf(part.jedecId);
  const options = { inTurn: <T>(call: () => Promise<T>): Promise<T> => call(), isUnchecked: false, presence };
  const services = chipServices(guardBridge(chip, part), driver, options);
  const parts: Pick<FlashDevice, "services" | "checkIdentity"> = { services, checkIdentity: () => Promise.resolve() };
  return { device: parts as FlashDevice, protection: services.protection };
}

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random.nextUint32() % values.length];
  if (value === undefined) throw new Error("nothing to pick from");
  return value;
}

const ALL_HABITS: { readonly [K in keyof RegisterHabits]-?: readonly RegisterHabits[K][] } = {
  twoBytes: ["both", "first", "ignored"],
  oneByte: ["only", "clears-second", "ignored"],
  has31: [true, true, false],
  has50: [true, true, false],
  readsLocks: [true, true, false],
  isPinLow: [false, false, false, true],
};

function drawHabits(random: Random): RegisterHabits {
  return {
    twoBytes: pick(random, ALL_HABITS.twoBytes),
    oneByte: pick(random, ALL_HABITS.oneByte),
    has31: pick(random, ALL_HABITS.has31),
    has50: pick(random, ALL_HABITS.has50),
    readsLocks: pick(random, ALL_HABITS.readsLocks),
    isPinLow: pick(random, ALL_HABITS.isPinLow),
  };
}

/** Names of the registers that read otherwise in two images of a chip. */
function moved(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...before].filter(([name, value]) => after.get(name) !== value).map(([name]) => name);
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof NorbridgeError)) throw error;
  return `${error.code} ${error.message} ${error.hint}`;
};

interface World {
  readonly chip: RegisterChip;
  readonly part: At25Descriptor;
  readonly label: string;
}

/** Lifts for a job, is killed in the middle of it or not, and is resumed by another program with what the journal reports. */
async function write({ chip, part, label }: World, killAt: number | undefined): Promise<string> {
  const found = chip.image();
  const warnings: string[] = [];
  const options = { operation: "write", note: () => undefined, warn: (text: string) => warnings.push(text) };
  let journal: ProtectionState | undefined;
  const prove = (before: ProtectionState | undefined): Promise<void> => {
    journal ??= before === undefined ? undefined : (JSON.parse(JSON.stringify(before)) as ProtectionState);
    return Promise.resolve();
  };
  let outcome = "";
  for (let run = 0; run < 2; run++) {
    chip.killAfter(run === 0 ? killAt : undefined);
    const { device, protection } = deviceOn(chip, part);
    const lift = new ProtectionLift(options, journal);
    const job = async (): Promise<string> => {
      const { ranges } = await protection.read();
      return ranges.length === 0 ? "lifted" : "still protected";
    };
    try {
      outcome = await lift.around(device, job, prove);
    } catch (error) {
      outcome = messageOf(error);
    }
    if (!chip.isKilled) lift.end();
    if (!chip.isKilled) break;
    warnings.length = 0;
  }
  const left = moved(found, chip.image());
  expect(outcome, label).not.toBe("still protected");
  for (const name of left) expect(`${outcome} ${warnings.join(" ")}`, `${label}: ${name}`).toContain(name);
  if (outcome !== "lifted") expect(outcome, label).toMatch(/^EROFS .*(reads|locked by|refused|does not accept)/);
  expect(chip.broken, label).toEqual([]);
  expect(chip.isFourByte, label).toBe(false);
  return outcome;
}

/** `protect off`, or `protect on` for a range. */
async function change({ chip, part, label }: World, range: ByteRange | undefined): Promise<void> {
  const found = chip.image();
  const { protection } = deviceOn(chip, part);
  const { control } = protection;
  if (control === undefined) throw new Error("it has no control");
  const before = await protection.read();
  const term = (before.terms ?? control.terms).includes("lasting") ? "lasting" : "until-power-off";
  const protectedBits = new Set(chip.protectionBits);
  try {
    const after = range === undefined ? await control.lift(term) : await control.protect(range, term);
    expect(after.ranges, label).toEqual(range === undefined ? [] : [range]);
    expect(
      moved(found, chip.image()).filter((name) => !protectedBits.has(name)),
      label,
    ).toEqual([]);
  } catch (error) {
    const message = messageOf(error);
    if (message.startsWith("ERANGE")) expect(moved(found, chip.image()), label).toEqual([]);
    else
      for (const name of moved(found, chip.image())) expect(message, `${label}: ${name}`).toContain(name.slice(0, 3));
  }
  expect(chip.broken, label).toEqual([]);
  expect(chip.isFourByte, label).toBe(false);
}

describe("parts, habits, registers and commands by seed", () => {
  it("every register is as found or as asked, or named", { timeout: 180_000 }, async () => {
    const runs = effort(400, 6000);
    for (let seed = 1; seed <= runs; seed++) {
      const random = createRandom(`registers ${seed}`);
      const part = partOf(pick(random, PARTS));
      const habits = drawHabits(random);
      const values = {
        sr1: random.nextUint32() & 0xfc,
        sr2: random.nextUint32() & 0x7e,
        sr3: random.nextUint32() & 0xe4,
        security: random.nextUint32() & 0x80,
      };
      const chip = new RegisterChip(part, habits, values, random);
      const label = `seed ${seed}: ${part.name} ${JSON.stringify({ ...habits, ...values })}`;
      const world = { chip, part, label };
      const { capacityBytes } = part.geometry;
      const size = pick(random, [capacityBytes, capacityBytes / 2, capacityBytes / 4, 65_536, 4096, 100]);
      const kind = random.nextUint32() % 4;
      if (kind < 2) await write(world, kind === 0 ? undefined : 1 + (random.nextUint32() % 20));
      else if (kind === 2) await change(world, undefined);
      else await change(world, { address: pick(random, [0, capacityBytes - size]), lengthBytes: size });
    }
  });
});

describe.each(["AT25SF041", "W25Q64JV", "GD25Q64"])("%s: every value of SR1 and SR2", (name) => {
  const part = partOf(name);
  const step = effort(16, 1);

  it.each([
    ["as its data sheet says", {}],
    ["takes SR1 only of two bytes", { twoBytes: "first" }],
    ["takes one byte only, and clears SR2 by it", { twoBytes: "ignored", oneByte: "clears-second" }],
    ["knows no 50h", { has50: false }],
  ] satisfies readonly (readonly [string, Partial<RegisterHabits>])[])("%s", async (_, habits) => {
    const usual = {
      twoBytes: "both",
      oneByte: "only",
      has31: true,
      has50: true,
      readsLocks: true,
      isPinLow: false,
    } as const;
    for (let sr1 = 0; sr1 < 256; sr1 += 4 * effort(4, 1)) {
      for (let sr2 = 0; sr2 < 128; sr2 += step) {
        // One value of SR1 has all of SR2, the next one begins beside it.
        const values = { sr1, sr2: (sr2 + sr1 / 4) & 0x7e, sr3: 0x60 };
        const chip = new RegisterChip(part, { ...usual, ...habits }, values, createRandom("every value"));
        const label = `${sr1.toString(16)} ${values.sr2.toString(16)}`;
        // There is a way to every register.
        expect(await write({ chip, part, label }, undefined), label).toBe("lifted");
        expect(moved(chip.start, chip.image()), label).toEqual([]);
      }
    }
  });
});
