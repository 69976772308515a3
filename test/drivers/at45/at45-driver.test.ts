/** The exact steps that the AT45 driver sends, above all which of its buffers is used while a page programs. */
import { describe, expect, test } from "vitest";
import { descriptorByName } from "../../../drivers/catalog/catalog.ts";
import { createDriver } from "../../../drivers/create-driver.ts";
import { createAt45Driver } from "../../../drivers/at45/at45-driver.ts";
import { AT45DB_ROWS, at45WithPageBytes } from "../../../drivers/catalog/at45db.ts";
import { hex, listing, ran, SKIPPED, TIMEOUT } from "../step-text.ts";

const LIMITS = { maxSendBytes: 300, maxReceiveBytes: 256 };
const DB041E = part("AT45DB041E");
const PROGRAM_POLL = "poll d7 &80=80 every 0 us, 150 ms";

function part(name: string) {
  return AT45DB_ROWS.find((candidate) => candidate.name === name)!.descriptor();
}

function make(name: string, pageBytes?: number) {
  const standard = part(name);
  return createAt45Driver(pageBytes === undefined ? standard : at45WithPageBytes(standard, pageBytes)!, LIMITS);
}

/** A full page of one value as the listing shows it: head and tail. */
function short(lines: readonly string[]): string[] {
  return lines.map((line) => (line.length > 60 ? `${line.slice(0, 17)} .. ${line.split(" ").length}` : line));
}

const page = (value: number) => new Uint8Array(264).fill(value);

describe("what goes over the wire", () => {
  test("full pages load one buffer while the other programs", () => {
    const driver = make("AT45DB041E");
    const rows = [0, 1, 2].map((index) => short(listing(driver.programPage(index * 264, page(index)))));
    expect(rows).toEqual([
      ["84 00 00 00 00 00 .. 268", PROGRAM_POLL, "88 00 00 00"],
      ["87 00 00 00 01 01 .. 268", PROGRAM_POLL, "89 00 02 00"],
      ["84 00 00 00 02 02 .. 268", PROGRAM_POLL, "88 00 04 00"],
    ]);
    expect(listing(driver.settle!())).toEqual([PROGRAM_POLL, "d7 > 2"]);
  });

  test("where pages are left out, the buffer in use is still left alone", () => {
    const driver = make("AT45DB041E");
    const loads = [0, 2, 4, 5, 8].map((index) => hex(transferAt(driver.programPage(index * 264, page(0)).steps[0]!)));
    expect(loads.map((send) => send.slice(0, 2))).toEqual(["84", "87", "84", "87", "84"]);
    driver.settle!();
    expect(hex(transferAt(driver.programPage(2 * 264, page(0)).steps[0]!)).slice(0, 2)).toBe("84");
  });

  test("a part of a page fetches the page first: the buffer holds other bytes", () => {
    const driver = make("AT45DB041E");
    expect(listing(driver.programPage(264 + 260, Uint8Array.of(1, 2, 3, 4)))).toEqual([
      PROGRAM_POLL,
      "55 00 02 00",
      "poll d7 &80=80 every 0 us, 8 ms",
      "87 00 01 04 01 02 03 04",
      "89 00 02 00",
    ]);
  });

  test("a part with one buffer waits before it loads", () => {
    const driver = make("AT45DB021D");
    expect(short(listing(driver.programPage(264, page(0))))).toEqual([
      PROGRAM_POLL,
      "84 00 00 00 00 00 .. 268",
      "88 00 02 00",
    ]);
    expect(listing(driver.settle!())).toEqual([PROGRAM_POLL]);
  });

  test("a page longer than a transfer is loaded in pieces", () => {
    const steps = short(listing(make("AT45DB161E").programPage(528, new Uint8Array(528))));
    expect(steps).toEqual(["87 00 00 00 00 00 .. 300", "87 00 01 28 00 00 .. 236", PROGRAM_POLL, "89 00 04 00"]);
  });

  test.each([
    ["page", 264 * 3, ["81 00 06 00", "poll d7 &80=80 every 500 us, 150 ms", "d7 > 2"]],
    ["8-page block", 264 * 8, ["50 00 10 00", "poll d7 &80=80 every 500 us, 450 ms", "d7 > 2"]],
    ["sector", 0, ["7c 00 00 00", "poll d7 &80=80 every 500 us, 30000 ms", "d7 > 2"]],
    ["sector", 264 * 8, ["7c 00 10 00", "poll d7 &80=80 every 500 us, 30000 ms", "d7 > 2"]],
    ["sector", 264 * 256, ["7c 02 00 00", "poll d7 &80=80 every 500 us, 30000 ms", "d7 > 2"]],
    ["chip", 0, ["c7 94 80 9a", "poll d7 &80=80 every 500 us, 150000 ms", "d7 > 2"]],
  ])("erase of a %s at %i", (name, address, steps) => {
    const driver = make("AT45DB041E");
    const unit = driver.geometry.eraseUnits.find((candidate) => candidate.name === name)!;
    expect(listing(driver.erase(address, unit))).toEqual(steps);
  });

  test("reads and digests run on across pages of 264 bytes", () => {
    const driver = make("AT45DB041E");
    expect(listing(driver.read({ address: 260, lengthBytes: 300 }))).toEqual([
      "0b 00 01 04 00 > 256",
      "0b 00 02 fc 00 > 44",
    ]);
    expect(listing(driver.digest({ address: 265, lengthBytes: 540_000 }))).toEqual(["digest 0b 00 02 01 00 > 540000"]);
  });

  test("256-byte pages are linear", () => {
    const driver = make("AT45DB041E", 256);
    expect(driver.geometry.capacityBytes).toBe(524_288);
    expect(listing(driver.read({ address: 0x12345, lengthBytes: 1 }))).toEqual(["0b 01 23 45 00 > 1"]);
    expect(short(listing(driver.programPage(0x100, new Uint8Array(256))))[2]).toBe("89 00 01 00");
  });
});

describe("what the answers mean", () => {
  const driver = make("AT45DB041E");
  const sector = driver.geometry.eraseUnits[2]!;

  test("the error bit of byte 2 ends erases and settles", () => {
    expect(driver.settle!().decode(ran(0x9c, [0x9c, 0x88]))).toBe("done");
    expect(driver.settle!().decode(ran(0x9c, [0x9c, 0xa8]))).toBe("program-failed");
    expect(driver.erase(0, sector).decode(ran([], 0x9c, [0x9c, 0xa8]))).toBe("erase-failed");
    expect(driver.erase(0, sector).decode([...ran([]), TIMEOUT, SKIPPED])).toBe("timeout");
    expect(make("AT45DB041D").settle!().decode(ran(0x9c))).toBe("done");
  });

  test.each([
    // enabled, protection byte 0 and 1, lockdown byte 0 and 7, protected pages
    ["all registers set but not enabled", 0x9c, [0xff, 0xff], [0, 0], []],
    ["enabled: 0a and 0b and sector 1 are one range", 0x9e, [0xf0, 0xff], [0, 0], [[0, 512]]],
    ["enabled: 0b only", 0x9e, [0x30, 0x00], [0, 0], [[8, 248]]],
    [
      "lockdown counts without being enabled",
      0x9c,
      [0, 0],
      [0xc0, 0xff],
      [
        [0, 8],
        [1792, 256],
      ],
    ],
  ])("protection: %s", (_, status, protection, lockdown, pages) => {
    const registers = [
      [protection[0]!, protection[1]!, 0, 0, 0, 0, 0, 0],
      [lockdown[0]!, 0, 0, 0, 0, 0, 0, lockdown[1]!],
    ] as const;
    const program = driver.protection();
    expect(listing(program)).toEqual(["d7 > 1", "32 00 00 00 > 8", "35 00 00 00 > 8"]);
    const answer = program.decode(ran([status], registers[0], registers[1]));
    expect(answer.outcome).toBe("done");
    if (answer.outcome !== "done") return;
    expect(answer.value.ranges).toEqual(
      pages.map(([first, count]) => ({ address: first! * DB041E.pageBytes, lengthBytes: count! * DB041E.pageBytes })),
    );
  });
});

function transferAt(step: { readonly kind: string; readonly send?: Uint8Array }): Uint8Array {
  return step.send ?? new Uint8Array();
}

describe("sector protection", () => {
  const part = descriptorByName("AT45DB041E");
  if (part?.family !== "at45") throw new Error("it is not in the catalogue");
  const driver = createDriver(part, { maxSendBytes: 300, maxReceiveBytes: 256 });
  const control = driver.protectionControl;
  const whole = { address: 0, lengthBytes: part.geometry.capacityBytes };

  test("the register, which wears out, is written only where it says something else", () => {
    const { sectors } = part;
    const protection = [0xf0, ...Array.from({ length: sectors.otherCount }, () => 0xff)];
    const registers = protection.map((value, index) => ({ name: `protection byte ${index}`, value }));
    const state = { ranges: [], heldBy: "", lockedBy: "", registers: [{ name: "status", value: 0xff }, ...registers] };
    const stepsFor = (changed: typeof registers): number => {
      const now = { ...state, registers: changed };
      const change = control?.protect(now, whole, "until-power-off");
      if (change === undefined || "choices" in change) return 0;
      return change.attempts.reduce((sum, attempt) => sum + (attempt.write(now)?.steps.length ?? 0), 0);
    };
    // Protection is enabled in bit 1 of the status.
    const enabling = { name: "status", value: 0xfd };
    expect(stepsFor(state.registers)).toBe(0);
    expect(stepsFor([enabling, ...registers])).toBe(1);
    const other = registers.map((one) => (one.name === "protection byte 3" ? { ...one, value: 0 } : one));
    expect(stepsFor([enabling, ...other])).toBe(5);
  });
});
