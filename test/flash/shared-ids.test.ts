/** Chips whose ID belongs to several parts, on a strict model: nothing outside of a range changes, and no mode stays on. */
import { describe, expect, it } from "vitest";
import { sameBytes } from "../../src/bytes.ts";
import type { At25Part } from "../../src/sim/chip/at25/part.ts";
import { at25Part } from "../../src/sim/chip/at25/catalog-parts.ts";
import { createRandom } from "../../src/sim/random.ts";
import { sfdpBytes } from "../drivers/sfdp/sfdp-dumps.ts";
import { strangeChip } from "./strange-chip.ts";

const KIB = 1024;
const data = (seed: string, length: number): Uint8Array => createRandom(seed).bytes(length);

/** C01: 20h erases 64 KiB, 52h is not a command, and there is no SFDP area. */
function mx25l3205a(): At25Part {
  const part = at25Part("MX25L3233F");
  const block = part.erases.find(({ opcode }) => opcode === 0xd8);
  if (block === undefined) throw new Error("no block erase");
  return { ...part, name: "MX25L3205A", sfdp: undefined, erases: [{ ...block, opcode: 0x20 }, block] };
}

describe("MX25L3205A under the ID of MX25L3233F", () => {
  it("erases with D8h only, and nothing beside the range changes", async () => {
    const strange = strangeChip(mx25l3205a(), { seed: "cells" });
    const { chip, simulation } = strange;
    const before = chip.peek(0, 512 * KIB);
    const device = await strange.open();
    expect(device.doubts.length).toBe(2);
    expect(device.geometry.eraseUnits.map(({ name }) => name)).toEqual(["64 KiB block", "chip"]);
    await simulation.run(() => device.erase(64 * KIB, 64 * KIB));
    await simulation.run(() => device.program(64 * KIB, data("new", 3000)));
    expect(sameBytes(chip.peek(0, 64 * KIB), before.subarray(0, 64 * KIB))).toBe(true);
    expect(sameBytes(chip.peek(128 * KIB, 384 * KIB), before.subarray(128 * KIB))).toBe(true);
    expect(sameBytes(chip.peek(64 * KIB, 3000), data("new", 3000))).toBe(true);
    expect(strange.rules()).toEqual([]);
  });

  it("is what --chip says, if it says so", async () => {
    const strange = strangeChip(mx25l3205a(), { seed: "cells" });
    const device = await strange.open({ chip: "MX25L3205A" });
    expect(device.geometry.eraseUnits.map(({ name }) => name)).toEqual(["64 KiB block", "chip"]);
  });
});

/** C05: reads with four address bytes, but no program and no erase; its mode wants 06h. */
function w25q256fv(): At25Part {
  return {
    ...at25Part("W25Q256JV"),
    name: "W25Q256FV",
    sfdp: sfdpBytes("w25q256fv"),
    fourByteOpcodes: [0x13, 0x0c],
    addressMode: { opcodes: [0xb7, 0xe9], needsLatch: true },
  };
}

/** C48: no commands with four address bytes, only the mode (and the address register that the opening reads). */
function mx25l25635e(): At25Part {
  return {
    ...at25Part("W25Q256JV"),
    name: "MX25L25635E",
    jedecId: [0xc2, 0x20, 0x19],
    sfdp: sfdpBytes("mx25l25635e"),
    hasFourByteCommands: false,
    addressMode: { opcodes: [0xb7, 0xe9] },
    guard: { kind: "mask", mask: 0x3c },
    flags: { kind: "security-register" },
  };
}

const AT = 16 * 1024 * KIB + 0x12000;

describe.each([
  ["W25Q256FV", w25q256fv()],
  ["MX25L25635E", mx25l25635e()],
])("%s, above 16 MiB", (_, part) => {
  it.each([
    ["native", {}],
    ["serprog", { protocol: "serprog" }],
  ])("is erased, programmed, read and digested in its mode over %s", async (_protocol, settings) => {
    const strange = strangeChip(part, { settings });
    const { chip, simulation } = strange;
    chip.load(AT - 4096, data("old", 3 * 4096));
    chip.load(AT % (16 * 1024 * KIB), data("low", 4096));
    const device = await strange.open({ sizeBytes: part.capacityBytes });
    expect(device.notes.join("; ")).toMatch(/operated in 4-byte address mode/);
    const bytes = data("new", 600);
    await simulation.run(() => device.erase(AT, 4096));
    await simulation.run(() => device.program(AT + 100, bytes));
    expect(sameBytes(await simulation.run(() => device.read(AT + 100, 600)), bytes)).toBe(true);
    await simulation.run(() => device.digest(AT, 4096));
    expect(sameBytes(chip.peek(AT + 100, 600), bytes)).toBe(true);
    expect(sameBytes(chip.peek(AT - 4096, 4096), data("old", 4096))).toBe(true);
    expect(sameBytes(chip.peek(AT % (16 * 1024 * KIB), 4096), data("low", 4096))).toBe(true);
    await simulation.run(() => device.close());
    expect(chip.isInFourByteMode).toBe(false);
    expect(chip.violations.map(({ rule, opcode }) => `${rule} ${opcode.toString(16)}`)).toEqual([]);
  });

  it("leaves the mode after a run that was aborted, and finds it after one that was killed", async () => {
    const strange = strangeChip(part);
    const { chip, simulation } = strange;
    const device = await strange.open({ sizeBytes: part.capacityBytes });
    const stop = new AbortController();
    await simulation.run(async () => {
      const ops = Array.from({ length: 64 }, (__, at) => ({
        kind: "read" as const,
        address: AT + 4096 * at,
        lengthBytes: 4096,
      }));
      for await (const result of device.run(ops, { signal: stop.signal })) {
        if (result.kind === "read") stop.abort();
      }
    });
    await simulation.run(() => device.close());
    expect(chip.isInFourByteMode).toBe(false);
    // As a killed program leaves it.
    chip.presetFound({ isFourByteMode: true });
    const again = await strange.open({ sizeBytes: part.capacityBytes });
    await simulation.run(() => again.close());
    expect(chip.isInFourByteMode).toBe(false);
  });
});
