/** The simulated AT45DB041E: its two buffers, its commands, sector protection and power-down. */
import { describe, expect, it } from "vitest";
import { createChip } from "../../../../src/sim/chip/chip-catalog.ts";
import { at, Bus, MS, US } from "../bus.ts";

const chip = (pageBytes: 256 | 264 = 264): Bus => new Bus(createChip("AT45DB041E", { times: "typical", pageBytes }));
/** Address of page and offset with 264-byte pages. */
const page = (number: number, offset = 0): number => (number << 9) | offset;
const full = (byte: number): number[] => new Array<number>(264).fill(byte);

describe("AT45DB041E", () => {
  it.each([
    [264, 0x9c],
    [256, 0x9d],
  ] as const)("with pages of %i bytes answers ID and status", (pageBytes, status) => {
    const bus = chip(pageBytes);
    expect(bus.send([0x9f], 5)).toEqual([0x1f, 0x24, 0x00, 0x01, 0x00]);
    expect(bus.send([0xd7], 4)).toEqual([status, 0x88, status, 0x88]);
    expect(bus.chip.geometry.capacityBytes).toBe(2048 * pageBytes);
    expect(bus.rules).toEqual([]);
  });

  it("programs a whole buffer into an erased page, and reads on across pages", () => {
    const bus = chip();
    bus.send(at(0x84, 0, ...full(0x11)));
    bus.send(at(0x88, page(3)));
    expect(bus.send([0xd7], 1)).toEqual([0x1c]);
    bus.ready();
    bus.send(at(0x87, 0, ...full(0x22)));
    bus.send(at(0x89, page(4)));
    bus.ready();
    expect(bus.send(at(0x0b, page(3, 262), 0), 4)).toEqual([0x11, 0x11, 0x22, 0x22]);
    expect(bus.send(at(0x03, page(3, 263)), 2)).toEqual([0x11, 0x22]);
    expect(bus.send([...at(0xd2, page(3, 262)), 0, 0, 0, 0], 3)).toEqual([0x11, 0x11, 0x11]);
    expect([...bus.chip.peek(3 * 264 + 263, 2)]).toEqual([0x11, 0x22]);
    expect(bus.rules).toEqual([]);
  });

  it("serves the idle buffer while the other programs, and nothing else", () => {
    const bus = chip();
    bus.send(at(0x84, 0, ...full(0x11)));
    bus.send(at(0x88, page(0)));
    bus.send(at(0x87, 0, 1, 2, 3));
    expect(bus.send(at(0xd6, 0, 0), 3)).toEqual([1, 2, 3]);
    expect(bus.rules).toEqual([]);
    bus.send(at(0x84, 0, 9));
    expect(bus.send(at(0x03, 0), 1)).toEqual([0xff]);
    expect(bus.rules).toEqual(["buffer-in-use", "command-while-busy"]);
    bus.ready();
    expect(bus.send(at(0xd4, 0, 0), 1)).toEqual([0x11]);
  });

  it("keeps old buffer content beside what is written: poison after power-up", () => {
    const bus = chip();
    bus.send(at(0x84, 10, 1, 2));
    expect(bus.send(at(0xd4, 8, 0), 5)).toEqual([0xa5, 0xa5, 1, 2, 0xa5]);
  });

  it("82h erases and programs the whole buffer, 02h only the bytes sent", () => {
    const bus = chip();
    bus.send(at(0x82, page(7), ...full(0x3c)));
    bus.ready();
    bus.send(at(0x02, page(7, 5), 0x0c));
    bus.ready();
    expect([...bus.chip.peek(7 * 264 + 4, 3)]).toEqual([0x3c, 0x0c, 0x3c]);
    expect(bus.rules).toEqual([]);
  });

  it("compares page and buffer, and rewrites a page with some bytes changed", () => {
    const bus = chip();
    bus.send(at(0x82, page(9), ...full(0x77)));
    bus.ready();
    bus.send(at(0x60, page(9)));
    bus.ready();
    expect(bus.send([0xd7], 1)[0]! & 0x40).toBe(0);
    bus.send(at(0x58, page(9, 100), 0xff));
    bus.ready();
    expect([...bus.chip.peek(9 * 264 + 99, 3)]).toEqual([0x77, 0xff, 0x77]);
    bus.send(at(0x84, 0, 0));
    bus.send(at(0x60, page(9)));
    bus.ready();
    expect(bus.send([0xd7], 1)[0]! & 0x40).toBe(0x40);
    bus.send(at(0x53, page(9)));
    bus.ready();
    expect(bus.send(at(0xd4, 0, 0), 1)).toEqual([0x77]);
    expect(bus.rules).toEqual([]);
  });

  it.each([
    [[0x81], page(17), 17, 1, 12 * MS],
    [[0x50], page(17), 16, 8, 30 * MS],
    [[0x7c], page(3), 0, 8, 700 * MS],
    [[0x7c], page(9), 8, 248, 700 * MS],
    [[0x7c], page(300), 256, 256, 700 * MS],
  ])("%j at %i erases pages from %i, %i of them", (opcode, address, first, count, ns) => {
    const bus = chip();
    bus.chip.load(0, new Uint8Array(2048 * 264));
    bus.send(at(opcode[0]!, address));
    expect(bus.chip.busyUntilNs - bus.nowNs).toBe(ns);
    bus.ready();
    const erased = Array.from({ length: 2048 }, (_, i) => i).filter((i) =>
      bus.chip.peek(i * 264, 264).every((byte) => byte === 0xff),
    );
    expect(erased).toEqual(Array.from({ length: count }, (_, i) => first + i));
    expect(bus.rules).toEqual([]);
  });

  it("erases the chip with four bytes and only with these", () => {
    const bus = chip();
    bus.chip.load(0, new Uint8Array(2048 * 264));
    bus.send([0xc7, 0x94, 0x80, 0x9b]);
    expect(bus.rules).toEqual(["unknown-opcode"]);
    bus.send([0xc7, 0x94, 0x80, 0x9a]);
    bus.ready();
    expect(bus.chip.peek(0, 2048 * 264).every((byte) => byte === 0xff)).toBe(true);
  });

  it("protects sectors while protection is on, and 0a apart from 0b", () => {
    const bus = chip();
    bus.send([0x3d, 0x2a, 0x7f, 0xcf]);
    bus.ready();
    bus.send([0x3d, 0x2a, 0x7f, 0xfc, 0xc0, 0, 0, 0, 0, 0, 0, 0xff]);
    bus.ready();
    expect(bus.send([0x32, 0, 0, 0], 8)).toEqual([0xc0, 0, 0, 0, 0, 0, 0, 0xff]);
    bus.send([0x3d, 0x2a, 0x7f, 0xa9]);
    expect(bus.send([0xd7], 1)).toEqual([0x9e]);
    for (const number of [0, 8, 256, 2047]) {
      bus.send(at(0x82, page(number), ...full(0)));
      bus.ready();
    }
    expect(bus.chip.violations.map(({ rule, address }) => [rule, address])).toEqual([
      ["write-while-protected", 0],
      ["write-while-protected", 2047 * 264],
    ]);
    bus.send([0x3d, 0x2a, 0x7f, 0x9a]);
    expect(bus.send([0xd7], 1)).toEqual([0x9c]);
    bus.chip.setPins({ wp: false });
    expect(bus.send([0xd7], 1)).toEqual([0x9e]);
  });

  it.each<[string, (bus: Bus) => unknown]>([
    ["offset-beyond-page", (bus) => bus.send(at(0x03, page(0, 264)), 1)],
    ["page-overrun", (bus) => bus.send(at(0x84, 260, 1, 2, 3, 4, 5))],
    ["short-command", (bus) => bus.send([0x88, 0, 0])],
    ["extra-bytes", (bus) => bus.send(at(0x81, 0, 0))],
    ["unknown-opcode", (bus) => bus.send([0x06])],
    ["unknown-opcode", (bus) => bus.send([0x3d, 1, 2, 3])],
    ["forbidden-one-time", (bus) => bus.send([0x3d, 0x2a, 0x80, 0xa6])],
    ["forbidden-one-time", (bus) => bus.send([0x3d, 0x2a, 0x7f, 0x30])],
    ["not-awake", (bus) => (bus.send([0x79]), bus.wait(10 * US).send([0xd7], 1))],
    ["program-zero-to-one", (bus) => (bus.chip.load(0, full0), bus.send(at(0x88, 0)))],
  ])("records %s %#", (rule, act) => {
    const bus = chip();
    act(bus);
    expect(bus.rules).toEqual([rule]);
  });

  it("wakes from deep power-down by ABh and from ultra-deep by any pulse", () => {
    const bus = chip();
    bus.send([0xb9]);
    bus.wait(10 * US);
    expect(bus.send([0x9f], 1)).toEqual([0xff]);
    bus.send([0xab]);
    bus.wait(40 * US);
    expect(bus.send([0x9f], 1)).toEqual([0x1f]);
    bus.send([0x79]);
    bus.wait(10 * US);
    bus.send([0xab]);
    bus.wait(200 * US);
    expect(bus.send([0x9f], 1)).toEqual([0x1f]);
    expect(bus.rules).toEqual([]);
  });
});

const full0 = new Uint8Array(264);
