/** What cannot be undone is recognised from the bytes alone, on the part where it cannot. */
import { describe, expect, it } from "vitest";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import { CATALOG } from "../../drivers/catalog/whole-catalog.ts";
import type { ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import { createDriver } from "../../drivers/create-driver.ts";
import { type IrreversibleKind, watchIrreversible } from "../../drivers/irreversible.ts";
import { descriptorFromSfdp, unnamedSfdpPart } from "../../drivers/sfdp/sfdp-descriptor.ts";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import { sfdpBytes } from "./sfdp/sfdp-dumps.ts";

const part = (name: string): ChipDescriptor => descriptorByName(name)!;
const transfer = (...bytes: number[]): SpiStep => ({ kind: "transfer", send: Uint8Array.from(bytes), receiveBytes: 0 });

const unlisted = descriptorFromSfdp(sfdpBytes("w25q128jv"), unnamedSfdpPart([1, 2, 3]));
if (!unlisted.ok) throw new Error(unlisted.reason);

it.each<[string, ChipDescriptor, number[], IrreversibleKind | undefined]>([
  ["AT45: security register", part("AT45DB041E"), [0x9b, 0, 0, 0, 1], "one-time-program"],
  ["AT45: sector lockdown", part("AT45DB041E"), [0x3d, 0x2a, 0x7f, 0x30, 0, 0, 0], "lock"],
  ["AT45: freeze", part("AT45DB041E"), [0x34, 0x55, 0xaa, 0x40], "lock"],
  ["AT45: binary pages", part("AT45DB041D"), [0x3d, 0x2a, 0x80, 0xa6], "page-size"],
  ["AT45: standard pages", part("AT45DB041E"), [0x3d, 0x2a, 0x80, 0xa7], "page-size"],
  ["AT45: protection is none", part("AT45DB041E"), [0x3d, 0x2a, 0x7f, 0x9a], undefined],
  ["AT25DF: one-time register", part("AT25DF321A"), [0x9b, 0, 0, 0, 1], "one-time-program"],
  ["AT25DF: lockdown", part("AT25DF321A"), [0x33, 0, 0, 0, 0xd0], "lock"],
  ["AT25DF: freeze", part("AT25DF321A"), [0x34, 0x55, 0xaa, 0x40], "lock"],
  ["AT25DF: global unprotect is none", part("AT25DF321A"), [0x01, 0x00], undefined],
  ["AT25SF: security register", part("AT25SF041"), [0x42, 0, 1, 0, 1], "one-time-program"],
  ["AT25SF: lock bit by two bytes", part("AT25SF041"), [0x01, 0x00, 0x08], "lock"],
  ["AT25SF: SRP1", part("AT25SF041B"), [0x31, 0x01], "lock"],
  ["AT25SF: BP and CMP are none", part("AT25SF041"), [0x01, 0x1c, 0x42], undefined],
  ["SST26: 42h is its protection", part("SST26VF032B"), [0x42, 0, 0], undefined],
  ["SST26: security ID", part("SST26VF032B"), [0xa5, 0, 0, 1], "one-time-program"],
  ["SST26: its lock", part("SST26VF032B"), [0x85], "lock"],
  ["Macronix: security register", part("MX25L3233F"), [0x2f], "lock"],
  ["Micron: B1h writes a setting", part("N25Q128A"), [0xb1, 0xff, 0xff], "lock"],
  ["an unknown part: 42h", unlisted.value, [0x42, 0, 0, 0, 1], "one-time-program"],
  ["an unknown part: status register 2", unlisted.value, [0x31, 0x38], "lock"],
  ["a page program is none", part("AT25SF041"), [0x02, 0, 0, 0, 1], undefined],
])("%s", (_, descriptor, bytes, kind) => {
  const watch = watchIrreversible(descriptor);
  watch.begin();
  expect(watch.judge(transfer(...bytes))).toBe(kind);
});

it("within the secured area a page program is for good, behind it not", () => {
  const watch = watchIrreversible(part("MX25L3233F"));
  watch.begin();
  const kinds = [[0xb1], [0x03, 0, 0, 0], [0x02, 0, 0, 0, 1], [0xc1], [0x02, 0, 0, 0, 1]].map((bytes) =>
    watch.judge(transfer(...bytes)),
  );
  expect(kinds).toEqual([undefined, undefined, "one-time-program", undefined, undefined]);
});

it("a lock bit that was read as set may be written back, another not", () => {
  const watch = watchIrreversible(part("AT25SF041B"));
  watch.begin();
  expect(watch.judge(transfer(0x05))).toBeUndefined();
  const readSr2: SpiStep = { kind: "transfer", send: Uint8Array.of(0x35), receiveBytes: 1 };
  expect([readSr2, readSr2].map((step) => watch.judge(step))).toEqual([undefined, undefined]);
  for (const value of [0x38, 0x08, 0x08]) watch.took({ kind: "transfer", received: Uint8Array.of(value) });
  watch.begin();
  expect(watch.judge(transfer(0x31, 0x08))).toBeUndefined();
  expect(watch.judge(transfer(0x31, 0x18))).toBe("lock");
});

describe("no part's driver sends such a thing unasked", () => {
  it.each(CATALOG.map((one) => [one.name, one] as const))("%s", (_, descriptor) => {
    const driver = createDriver(descriptor, { maxSendBytes: 300, maxReceiveBytes: 256 });
    const watch = watchIrreversible(descriptor);
    watch.begin();
    const programs = [
      driver.wake(),
      driver.read({ address: 0, lengthBytes: 500 }),
      driver.programPage(0, new Uint8Array(driver.geometry.pageBytes)),
      driver.digest({ address: 0, lengthBytes: 100 }),
      driver.protection(),
      driver.background.progress(),
      ...driver.geometry.eraseUnits.flatMap((unit) => [driver.erase(0, unit), driver.background.start(0, unit)]),
      ...(driver.uniqueId === undefined ? [] : [driver.uniqueId()]),
      ...(driver.oneTime?.registers ?? []).map((register) => driver.oneTime!.read(register, 0, register.lengthBytes)),
    ];
    expect(programs.flatMap(({ steps }) => steps).map((step) => watch.judge(step))).not.toContain(
      expect.any(String) as unknown,
    );
    for (const program of programs) for (const step of program.steps) expect(watch.judge(step)).toBeUndefined();
    const writable = driver.oneTime?.registers.find(({ isWritable }) => isWritable);
    if (writable === undefined) return;
    watch.begin();
    const forGood = driver.oneTime!.program(writable, 0, new Uint8Array(writable.lengthBytes));
    expect(forGood.steps.map((step) => watch.judge(step))).toContain("one-time-program");
  });
});

describe("what looks like it and is none", () => {
  it.each<[string, ChipDescriptor, number[]]>([
    ["AT45: 3Dh of another row", part("AT45DB041E"), [0x3d, 0x2b, 0x80, 0xa6]],
    ["AT45: the same bytes behind another opcode", part("AT45DB041E"), [0x3c, 0x2a, 0x80, 0xa6]],
    ["AT45: 3Dh 2Ah and a third byte of nothing", part("AT45DB041E"), [0x3d, 0x2a, 0x00, 0x30]],
    ["AT45: nothing", part("AT45DB041E"), []],
    ["AT25: nothing", part("AT25SF041"), []],
    ["AT25SF: one byte of status", part("AT25SF041"), [0x01, 0x3c]],
    ["AT25SF: second status byte without locks", part("AT25SF041"), [0x01, 0xff, 0x46]],
    ["AT25DF: there is no status register 2 with locks", part("AT25DF321A"), [0x01, 0x00, 0x38]],
    ["AT25DF: 31h is no such command", part("AT25DF321A"), [0x31, 0x38]],
  ])("%s", (_, descriptor, bytes) => {
    const watch = watchIrreversible(descriptor);
    watch.begin();
    expect(watch.judge(transfer(...bytes))).toBeUndefined();
  });

  it("a pause is none, on either family", () => {
    for (const name of ["AT45DB041E", "AT25SF041"]) {
      expect(watchIrreversible(part(name)).judge({ kind: "delay", durationUs: 0x3d2a80 })).toBeUndefined();
    }
  });
});

describe("what was read of status register 2", () => {
  const readSr2: SpiStep = { kind: "transfer", send: Uint8Array.of(0x35), receiveBytes: 1 };
  const readSr1: SpiStep = { kind: "transfer", send: Uint8Array.of(0x05), receiveBytes: 1 };
  const writeLocks = transfer(0x31, 0x38);
  const answer = (value: number): StepResult => ({ kind: "transfer", received: Uint8Array.of(value) });

  function after(steps: readonly SpiStep[], results: readonly StepResult[]): IrreversibleKind | undefined {
    const watch = watchIrreversible(part("AT25SF041B"));
    watch.begin();
    for (const step of steps) watch.judge(step);
    for (const result of results) watch.took(result);
    return watch.judge(writeLocks);
  }

  it("only its own answer counts, whatever came before", () => {
    const [locked, open] = [answer(0x38), answer(0x00)];
    expect(after([readSr1, readSr2, readSr1, readSr2], [locked, open, locked, open])).toBe("lock");
    expect(after([readSr1, readSr2, readSr1, readSr2], [open, locked, open, locked])).toBeUndefined();
    expect(after([readSr2, readSr1, readSr2, readSr1], [locked, open, locked, open])).toBeUndefined();
    expect(after([readSr1], [answer(0x38)])).toBe("lock");
    expect(after([readSr2], [])).toBe("lock");
    expect(after([readSr2], [{ kind: "failed", reason: "aborted" }])).toBe("lock");
  });

  it.each([
    ["one reading proves nothing", [0x38], "lock"],
    ["two that agree do", [0x38, 0x38], undefined],
    ["two that differ do not", [0x38, 0x30], "lock"],
    ["two that differ do not, the other way", [0x30, 0x38], "lock"],
    ["one that another master has spoiled does not hide what two show", [0x38, 0x38, 0x00], undefined],
    ["two that agree count from then on", [0x38, 0x38, 0x30, 0x30], "lock"],
    ["FF is a line that nothing drives", [0xff, 0xff], "lock"],
  ])("%s", (_, values, kind) => {
    expect(
      after(
        values.map(() => readSr2),
        values.map((value) => answer(value)),
      ),
    ).toBe(kind);
  });

  it("answers of a run that broke off do not come any more", () => {
    const watch = watchIrreversible(part("AT25SF041B"));
    watch.begin();
    watch.judge(readSr2);
    watch.begin();
    watch.judge(readSr1);
    watch.took(answer(0x38));
    expect(watch.judge(writeLocks)).toBe("lock");
    watch.begin();
    for (const step of [readSr1, readSr2, readSr2]) watch.judge(step);
    for (const value of [0, 0x38, 0x38]) watch.took(answer(value));
    expect(watch.judge(writeLocks)).toBeUndefined();
  });
});
