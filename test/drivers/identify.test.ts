/** Which chip is found from its ID and its SFDP area. If they disagree on the size, neither is believed. */
import { describe, expect, test } from "vitest";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import { readAt45Status, readOldIds, readSfdp, wakeAndReadId, wantedQuestions } from "../../drivers/id-questions.ts";
import type { ChipProbe } from "../../drivers/identification.ts";
import { identify } from "../../drivers/identify.ts";
import { sfdpBytes } from "./sfdp/sfdp-dumps.ts";
import { ABORTED, listing, ran, SKIPPED } from "./step-text.ts";

function id(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(" ", "").padEnd(16, "0"), "hex"));
}

function probe(hex: string, more: Partial<ChipProbe> = {}): ChipProbe {
  return { idA: id(hex), idB: id(hex), ...more };
}

const at45Status = (byte: number) => ({ at45Status: Uint8Array.of(byte, 0x88) });

/** W25Q128JV's real area with another density, as bits minus one. */
function areaOf(capacityBytes: number): Uint8Array {
  const area = sfdpBytes("w25q128jv");
  new DataView(area.buffer).setUint32(0x84, capacityBytes * 8 - 1, true);
  return area;
}

describe("questions", () => {
  test("wake, then the ID twice, with ones between", () => {
    const program = wakeAndReadId();
    expect(listing(program)).toEqual(["ab", "delay 200 us", "9f > 8", "ff ff ff ff ff ff ff ff", "9f > 8"]);
    expect(program.decode(ran([], "delay", [1, 2], [], [3, 4]))).toEqual({
      outcome: "done",
      value: { idA: Uint8Array.of(1, 2), idB: Uint8Array.of(3, 4) },
    });
    expect(program.decode([...ran([], "delay"), ABORTED, SKIPPED])).toEqual({ outcome: "aborted" });
  });

  test("the SFDP area twice, cut to the bridge", () => {
    const program = readSfdp({ maxSendBytes: 300, maxReceiveBytes: 128 });
    expect(listing(program)).toEqual([
      "5a 00 00 00 00 > 128",
      "5a 00 00 80 00 > 128",
      "5a 00 00 00 00 > 128",
      "5a 00 00 80 00 > 128",
    ]);
    const area = new Uint8Array(256);
    area.set([0x53, 0x46, 0x44, 0x50]);
    const halves = [[...area.subarray(0, 128)], [...area.subarray(128)]] as const;
    expect(program.decode(ran(...halves, ...halves))).toEqual({ outcome: "done", value: area });
    const other = [0xff, ...halves[1].slice(1)];
    expect(program.decode(ran(...halves, halves[0], other))).toEqual({ outcome: "done", value: undefined });
    const blank = new Array<number>(128).fill(0xff);
    expect(program.decode(ran(blank, blank, blank, blank))).toEqual({ outcome: "done", value: undefined });
  });

  test.each([
    ["1f8401", ["sfdp"]],
    ["ef4018", ["sfdp"]],
    ["1f24000100", ["at45-status"]],
    ["1f2800", ["at45-status"]],
    ["ffffffffffffffff", []],
    ["0000000000000000", []],
    ["ff8401", []],
  ])("behind %s", (hex, questions) => {
    expect(wantedQuestions(id(hex))).toEqual(questions);
    expect(listing(readAt45Status())).toEqual(["d7 > 2"]);
  });
});

describe("found", () => {
  test.each<[string, ChipProbe, string, number]>([
    ["no SFDP area: the original", probe("1f8401"), "AT25SF041", 524_288],
    ["SFDP area: the B revision", probe("1f8401", { sfdp: areaOf(524_288) }), "AT25SF041B", 524_288],
    ["AT25SF321", probe("1f8701"), "AT25SF321", 4_194_304],
    ["W25Q64JV", probe("ef4017", { sfdp: areaOf(8_388_608) }), "W25Q64JV", 8_388_608],
    ["standard pages", probe("1f24000100", at45Status(0x9c)), "AT45DB041E", 540_672],
    ["binary pages", probe("1f24000100", at45Status(0x9d)), "AT45DB041E", 524_288],
    ["D revision", probe("1f240000", at45Status(0x9c)), "AT45DB041D", 540_672],
    ["1056-byte pages", probe("1f280000", at45Status(0xbc)), "AT45DB642D", 8_650_752],
    ["its namesake", probe("1f28000100", at45Status(0xbc)), "AT45DB641E", 8_650_752],
    ["only SFDP", probe("c22017", { sfdp: sfdpBytes("mx25l6436e") }), "SFDP c22017", 8_388_608],
  ])("%s", (_, answers, name, capacityBytes) => {
    const found = identify(answers);
    expect(found).toMatchObject({ kind: "found", descriptor: { name, geometry: { capacityBytes } } });
  });

  test("the chip's own area gives the times", () => {
    const found = identify(probe("1f8401", { sfdp: areaOf(524_288) }));
    if (found.kind !== "found") throw new Error(found.kind);
    expect(found.descriptor.geometry.eraseUnits[0]!.regions[0]!.typicalUs).toBe(64_000);
    expect(found.descriptor.maxSpiClockHz).toBe(108_000_000);
  });

  test("an area that is of no use is a note, if the ID is known", () => {
    const area = areaOf(524_288).subarray(0, 40);
    const found = identify(probe("1f8401", { sfdp: area }));
    expect(found).toMatchObject({ kind: "found", descriptor: descriptorByName("AT25SF041B") });
    if (found.kind === "found") expect(found.notes[0]).toMatch(/^its SFDP area cannot be used: /);
  });

  test("bytes behind a short ID may float", () => {
    expect(identify({ idA: id("1f8401ff"), idB: id("1f840100ff") })).toMatchObject({ kind: "found" });
  });
});

describe("not found", () => {
  test.each<[string, ChipProbe, string]>([
    ["an undriven line", probe("ffffffffffffffff"), "all bytes read FF"],
    ["stuck low", probe("0000000000000000"), "all bytes read 00"],
    ["stuck to a pattern", probe("5a5a5a5a5a5a5a5a"), "all bytes read 5A"],
    // C29.
    ["loose clip", { idA: id("1f8401"), idB: id("1f8400") }, "two reads differ: 1f8401 and 1f8400"],
    [
      "loose clip behind the ID of an AT45",
      { idA: id("1f24000100"), idB: id("1f24000000") },
      "two reads differ: 1f24000100 and 1f24000000",
    ],
  ])("missing: %s", (_, answers, pattern) => {
    expect(identify(answers)).toEqual({ kind: "missing", pattern });
  });

  test.each<[string, ChipProbe, RegExp]>([
    ["not in the catalogue", probe("123456"), /no SFDP area/],
    ["too big", probe("123419", { sfdp: sfdpBytes("n25q256a") }), /only 16 MiB/],
    ["one bit late", probe("0fc200"), /looks like 1f8401 read one bit late/],
    ["one bit early", probe("3f0802"), /looks like 1f8401 read one bit early/],
    ["AT45 not in the catalogue", probe("1f2700", at45Status(0x84)), /AT45 that is not in the catalogue/],
    ["AT45 without status", probe("1f24000100"), /was not read/],
    ["AT45 status of another size", probe("1f24000100", at45Status(0xff)), /status FF does not match/],
  ])("unknown: %s", (_, answers, reason) => {
    const result = identify(answers);
    expect(result.kind).toBe("unknown");
    if (result.kind === "unknown") expect(result.reason).toMatch(reason);
  });

  test("ambiguous: 642D and 641E without the bytes that tell them apart", () => {
    expect(identify(probe("1f2800ffff", at45Status(0xbc)))).toEqual({
      kind: "ambiguous",
      jedecId: "1f2800",
      names: ["AT45DB642D", "AT45DB641E"],
      difference: "page size: 1056 bytes (AT45DB642D) or 264 bytes (AT45DB641E)",
    });
  });
});

describe("the user names the part", () => {
  test("in any case of letters; the page size is still the chip's", () => {
    const found = identify(probe("1f24000100", at45Status(0x9d)), { chip: "at45db041e" });
    expect(found).toMatchObject({ kind: "found", descriptor: { name: "AT45DB041E", pageBytes: 256 } });
  });

  test("a name settles what the answers leave open", () => {
    const found = identify(probe("1f2800ffff", at45Status(0xbc)), { chip: "AT45DB641E" });
    expect(found).toMatchObject({ kind: "found", descriptor: { name: "AT45DB641E", pageBytes: 264 } });
    if (found.kind === "found") expect(found.notes.join()).toMatch(/it was specified/);
  });

  test.each<[string, ChipProbe, string, RegExp]>([
    ["an unknown name", probe("1f8401"), "AT25SF999", /no part is named AT25SF999/],
    ["another ID", probe("1f8401"), "AT25SF081", /AT25SF081 has the ID 1f8501, this chip 1f8401/],
    [
      "another extended ID",
      probe("1f28000100", at45Status(0xbc)),
      "AT45DB642D",
      /belong to AT45DB641E, not AT45DB642D/,
    ],
  ])("%s is refused", (_, answers, chip, reason) => {
    const result = identify(answers, { chip });
    expect(result.kind).toBe("unknown");
    if (result.kind === "unknown") expect(result.reason).toMatch(reason);
  });
});

describe("the area and the catalogue name two sizes", () => {
  const answers = probe("ef4017", { sfdp: areaOf(524_288) });

  test("neither is believed: both stand, the smaller first", () => {
    const result = identify(answers);
    expect(result).toMatchObject({ kind: "size-conflict", name: "W25Q64JV" });
    if (result.kind !== "size-conflict") return;
    expect(result.choices.map(({ descriptor }) => descriptor.geometry.capacityBytes)).toEqual([524_288, 8_388_608]);
    expect(result.choices[0].notes).toEqual(["its SFDP area specifies 524288 bytes, W25Q64JV has 8388608"]);
  });

  test.each([
    [524_288, "found"],
    [8_388_608, "found"],
    [4_194_304, "unknown"],
  ])("a size of %i that the user names: %s", (sizeBytes, kind) => {
    const result = identify(answers, { sizeBytes });
    expect(result.kind).toBe(kind);
    if (result.kind === "found") expect(result.descriptor.geometry.capacityBytes).toBe(sizeBytes);
    if (result.kind === "unknown")
      expect(result.reason).toMatch(/524288 bytes or 8388608 bytes, not the specified size/);
  });

  test("without a conflict a named size must be the chip's", () => {
    expect(identify(probe("1f8401"), { sizeBytes: 524_288 }).kind).toBe("found");
    expect(identify(probe("1f8401"), { sizeBytes: 1_048_576 }).kind).toBe("unknown");
  });
});

describe("a part of the user's own", () => {
  const part = descriptorByName("W25Q32JV")!;

  test("is taken where the chip answers its ID, whatever its area says", () => {
    const result = identify(probe("ef4016", { sfdp: areaOf(524_288) }), { part });
    expect(result).toMatchObject({ kind: "found", descriptor: part });
  });

  test("is refused where it does not", () => {
    expect(identify(probe("ef4017"), { part })).toMatchObject({ kind: "unknown" });
    expect(identify(probe("ffffff"), { part })).toMatchObject({ kind: "missing" });
  });
});

describe("a chip from before 9Fh", () => {
  test("has an ID for 15h or a signature for ABh", () => {
    const program = readOldIds();
    expect(listing(program)).toEqual(["15 > 2", "ab 00 00 00 > 1"]);
    expect(program.decode(ran([0x1f, 0x60], [0xff]))).toEqual({
      outcome: "done",
      value: { at25fId: Uint8Array.of(0x1f, 0x60), signature: 0xff },
    });
    const silent = probe("ffffffffffffffff");
    const at25f = identify({ ...silent, at25fId: Uint8Array.of(0x1f, 0x63), signature: 0xff });
    expect(at25f).toMatchObject({ kind: "unknown", jedecId: "1f63", cause: "old-id", reason: /AT25F/ });
    const signed = identify({ ...silent, at25fId: Uint8Array.of(0xff, 0xff), signature: 0x12 });
    expect(signed).toMatchObject({ kind: "unknown", jedecId: "12", cause: "old-id" });
    for (const [at25fId, signature] of [
      [Uint8Array.of(0xff, 0xff), 0xff],
      [Uint8Array.of(0x00, 0x00), 0x00],
      // Others have a status register there.
      [Uint8Array.of(0x60, 0x60), undefined],
    ] as const) {
      expect(identify({ ...silent, at25fId, signature })).toMatchObject({ kind: "missing" });
    }
  });

  test.each([
    ["1f12", "unknown"],
    ["ffff", "missing"],
    ["0000", "missing"],
    ["1f1f", "missing"],
  ])("that answers 90h with %s: %s", (legacy, kind) => {
    const result = identify({ ...probe("ffffff"), legacyId: Uint8Array.from(Buffer.from(legacy, "hex")) });
    expect(result.kind).toBe(kind);
    if (result.kind === "unknown") expect(result.reason).toMatch(/only for command 90h/);
  });
});
