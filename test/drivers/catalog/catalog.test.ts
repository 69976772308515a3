/** Walks every entry: shows what is missing in a new part. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { chipNames, descriptorByName } from "../../../drivers/catalog/catalog.ts";
import { CATALOG } from "../../../drivers/catalog/whole-catalog.ts";
import type { ChipDescriptor } from "../../../drivers/chip-descriptor.ts";
import { createDriver } from "../../../drivers/create-driver.ts";
import { rangeEnd } from "../../../drivers/geometry.ts";
import { differenceOf } from "../../../drivers/part-difference.ts";

const LIMITS = { maxSendBytes: 300, maxReceiveBytes: 256 };

describe.each(CATALOG.map((part) => [part.name, part] as const))("%s", (_, part) => {
  const { geometry } = part;

  test("has an ID, sources, a clock and a supply", () => {
    expect(part.jedecId).toHaveLength(3);
    expect(part.sources.length).toBeGreaterThan(0);
    expect(part.maxSpiClockHz).toBeGreaterThanOrEqual(33_000_000);
    expect(part.supplyMv.minimum).toBeLessThan(part.supplyMv.maximum);
  });

  test("erase units tile the chip, smallest first, the chip erase last", () => {
    let smallest = 0;
    for (const unit of geometry.eraseUnits) {
      let end = 0;
      for (const region of unit.regions) {
        expect(region.address).toBe(end);
        expect(Number.isInteger(region.count)).toBe(true);
        end = rangeEnd({ address: region.address, lengthBytes: region.unitBytes * region.count });
      }
      expect(end).toBe(geometry.capacityBytes);
      const unitBytes = unit.regions.at(-1)!.unitBytes;
      expect(unitBytes).toBeGreaterThan(smallest);
      smallest = unitBytes;
    }
    expect(geometry.eraseUnits.at(-1)).toMatchObject({ name: "chip", regions: [{ address: 0, count: 1 }] });
  });

  test("every time is positive and below its limit, and small enough for a poll", () => {
    const times = geometry.eraseUnits.flatMap((unit) => unit.regions);
    for (const { typicalUs, maximumUs } of [
      ...times,
      { typicalUs: geometry.programTypicalUs, maximumUs: geometry.programMaximumUs },
    ]) {
      expect(typicalUs).toBeGreaterThan(0);
      expect(Number.isInteger(typicalUs)).toBe(true);
      expect(maximumUs).toBeGreaterThan(typicalUs);
      expect(maximumUs * 1.5).toBeLessThanOrEqual(3_600_000_000);
    }
  });

  test("its driver compiles every operation within the limits of a small bridge", () => {
    const driver = createDriver(part, LIMITS);
    const last = geometry.capacityBytes - geometry.pageBytes;
    const programs = [
      driver.wake(),
      driver.read({ address: 0, lengthBytes: 2_000 }),
      driver.programPage(last, new Uint8Array(geometry.pageBytes)),
      driver.programPage(last, Uint8Array.of(0)),
      driver.digest({ address: 0, lengthBytes: geometry.capacityBytes }),
      driver.protection(),
      ...geometry.eraseUnits.map((unit) => driver.erase(0, unit)),
      ...(driver.settle === undefined ? [] : [driver.settle()]),
    ];
    for (const step of programs.flatMap((program) => program.steps)) {
      if (step.kind === "transfer") {
        expect(step.send.length).toBeLessThanOrEqual(LIMITS.maxSendBytes);
        expect(step.receiveBytes).toBeLessThanOrEqual(LIMITS.maxReceiveBytes);
      }
      if (step.kind === "digest") expect(step.send.length).toBeLessThanOrEqual(16);
    }
  });
});

interface Fact {
  readonly name: string;
  readonly id: string;
  readonly extended?: string;
  readonly capacityBytes: number;
  readonly pageBytes: readonly number[];
  readonly supplyMv: readonly [number, number];
  readonly sfdp: boolean | null;
  /** Opcode, bytes, typical and longest time, milliseconds. */
  readonly erase: readonly (readonly [string, number | readonly number[] | string, number | null, number | null])[];
}

const FACTS = JSON.parse(
  readFileSync(new URL("../../golden/chips/chips.json", import.meta.url), "utf8"),
) as readonly Fact[];

describe("the catalogue says what the sources say", () => {
  test("it has every part that the sources establish, and no other", () => {
    expect(chipNames().toSorted()).toEqual(FACTS.map(({ name }) => name).toSorted());
    expect(FACTS).toHaveLength(72);
  });

  test.each(FACTS.map((fact) => [fact.name, fact] as const))("%s", (name, fact) => {
    const part = descriptorByName(name)!;
    const binary = part.family === "at45" ? descriptorByName(name, { pageBytes: part.binaryPageBytes })! : part;
    expect(Buffer.from(part.jedecId).toString("hex")).toBe(fact.id);
    expect(binary.geometry.capacityBytes).toBe(fact.capacityBytes);
    expect([part.geometry.pageBytes, binary.geometry.pageBytes]).toEqual([fact.pageBytes[0], fact.pageBytes.at(-1)]);
    expect([part.supplyMv.minimum, part.supplyMv.maximum]).toEqual(fact.supplyMv);
    const extended = { "length 00h": [0], "length 01h, byte 00h": [1, 0], "fourth byte 01h": [1] }[fact.extended ?? ""];
    expect(part.extendedId).toEqual(extended);
    if (part.family === "at45") return;
    expect(part.sfdp).toBe(fact.sfdp === null ? "not known" : fact.sfdp ? "present" : "absent");
    for (const [index, unit] of part.geometry.eraseUnits.entries()) {
      const known = fact.erase.find(([, bytes]) => bytes === unit.regions[0]!.unitBytes);
      if (unit.name === "chip" || unit.regions.length > 1) continue;
      expect(known, unit.name).toBeDefined();
      const [opcode, , typicalMs, maximumMs] = known!;
      if (part.addressBytes === 3) expect(part.eraseCommands[index]!.opcode).toBe(Number(opcode));
      if (typicalMs !== null) expect(unit.regions[0]!.typicalUs).toBe(typicalMs * 1000);
      if (maximumMs !== null) expect(unit.regions[0]!.maximumUs).toBe(maximumMs * 1000);
    }
  });

  test("parts that share an ID are told apart by something, or are the same to a job", () => {
    for (const part of CATALOG) {
      const marks = (one: ChipDescriptor): string =>
        [...one.jedecId, ...(one.extendedId ?? []), one.family === "at45" ? "" : one.sfdp].join();
      for (const other of CATALOG.filter((one) => marks(one) === marks(part))) {
        expect(differenceOf(part, other), `${part.name}, ${other.name}`).toBeUndefined();
      }
    }
  });

  test("every opcode that erases is one, and no two of a part are the same", () => {
    for (const part of CATALOG) {
      if (part.family !== "at25") continue;
      const opcodes = part.eraseCommands.map(({ opcode }) => opcode);
      expect(new Set(opcodes).size).toBe(opcodes.length);
      const allowed = part.addressBytes === 4 ? [0x21, 0xdc, 0xc7] : [0x81, 0x20, 0x52, 0xd8, 0x60, 0xc7];
      for (const opcode of opcodes) expect(allowed, part.name).toContain(opcode);
      for (const { addressBytes, unitName } of part.eraseCommands) {
        expect(addressBytes).toBe(unitName === "chip" ? 0 : part.addressBytes);
      }
    }
  });
});

describe("names", () => {
  test("are unique in any case of letters", () => {
    expect(new Set(chipNames().map((name) => name.toUpperCase())).size).toBe(CATALOG.length);
  });

  test("find their part, an AT45 also at its other page size", () => {
    expect(descriptorByName("at25sf041")?.name).toBe("AT25SF041");
    expect(descriptorByName("AT45DB041E")?.geometry.capacityBytes).toBe(540_672);
    expect(descriptorByName("AT45DB041E", { pageBytes: 256 })?.geometry.capacityBytes).toBe(524_288);
    expect(descriptorByName("AT45DB041E", { pageBytes: 512 })).toBeUndefined();
    expect(descriptorByName("AT25SF041", { pageBytes: 264 })).toBeUndefined();
    expect(descriptorByName("AT25SF999")).toBeUndefined();
  });
});

test("the sectors of AT45DB041E: 0a of 8 pages, 0b of 248, seven of 256", () => {
  const sector = descriptorByName("AT45DB041E")!.geometry.eraseUnits[2]!;
  expect(sector.regions.map((region) => [region.address / 264, region.unitBytes / 264, region.count])).toEqual([
    [0, 8, 1],
    [8, 248, 1],
    [256, 256, 7],
  ]);
});
