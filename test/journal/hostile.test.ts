/** Journals from anywhere: whatever a line says, with a check that fits, it is either sound or refused with its number. */
import { describe, expect, it } from "vitest";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { JournalDamage } from "../../src/journal/journal-line.ts";
import { parseJournal } from "../../src/journal/read-journal.ts";
import { createRandom } from "../../src/sim/random.ts";
import { effort } from "../support/effort.ts";

const JOB = {
  kind: "job",
  v: 1,
  command: "write",
  image: { file: "/image", base: 0, sha256: "0".repeat(64) },
  address: 0,
  lengthBytes: 64,
  chip: { name: "AT25SF041", jedecId: "1f8401", uniqueId: "" },
  beside: [{ address: 0, lengthBytes: 1, crc32: 1 }],
  keepsOld: true,
  connection: ["--port", "tcp://localhost:1"],
  process: { pid: 1, started: "" },
};
const HOLD = {
  kind: "hold",
  units: [{ address: 0, lengthBytes: 8, pieces: [{ address: 1, data: "AQID" }], old: [{ address: 4, data: "AQ==" }] }],
};

function file(...lines: readonly unknown[]): Uint8Array {
  const text = lines.map((line) => {
    const json = typeof line === "string" ? line : JSON.stringify(line);
    return `${crc32(Buffer.from(json)).toString(16).padStart(8, "0")} ${json}\n`;
  });
  return Buffer.from(text.join(""));
}

it("what this program writes is read", () => {
  const read = parseJournal(file(JOB, HOLD, { kind: "done", digests: [] }));
  expect(read.state).toBe("done");
  expect(read.old).toEqual([{ address: 1, data: Uint8Array.of(1, 2, 3, 1) }]);
});

describe("refused, with the line", () => {
  it.each<[string, number, ...unknown[]]>([
    ["nothing", 1],
    ["no job first", 1, HOLD],
    ["a second job", 2, JOB, JOB],
    ["a future version", 1, { ...JOB, v: 2 }],
    ["an unknown command", 1, { ...JOB, command: "format" }],
    ["a write without an image", 1, { ...JOB, image: undefined }],
    ["a stream without its setup", 1, { ...JOB, command: "stream" }],
    ["a hash that is none", 1, { ...JOB, image: { ...JOB.image, sha256: "../../etc/passwd" } }],
    ["an address below zero", 1, { ...JOB, address: -1 }],
    ["an address with a fraction", 1, { ...JOB, address: 0.5 }],
    ["a range that ends nowhere", 1, { ...JOB, address: Number.MAX_SAFE_INTEGER }],
    ["a chip that is a text", 1, { ...JOB, chip: "AT25SF041" }],
    ["options that are numbers", 1, { ...JOB, connection: [1] }],
    ["a process without a number", 1, { ...JOB, process: { started: "" } }],
    ["no JSON", 2, JOB, "{"],
    ["a number", 2, JOB, "1"],
    ["a list", 2, JOB, "[]"],
    ["an unknown kind", 2, JOB, { kind: "chip-erase" }],
    ["units that are none", 2, JOB, { kind: "hold", units: [1] }],
    ["a piece beside its unit", 2, JOB, holdWith({ address: 7, data: "AQID" })],
    ["a piece on another one", 2, JOB, holdWith({ address: 4, data: "AQID" })],
    ["an empty piece", 2, JOB, holdWith({ address: 6, data: "" })],
    ["data that is no base64", 2, JOB, holdWith({ address: 6, data: "A" })],
    ["a blank value above a byte", 2, JOB, { kind: "blank", value: 256, ranges: [] }],
    ["a check above 32 bits", 2, JOB, { kind: "done", digests: [{ address: 0, lengthBytes: 1, crc32: 2 ** 32 }] }],
  ])("%s", (_, line, ...lines) => {
    let damage: unknown;
    try {
      parseJournal(file(...lines));
    } catch (error) {
      damage = error;
    }
    expect(damage).toBeInstanceOf(JournalDamage);
    expect(damage).toMatchObject({ line });
  });
});

it("a key that a prototype has is a key like any other", () => {
  expect(() => parseJournal(file(JOB, '{"kind":"release","__proto__":{"address":0}}'))).toThrow(JournalDamage);
  expect(() => parseJournal(file('{"__proto__":null,"constructor":1}'))).toThrow(JournalDamage);
});

const runs = effort(20_000, 100_000);

it(`${runs} journals that were changed anywhere, with checks that fit or not, are read or refused, nothing else`, () => {
  const random = createRandom("hostile journals");
  const sound = [JSON.stringify(JOB), JSON.stringify(HOLD), '{"kind":"release","address":0}'];
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const lines = sound.map((line) => (random.chance(0.5) ? line : changed(line)));
    try {
      parseJournal(file(...lines));
    } catch (error) {
      refused++;
      if (!(error instanceof JournalDamage)) throw error;
    }
  }
  expect(refused).toBeGreaterThan(runs / 2);

  function changed(line: string): string {
    const at = random.intBelow(line.length);
    const piece = random.pick([
      "",
      "0",
      "9",
      "-",
      ".",
      "e9",
      '"',
      "[",
      "]",
      "{",
      "}",
      ",",
      "null",
      "\u0000",
      "\n",
      "é",
    ]);
    return line.slice(0, at) + piece + line.slice(at + random.intBelow(3));
  }
});

function holdWith(piece: object): object {
  const [unit] = HOLD.units;
  return { kind: "hold", units: [{ ...unit, pieces: [...(unit?.pieces ?? []), piece] }] };
}
