/** The simulated AT25 does what the real chip does, and records every rule that a host breaks. */
import { describe, expect, it } from "vitest";
import { createChip } from "../../../../src/sim/chip/chip-catalog.ts";
import { at, Bus, MS, US } from "../bus.ts";

const sf041 = (statusRegisters: readonly [number, number] = [0, 0]): Bus =>
  new Bus(createChip("AT25SF041", { times: "typical", statusRegisters }));

function program(bus: Bus, address: number, ...data: number[]): void {
  bus.send([0x06]);
  bus.send(at(0x02, address, ...data));
  bus.ready();
}

describe("identification and status", () => {
  it.each([
    ["AT25SF041", [0x9f], [0x1f, 0x84, 0x01]],
    ["AT25SF321", [0x9f], [0x1f, 0x87, 0x01]],
    ["W25Q128JV", [0x9f], [0xef, 0x40, 0x18]],
    ["AT25SF041", [0x90, 0, 0, 0], [0x1f, 0x12, 0x1f]],
    ["AT25SF041", [0x5a, 0, 0, 0, 0], [0xff, 0xff, 0xff]],
    ["W25Q128JV", [0x5a, 0, 0, 0, 0], [0x53, 0x46, 0x44, 0x50]],
    ["W25Q128JV", [0x5a, 0, 0, 0x80, 0], [0xe5, 0x20, 0xf9]],
    ["W25Q128JV", [0xab, 0, 0, 0], [0x17]],
  ])("%s answers %j", (name, send, answer) => {
    const bus = new Bus(createChip(name));
    expect(bus.send(send, answer.length)).toEqual(answer);
    expect(bus.rules).toEqual([]);
  });

  it("shows the latch and busy in status register 1, byte after byte", () => {
    const bus = sf041();
    expect(bus.send([0x05], 1)).toEqual([0x00]);
    bus.send([0x06]);
    expect(bus.send([0x05], 2)).toEqual([0x02, 0x02]);
    bus.send(at(0x02, 0, 0x55));
    expect(bus.send([0x05], 1)).toEqual([0x03]);
    bus.wait(700 * US);
    expect(bus.send([0x05], 1)).toEqual([0x00]);
    expect(bus.rules).toEqual([]);
  });

  it("turns ready in the middle of a long status read", () => {
    const bus = sf041();
    bus.send([0x06]);
    bus.send(at(0x02, 0, 0x55));
    const answers = bus.send([0x05], 1000);
    expect(answers.indexOf(0)).toBe(699);
    expect(answers.slice(699).every((byte) => byte === 0)).toBe(true);
  });
});

describe("program", () => {
  it("clears bits only, takes the typical time, and clears the latch", () => {
    const bus = sf041();
    const before = bus.nowNs;
    program(bus, 0x1234, 0xf0, 0x0f);
    expect(bus.nowNs - before).toBeGreaterThan(700 * US);
    program(bus, 0x1234, 0x30);
    expect([...bus.chip.peek(0x1233, 4)]).toEqual([0xff, 0x30, 0x0f, 0xff]);
    expect(bus.send(at(0x03, 0x1233), 4)).toEqual([0xff, 0x30, 0x0f, 0xff]);
    expect(bus.send(at(0x0b, 0x1234, 0), 1)).toEqual([0x30]);
    expect(bus.rules).toEqual([]);
    expect(bus.chip.counters).toMatchObject({ programs: 2, erases: 0, bytesProgrammed: 3 });
  });

  it("wraps within the page, and what came last stays", () => {
    const bus = sf041();
    program(bus, 0x1f0, ...Array.from({ length: 20 }, (_, i) => i));
    expect([...bus.chip.peek(0x1f0, 16)]).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect([...bus.chip.peek(0x100, 5)]).toEqual([16, 17, 18, 19, 0xff]);
    expect([...bus.chip.peek(0x200, 2)]).toEqual([0xff, 0xff]);
    expect(bus.rules).toEqual(["page-overrun"]);
  });

  it("of 300 bytes keeps the last 256", () => {
    const bus = sf041();
    program(bus, 0, ...Array.from({ length: 300 }, (_, i) => i & 0x7f));
    expect([...bus.chip.peek(0, 256)]).toEqual(Array.from({ length: 256 }, (_, i) => (i < 44 ? 256 + i : i) & 0x7f));
    expect(bus.rules).toEqual(["page-overrun"]);
  });

  it("reads on from the end of the chip at 0", () => {
    const bus = sf041();
    program(bus, 0x7ffff, 0xaa);
    program(bus, 0, 0xbb);
    expect(bus.send(at(0x03, 0x7ffff), 2)).toEqual([0xaa, 0xbb]);
  });
});

describe("erase", () => {
  it.each([
    [0x20, 0x1000, 0x1000, 70],
    [0x52, 0x8000, 0x8000, 300],
    [0xd8, 0x10000, 0x10000, 600],
  ])("%i clears its block, low address bits ignored", (opcode, start, length, typicalMs) => {
    const bus = sf041();
    for (const address of [start - 1, start, start + length - 1, start + length]) program(bus, address, 0);
    bus.send([0x06]);
    const before = bus.nowNs;
    bus.send(at(opcode, start + 0x123));
    bus.ready();
    expect(Math.round((bus.nowNs - before) / MS)).toBe(typicalMs);
    expect(bus.chip.peek(start - 1, 1)[0]).toBe(0);
    expect(bus.chip.peek(start, length).every((byte) => byte === 0xff)).toBe(true);
    expect(bus.chip.peek(start + length, 1)[0]).toBe(0);
    expect(bus.rules).toEqual([]);
  });

  it.each([0x60, 0xc7])("%i clears the chip", (opcode) => {
    const bus = sf041();
    program(bus, 0x7ffff, 0);
    bus.send([0x06]);
    bus.send([opcode]);
    bus.ready();
    expect(bus.chip.peek(0, 0x80000).every((byte) => byte === 0xff)).toBe(true);
    expect(bus.chip.counters.busyNs).toBe(5_000_700 * US);
  });
});

describe("every rule a host can break is recorded, and the chip does what the real one does", () => {
  const intact = (bus: Bus): void => expect(bus.chip.peek(0, 0x1000).every((byte) => byte === 0xff)).toBe(true);

  it.each<[string, (bus: Bus) => void]>([
    ["program-without-write-enable", (bus) => bus.send(at(0x02, 0, 0))],
    ["erase-without-write-enable", (bus) => bus.send(at(0x20, 0))],
    ["erase-without-write-enable", (bus) => bus.send([0xc7])],
    ["program-without-write-enable", (bus) => bus.send([0x01, 0x1c])],
    ["short-command", (bus) => bus.send([0x02, 0, 0])],
    ["short-command", (bus) => (bus.send([0x06]), bus.send(at(0x02, 0)))],
    ["short-command", (bus) => bus.send([0x20, 0])],
    ["extra-bytes", (bus) => bus.send([0x06, 0xff])],
    ["extra-bytes", (bus) => (bus.send([0x06]), bus.send(at(0x20, 0, 0xff)))],
    ["extra-bytes", (bus) => (bus.send([0x06]), bus.send([0x01, 0, 0, 0]))],
    ["unknown-opcode", (bus) => bus.send([0xd7], 1)],
    ["unknown-opcode", (bus) => bus.send(at(0x3b, 0, 0), 4)],
    ["address-beyond-end", (bus) => bus.send(at(0x03, 0x80000), 1)],
    ["not-awake", (bus) => (bus.send([0xb9]), bus.wait(10 * US).send(at(0x03, 0), 1))],
    ["not-awake", (bus) => (bus.send([0xb9]), bus.wait(10 * US).send([0xab]), bus.wait(5 * US).send([0x06]))],
    ["forbidden-one-time", (bus) => (bus.send([0x06]), bus.send([0x01, 0x80, 0x01]))],
    ["forbidden-one-time", (bus) => (bus.send([0x06]), bus.send([0x31, 0x08]))],
  ])("%s %#", (rule, act) => {
    const bus = sf041();
    act(bus);
    expect(bus.rules).toEqual([rule]);
    intact(bus);
  });

  it("command-while-busy: nothing but status is heard", () => {
    const bus = sf041();
    bus.send([0x06]);
    bus.send(at(0x02, 0, 0xaa));
    bus.send([0x06]);
    expect(bus.send(at(0x03, 0), 2)).toEqual([0xff, 0xff]);
    expect(bus.send([0x9f], 3)).toEqual([0xff, 0xff, 0xff]);
    expect(bus.rules).toEqual(["command-while-busy", "command-while-busy"]);
    bus.ready();
    expect(bus.send([0x05], 1)).toEqual([0]);
  });

  it("program-zero-to-one: the cell stays 0", () => {
    const bus = sf041();
    program(bus, 8, 0x0f);
    program(bus, 8, 0xff);
    expect(bus.rules).toEqual(["program-zero-to-one"]);
    expect(bus.chip.violations[0]).toMatchObject({ opcode: 0x02, address: 8 });
    expect(bus.chip.peek(8, 1)[0]).toBe(0x0f);
  });

  it("an aborted write clears the latch", () => {
    const bus = sf041();
    bus.send([0x06]);
    bus.send([0x20, 0]);
    expect(bus.send([0x05], 1)).toEqual([0]);
  });

  it("power-up-too-soon: 70 us to the first command, 5 ms to the first write", () => {
    const bus = sf041();
    bus.chip.powerOn(bus.nowNs);
    expect(bus.send([0x9f], 1)).toEqual([0xff]);
    bus.send([0x06]);
    bus.wait(100 * US);
    program(bus, 0, 0);
    expect(bus.rules).toEqual(["power-up-too-soon", "power-up-too-soon"]);
    bus.wait(5 * MS);
    program(bus, 0, 0);
    expect(bus.chip.peek(0, 1)[0]).toBe(0);
  });
});

describe("protection", () => {
  // Literal ranges for 4 Mbit: [SR1, SR2, first, length].
  it.each([
    [0x00, 0x00, 0, 0],
    [0x04, 0x00, 0x70000, 0x10000],
    [0x08, 0x00, 0x60000, 0x20000],
    [0x0c, 0x00, 0x40000, 0x40000],
    [0x10, 0x00, 0, 0x80000],
    [0x1c, 0x00, 0, 0x80000],
    [0x24, 0x00, 0, 0x10000],
    [0x28, 0x00, 0, 0x20000],
    [0x2c, 0x00, 0, 0x40000],
    [0x44, 0x00, 0x7f000, 0x1000],
    [0x48, 0x00, 0x7e000, 0x2000],
    [0x4c, 0x00, 0x7c000, 0x4000],
    [0x50, 0x00, 0x78000, 0x8000],
    [0x64, 0x00, 0, 0x1000],
    [0x70, 0x00, 0, 0x8000],
    [0x00, 0x40, 0, 0x80000],
    [0x04, 0x40, 0, 0x70000],
    [0x24, 0x40, 0x10000, 0x70000],
    [0x1c, 0x40, 0, 0],
  ])("SR1 %i, SR2 %i protects %i, %i bytes", (sr1, sr2, first, length) => {
    const sectors = Array.from({ length: 128 }, (_, i) => i * 4096);
    const bus = sf041([sr1, sr2]);
    for (const address of sectors) program(bus, address, 0);
    const refused = sectors.filter((address) => bus.chip.peek(address, 1)[0] === 0xff);
    expect(refused).toEqual(sectors.filter((address) => address >= first && address < first + length));
    expect(bus.rules).toEqual(refused.map(() => "write-while-protected"));
  });

  it("refuses an erase that touches a protected sector, without busy, and clears the latch", () => {
    const bus = sf041([0x44, 0]);
    bus.send([0x06]);
    bus.send(at(0xd8, 0x70000));
    expect(bus.send([0x05], 1)).toEqual([0x44]);
    expect(bus.rules).toEqual(["write-while-protected"]);
  });

  it("a status write of one byte clears register 2 on an original, not on the newer kind", () => {
    for (const [name, after] of [
      ["AT25SF041", 0x00],
      ["W25Q128JV", 0x42],
    ] as const) {
      const bus = new Bus(createChip(name, { statusRegisters: [0x1c, 0x42] }));
      bus.send([0x06]);
      bus.send([0x01, 0x00]);
      bus.ready();
      expect(bus.send([0x05], 1)).toEqual([0x00]);
      expect(bus.send([0x35], 1)).toEqual([after]);
    }
  });

  it("a volatile write lasts until power goes", () => {
    const bus = sf041([0x1c, 0]);
    bus.send([0x50]);
    bus.send([0x01, 0x00, 0x00]);
    expect(bus.send([0x05], 1)).toEqual([0x00]);
    bus.chip.powerOn(bus.nowNs);
    bus.wait(10 * MS);
    expect(bus.send([0x05], 1)).toEqual([0x1c]);
  });

  it("WP# low and SRP0 keep the register as it is", () => {
    const bus = sf041([0x9c, 0]);
    bus.chip.setPins({ wp: false });
    bus.send([0x06]);
    bus.send([0x01, 0x00, 0x00]);
    // No register shows the pin: a host cannot know, so it has broken no rule.
    expect(bus.rules).toEqual([]);
    expect(bus.send([0x05], 1)).toEqual([0x9c]);
  });

  it("HOLD# low: nothing is heard", () => {
    const bus = sf041();
    bus.chip.setPins({ hold: false });
    expect(bus.send([0x9f], 3)).toEqual([0xff, 0xff, 0xff]);
  });
});

it("keeps three security registers apart", () => {
  const bus = sf041();
  bus.send([0x06]);
  bus.send(at(0x42, 0x210, 0xab, 0xcd));
  bus.ready();
  expect(bus.send(at(0x48, 0x20f, 0), 4)).toEqual([0xff, 0xab, 0xcd, 0xff]);
  expect(bus.send(at(0x48, 0x110, 0), 1)).toEqual([0xff]);
  bus.send([0x06]);
  bus.send(at(0x44, 0x200));
  bus.ready();
  expect(bus.send(at(0x48, 0x210, 0), 1)).toEqual([0xff]);
  expect(bus.rules).toEqual([]);
});
