/** Chips as they are found: each state on its strict model, without a host that knows it. */
import { describe, expect, it } from "vitest";
import { createChip } from "../../../src/sim/chip/chip-catalog.ts";
import type { ChipOddities, FoundChip } from "../../../src/sim/chip/found-chip.ts";
import { at, Bus, MS } from "./bus.ts";

function found(name: string, state: FoundChip, odd: ChipOddities = {}): Bus {
  return new Bus(createChip(name, { times: "typical", found: state, odd }));
}

/** An opcode with four address bytes. */
function at4(opcode: number, address: number, ...data: number[]): number[] {
  return [opcode, address >>> 24, ...at(0, address).slice(1), ...data];
}

function isBlank(bus: Bus, address: number, lengthBytes: number): boolean {
  return bus.chip.peek(address, lengthBytes).every((byte) => byte === 0xff);
}

describe("the mode of four address bytes", () => {
  it("makes array commands take four, until E9h", () => {
    const bus = found("W25Q256JV", { isFourByteMode: true });
    bus.chip.load(0x123456, Uint8Array.of(0x5a, 0xa5));
    expect(bus.send([0x15], 1)).toEqual([0x01]);
    expect(bus.send(at4(0x03, 0x123456), 2)).toEqual([0x5a, 0xa5]);
    // Three bytes and the first clocks of the answer, all ones, make up the address.
    bus.chip.load(0x1234ff, Uint8Array.of(0x77));
    expect(bus.send(at(0x03, 0x1234), 2)).toEqual([0xff, 0x77]);
    bus.send([0x06]);
    bus.send(at4(0x20, 0x123456));
    bus.ready();
    expect(isBlank(bus, 0x123000, 4096)).toBe(true);
    bus.send([0xe9]);
    expect(bus.send([0x15], 1)).toEqual([0x00]);
    bus.chip.load(0x10, Uint8Array.of(0x11));
    expect(bus.send(at(0x03, 0x10), 1)).toEqual([0x11]);
    expect(bus.rules).toEqual([]);
  });

  it("cuts a three-byte erase short, and takes the first data byte of a program as address", () => {
    const bus = found("S25FL064L", { isFourByteMode: true });
    bus.send([0x06]);
    bus.send(at(0x20, 0x1000));
    expect(bus.rules).toEqual(["short-command"]);
    bus.send([0x06]);
    bus.send(at(0x02, 0x10, 0x20, 0x0f));
    bus.ready();
    expect([...bus.chip.peek(0x1020, 1)]).toEqual([0x0f]);
  });

  it("shifts 5Ah on a Spansion L and nowhere else", () => {
    const spansion = found("S25FL064L", { isFourByteMode: true });
    expect(spansion.send([0x5a, 0, 0, 0, 0], 5)).toEqual([0xff, 0x53, 0x46, 0x44, 0x50]);
    const winbond = found("W25Q256JV", { isFourByteMode: true });
    expect(winbond.send([0x5a, 0, 0, 0, 0], 4)).toEqual([0x53, 0x46, 0x44, 0x50]);
  });

  it.each([
    ["MT25QL256A", [[0x06], [0xe9]], [[0xe9]]],
    ["W25Q256FV", [[0x06], [0xe9]], [[0xe9]]],
    ["IS25LP256", [[0x29]], []],
    ["S25FL128S", [[0x17, 0x00]], []],
  ])("%s leaves it by its own way", (name, right, wrong) => {
    const bus = found(name, { isFourByteMode: true });
    bus.chip.load(0x10, Uint8Array.of(0x11));
    const inMode = (): boolean => bus.send(at4(0x03, 0x10), 1)[0] === 0x11 && bus.send(at(0x03, 0x10), 1)[0] !== 0x11;
    expect(inMode()).toBe(true);
    for (const send of wrong) bus.send(send);
    expect(inMode()).toBe(true);
    for (const send of right) bus.send(send);
    expect(bus.send(at(0x03, 0x10), 1)).toEqual([0x11]);
  });

  it("lasts over power where status register 3 says so", () => {
    const bus = new Bus(createChip("W25Q256JV", { statusRegisters: [0, 0, 0x02] }));
    expect(bus.send([0x15], 1)).toEqual([0x03]);
  });
});

it("reaches another 16 MiB through the extended address register, with three address bytes only", () => {
  const bus = found("W25Q256JV", { bank: 1 });
  bus.chip.load(0x1000010, Uint8Array.of(0x42));
  expect(bus.send([0xc8], 1)).toEqual([1]);
  expect(bus.send(at(0x03, 0x10), 1)).toEqual([0x42]);
  expect(bus.send(at4(0x13, 0x10), 1)).toEqual([0xff]);
  bus.send([0x06]);
  bus.send([0xc5, 0x00]);
  expect(bus.send(at(0x03, 0x10), 1)).toEqual([0xff]);
  expect(bus.rules).toEqual([]);
});

describe("locks of single blocks", () => {
  it("refuse what the BP bits allow, and open one by one and all together", () => {
    const bus = found("W25Q128JV", { hasBlockLocks: true });
    const erase = (address: number): boolean => {
      bus.chip.load(address, Uint8Array.of(0));
      bus.send([0x06]);
      bus.send(at(0x20, address));
      bus.ready();
      return isBlank(bus, address, 1);
    };
    expect(bus.send([0x15], 1)).toEqual([0x04]);
    expect(bus.send(at(0x3d, 0x1000), 1)).toEqual([1]);
    expect(erase(0x1000)).toBe(false);
    bus.send([0x06]);
    bus.send(at(0x39, 0x1000));
    expect([0x0fff, 0x1000, 0x1fff, 0x2000].map((address) => bus.send(at(0x3d, address), 1)[0])).toEqual([1, 0, 0, 1]);
    expect(erase(0x1000)).toBe(true);
    expect(erase(0x20000)).toBe(false);
    bus.send([0x06]);
    bus.send(at(0x39, 0x20000));
    expect(bus.send(at(0x3d, 0x2ffff), 1)).toEqual([0]);
    bus.send([0x06]);
    bus.send([0x7e]);
    expect(bus.send(at(0x3d, 0x2ffff), 1)).toEqual([1]);
    bus.send([0x06]);
    bus.send([0x98]);
    expect(erase(0x30000)).toBe(true);
    expect(bus.rules).toEqual(["write-while-protected", "write-while-protected"]);
  });

  it("are ignored without the write-enable latch", () => {
    const bus = found("W25Q128JV", { hasBlockLocks: true });
    bus.send([0x98]);
    expect(bus.send(at(0x3d, 0), 1)).toEqual([1]);
    expect(bus.rules).toEqual(["program-without-write-enable"]);
  });
});

describe("a suspended operation", () => {
  it("keeps erases and status writes away until 7Ah, then ends", () => {
    const bus = found("W25Q64JV", { suspended: { kind: "erase", address: 0x1234 } });
    bus.chip.load(0x1000, Uint8Array.of(1, 2, 3));
    bus.chip.load(0x5000, Uint8Array.of(4));
    expect(bus.send([0x35], 1)).toEqual([0x80]);
    bus.send([0x06]);
    bus.send(at(0x20, 0x5000));
    expect(isBlank(bus, 0x5000, 1)).toBe(false);
    bus.send([0x06]);
    bus.send([0x01, 0x04]);
    expect(bus.rules).toEqual(["command-while-suspended", "command-while-suspended"]);
    bus.send([0x7a]);
    expect(bus.send([0x05], 1)[0]! & 1).toBe(1);
    bus.ready();
    expect(bus.send([0x35], 1)).toEqual([0x00]);
    expect(isBlank(bus, 0x1000, 4096)).toBe(true);
  });

  it("lets programs through elsewhere, and none during a suspended program", () => {
    const program = (bus: Bus, address: number): number => {
      bus.send([0x06]);
      bus.send(at(0x02, address, 0x12));
      bus.ready();
      return bus.chip.peek(address, 1)[0]!;
    };
    const erasing = found("W25Q64JV", { suspended: { kind: "erase", address: 0x1000 } });
    expect([program(erasing, 0x1800), program(erasing, 0x2000)]).toEqual([0xff, 0x12]);
    const programming = found("W25Q64JV", { suspended: { kind: "program", address: 0x1000 } });
    expect(program(programming, 0x2000)).toBe(0xff);
  });

  it.each([
    ["MX25L12833F", [0x2b], 0x08, 0x30],
    ["N25Q128A", [0x70], 0xc0, 0x7a],
    ["S25FL128L", [0x07], 0x02, 0x7a],
    ["AT25DF081A", [0x05], 0x02, 0xd0],
  ])("%s shows it in its own place", (name, ask, shown, resume) => {
    const bus = found(name, { suspended: { kind: "erase", address: 0x1000 } });
    const read = (): number => bus.send(ask, 2)[name === "AT25DF081A" ? 1 : 0]!;
    expect(read() & shown).toBe(shown);
    bus.send([resume]);
    bus.ready();
    expect(read() & shown & ~0x80).toBe(0);
    expect(bus.rules).toEqual([]);
  });
});

describe("busy", () => {
  it.each([
    ["ff", [0xff, 0xff]],
    ["00", [0x00, 0x00]],
    ["id", [0xef, 0x40]],
  ] as const)("answers the ID with %s until it is over, and its status at once", (busyReads, answer) => {
    const bus = found("W25Q64JV", { busyMs: 3000, busyReads });
    bus.wait(5000 * MS);
    expect(bus.send([0x9f], 2)).toEqual(answer);
    expect(bus.send([0x05], 1)[0]! & 1).toBe(1);
    bus.wait(3000 * MS);
    expect(bus.send([0x9f], 2)).toEqual([0xef, 0x40]);
    expect(bus.rules).toEqual([]);
  });

  it("stays with an error of a Spansion part until 30h", () => {
    const bus = found("S25FL128S", { hasStickyError: true });
    expect(bus.wait(1e12).send([0x05], 1)[0]! & 0x21).toBe(0x21);
    expect(bus.send([0x9f], 1)).toEqual([0xff]);
    bus.send([0x30]);
    expect(bus.send([0x05], 1)).toEqual([0x00]);
    expect(bus.send([0x9f], 1)).toEqual([0x01]);
    expect(bus.rules).toEqual([]);
  });

  it("with flags of a Micron part does not stay, and 50h clears them", () => {
    const bus = found("N25Q128A", { hasStickyError: true });
    expect(bus.send([0x70], 1)).toEqual([0xa0]);
    bus.send([0x50]);
    expect(bus.send([0x70], 1)).toEqual([0x80]);
  });
});

describe("modes with several data lines", () => {
  it.each<[string, FoundChip, number[], number[]]>([
    ["W25Q64FV", { isInQpi: true }, [0xab], [0xff, 0xff]],
    ["W25Q64JV", { continuousRead: "bb" }, [0xab], [0xff, 0xff]],
    ["W25Q64JV", { continuousRead: "eb" }, [0x9d], [0xff]],
    ["W25Q256JV", { continuousRead: "bb", isFourByteMode: true }, [0xff, 0xff], [0xff, 0xff, 0xff]],
  ])("%s in %j hears nothing before ones only", (name, state, nonsense, ones) => {
    const bus = found(name, state);
    bus.send(nonsense);
    expect(bus.send([0x9f], 2)).toEqual([0xff, 0xff]);
    bus.send(ones);
    expect(bus.send([0x9f], 2)).toEqual([0xef, 0x40]);
    expect(bus.rules).toEqual([]);
  });

  it("stays in QPI where another command leads out, and power ends it", () => {
    const bus = found("MX25L25635F", { isInQpi: true });
    bus.send([0xff, 0xff, 0xff]);
    expect(bus.send([0x9f], 1)).toEqual([0xff]);
    bus.chip.powerOn(bus.nowNs);
    expect(bus.wait(10 * MS).send([0x9f], 1)).toEqual([0xc2]);
  });

  it("goes on in a copy of the chip", () => {
    const bus = found("W25Q64FV", { isInQpi: true });
    expect(new Bus(bus.chip.fork()).send([0x9f], 1)).toEqual([0xff]);
  });
});

it("is asleep until ABh, also an AT45", () => {
  for (const [name, id] of [
    ["AT25SF041", 0x1f],
    ["AT45DB041E", 0x1f],
  ] as const) {
    const bus = found(name, { isAsleep: true });
    expect(bus.send([0x9f], 1)).toEqual([0xff]);
    bus.send([0xab]);
    expect(bus.wait(MS).send([0x9f], 1)).toEqual([id]);
    expect(bus.rules).toEqual([]);
  }
});

describe("parts that differ from others with their name", () => {
  const status = (bus: Bus, ...writes: number[][]): number[] => {
    for (const write of writes) {
      bus.send([0x06]);
      bus.send(write);
      bus.ready();
    }
    return [bus.send([0x05], 1)[0]!, bus.send([0x35], 1)[0]!];
  };

  it("lose status register 2 by a short write, or take only the first byte", () => {
    expect(status(found("W25Q128JV", {}, { status2Cleared: true }), [0x31, 0x02], [0x01, 0x04])).toEqual([0x04, 0x00]);
    expect(status(found("W25Q128JV", {}, {}), [0x31, 0x02], [0x01, 0x04])).toEqual([0x04, 0x02]);
    const odd = found("W25Q128JV", {}, { oneByteStatus: true });
    expect(status(odd, [0x01, 0x04, 0x02])).toEqual([0x04, 0x00]);
    expect(status(odd, [0x31, 0x42])).toEqual([0x04, 0x42]);
  });

  it("lack 50h, SFDP, dwords of it, or half of the cells", () => {
    const without = found("W25Q128JV", {}, { noVolatile: true, sfdp: "none" });
    without.send([0x50]);
    without.send([0x01, 0x04, 0x00]);
    expect(without.send([0x05], 1)).toEqual([0x00]);
    expect(without.send([0x5a, 0, 0, 0, 0], 2)).toEqual([0xff, 0xff]);
    const table = (bus: Bus, dword: number): number[] => bus.send([0x5a, 0, 0, 0x80 + 4 * dword, 0], 4);
    const long = found("W25Q128JV", {}, { sfdp: "too-long" });
    expect([long.send([0x5a, 0, 0, 11, 0], 1), table(long, 9)]).toEqual([[16], [0xff, 0xff, 0xff, 0xff]]);
    expect(found("W25Q128JV", {}, { sfdp: "9-dwords" }).send([0x5a, 0, 0, 11, 0], 1)).toEqual([9]);
    expect(table(found("W25Q128JV", {}, { sfdp: "half-size" }), 1)).toEqual([0xff, 0xff, 0xff, 0x03]);
    const half = found("W25Q128JV", {}, { cellsBytes: 8 * 1024 * 1024 });
    half.chip.load(0x10, Uint8Array.of(7));
    expect(half.send(at(0x03, 0x800010), 1)).toEqual([7]);
    expect(half.rules).toEqual([]);
  });

  it("an MX25L3205A erases 64 KiB by 20h and has the ID of an MX25L3233F", () => {
    const bus = found("MX25L3205A", {});
    expect(bus.send([0x9f], 3)).toEqual([0xc2, 0x20, 0x16]);
    expect(bus.send([0x5a, 0, 0, 0, 0], 2)).toEqual([0xff, 0xff]);
    bus.chip.load(0x1ffff, Uint8Array.of(0));
    bus.send([0x06]);
    bus.send(at(0x20, 0x12345));
    bus.ready();
    expect(isBlank(bus, 0x1ffff, 1)).toBe(true);
  });
});

it.each<[string, FoundChip, ChipOddities, RegExp]>([
  ["AT25SF041", { isFourByteMode: true }, {}, /no mode of four address bytes/],
  ["W25Q128JV", { bank: 1 }, {}, /no extended address register/],
  ["W25Q256JV", { bank: 2 }, {}, /reaches 2 banks/],
  ["AT25SF041", { hasBlockLocks: true }, {}, /no locks of single blocks/],
  ["MX25L3205A", { suspended: { kind: "erase", address: 0 } }, {}, /cannot suspend/],
  ["W25Q128JV", { isInQpi: true }, {}, /QPI/],
  ["AT25DF081A", { continuousRead: "bb" }, {}, /no continuous read by BBh/],
  ["W25Q128JV", { hasStickyError: true }, {}, /no error bits that stay/],
  ["MX25L3205A", {}, { status2Cleared: true }, /no second status register/],
  ["MX25L3205A", {}, { sfdp: "half-size" }, /no SFDP area/],
  ["W25Q128JV", {}, { cellsBytes: 3_000_000 }, /power of two/],
  ["W25Q64FV", { isAsleep: true, busyMs: 5 }, {}, /asleep is neither at work/],
  ["W25Q64FV", { continuousRead: "bb", busyMs: 5 }, {}, /does not read on/],
  ["AT45DB041E", { isInQpi: true }, {}, /an AT45/],
])("%s refuses %j %j, which it cannot have", (name, state, odd, reason) => {
  expect(() => createChip(name, { found: state, odd })).toThrow(reason);
});
