/** Journals from anywhere: whatever a line says, with a check that fits, it is either sound or refused with its number. */
import { describe, expect, it } from "vitest";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { JournalDamage } from "../../src/journal/journal-line.ts";
import { parseJournal } from "../../src/journal/read-journal.ts";
import { createRandom } from "../../src/sim/random.ts";
import { effort } from "../support/effort.ts";
import { oldPieces } from "./support/old-pieces.ts";

const JOB = {
  kind: "job",
  v: 1,
  command: "write",
  image: { file: "/image", base: 0, sha256: "0".repeat(64) },
  address: 0,
  lengthBytes: 64,
  chip: { name: "AT25SF041", jedecId: "1f8401", uniqueId: "" },
  beside: [{ address: 0, lengthBytes: 1, check: 1 }],
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

it("what this program writes is read", async () => {
  const read = parseJournal(file(JOB, HOLD, { kind: "done", digests: [] }));
  expect(read.state).toBe("done");
  expect(await oldPieces(read)).toEqual([{ address: 1, data: Uint8Array.of(1, 2, 3, 1) }]);
});

const ENDLESS = { address: Number.MAX_SAFE_INTEGER, lengthBytes: 1 };

function withProtection(change: object): object {
  return { ...JOB, protection: { ranges: [], registers: [], heldBy: "", lockedBy: "", ...change } };
}

const STREAM = { ...JOB, command: "stream", stream: { bufferBytes: 512, writeBlockBytes: 1 } };

describe("refused, with the line and the reason", () => {
  it.each<[string, number, RegExp, ...unknown[]]>([
    ["nothing", 1, /contains no job/],
    ["no job first", 1, /is not a job/, HOLD],
    ["a second job", 2, /a second job/, JOB, JOB],
    ["a future version", 1, /another version/, { ...JOB, v: 2 }],
    ["an unknown command", 1, /is not a job/, { ...JOB, command: "format" }],
    ["a write without an image", 1, /the image does not match/, { ...JOB, image: undefined }],
    ["an erase with an image", 1, /the image does not match/, { ...JOB, command: "erase" }],
    ["a stream without its setup", 1, /the stream does not match/, { ...JOB, command: "stream" }],
    ["a write with the setup of a stream", 1, /the stream does not match/, { ...STREAM, command: "write" }],
    [
      "a buffer that is too large",
      1,
      /bufferBytes is not a number from 0 to 16777216/,
      withStream({ bufferBytes: 16_777_217 }),
    ],
    [
      "a write block that is too large",
      1,
      /writeBlockBytes is not a number/,
      withStream({ writeBlockBytes: 16_777_217 }),
    ],
    ["a hash that is none", 1, /not a SHA-256/, withImage({ sha256: "../../etc/passwd" })],
    ["a hash with something before it", 1, /not a SHA-256/, withImage({ sha256: `x${"0".repeat(64)}` })],
    ["a hash with something behind it", 1, /not a SHA-256/, withImage({ sha256: `${"0".repeat(64)}x` })],
    ["a file that is a number", 1, /file is not text/, withImage({ file: 1 })],
    ["a format that is a number", 1, /format is not text/, withImage({ format: 1 })],
    ["a length that is a text", 1, /lengthBytes is not a number/, withImage({ lengthBytes: "1" })],
    ["an address below zero", 1, /address is not a number/, { ...JOB, address: -1 }],
    ["an address with a fraction", 1, /address is not a number/, { ...JOB, address: 0.5 }],
    ["an address that is a text", 1, /address is not a number/, { ...JOB, address: "0" }],
    ["a range that ends nowhere", 1, /no valid end/, { ...JOB, address: Number.MAX_SAFE_INTEGER }],
    ["a chip that is a text", 1, /it is not a record/, { ...JOB, chip: "AT25SF041" }],
    ["a chip that is nothing", 1, /it is not a record/, { ...JOB, chip: null }],
    ["a flag that is a number", 1, /keepsOld is neither/, { ...JOB, keepsOld: 1 }],
    ["protection that is a text", 1, /it is not a record/, { ...JOB, protection: "all" }],
    ["protection of a range that ends nowhere", 1, /no valid end/, withProtection({ ranges: [ENDLESS] })],
    ["a register without a name", 1, /name is not text/, withProtection({ registers: [{ value: 1 }] })],
    ["a register below zero", 1, /value is not a number/, withProtection({ registers: [{ name: "SR1", value: -1 }] })],
    ["protection by a number", 1, /heldBy is not text/, withProtection({ heldBy: 1 })],
    ["protection without a lock", 1, /lockedBy is not text/, withProtection({ lockedBy: undefined })],
    ["options that are numbers", 1, /connection contains something/, { ...JOB, connection: [1] }],
    ["options that are a text", 1, /connection is not a list/, { ...JOB, connection: "--port" }],
    ["a process without a number", 1, /pid is not a number/, { ...JOB, process: { started: "" } }],
    ["no JSON", 2, /not JSON/, JOB, "{"],
    ["a number", 2, /it is not a record/, JOB, "1"],
    ["a list", 2, /it is not a record/, JOB, "[]"],
    ["an unknown kind", 2, /it is not a record/, JOB, { kind: "chip-erase" }],
    ["units that are none", 2, /it is not a record/, JOB, { kind: "hold", units: [1] }],
    ["a piece behind its unit", 2, /a piece is outside/, JOB, holdWith({ address: 7, data: "AQID" })],
    ["a piece before its unit", 2, /a piece is outside/, JOB, holdAt(8, { address: 7, data: "AQ==" })],
    ["a piece on another one", 2, /a piece is outside/, JOB, holdWith({ address: 4, data: "AQID" })],
    ["pieces that overlap in any order", 2, /a piece is outside/, JOB, holdWith({ address: 0, data: "AQI=" })],
    ["an empty piece", 2, /a piece is outside/, JOB, holdWith({ address: 6, data: "" })],
    ["data that is no base64", 2, /not base64/, JOB, holdWith({ address: 6, data: "A" })],
    ["data with something behind it", 2, /not base64/, JOB, holdWith({ address: 6, data: "AQ==!" })],
    [
      "a blank value above a byte",
      2,
      /value is not a number from 0 to 255/,
      JOB,
      { kind: "blank", value: 256, ranges: [] },
    ],
    ["a check above 32 bits", 2, /check is not a number/, JOB, doneWith(2 ** 32)],
  ])("%s", (_, line, why, ...lines) => {
    let damage: unknown;
    try {
      parseJournal(file(...lines));
    } catch (error) {
      damage = error;
    }
    expect(damage).toBeInstanceOf(JournalDamage);
    expect(damage).toMatchObject({ line, message: expect.stringMatching(why) as unknown });
  });

  it("the largest that is allowed is read", () => {
    expect(() => parseJournal(file(withStream({ bufferBytes: 16_777_216 }), doneWith(2 ** 32 - 1)))).not.toThrow();
  });
});

it("a key that a prototype has is a key like any other", () => {
  expect(() => parseJournal(file(JOB, '{"kind":"release","__proto__":{"address":0}}'))).toThrow(JournalDamage);
  expect(() => parseJournal(file('{"__proto__":null,"constructor":1}'))).toThrow(JournalDamage);
});

const runs = Number(process.env["NORBRIDGE_JOURNAL_RUNS"] ?? effort(5_000, 100_000));

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

function withStream(stream: object): object {
  return { ...STREAM, stream: { ...STREAM.stream, ...stream } };
}

function withImage(image: object): object {
  return { ...JOB, image: { ...JOB.image, ...image } };
}

function doneWith(check: number): object {
  return { kind: "done", digests: [{ address: 0, lengthBytes: 1, check }] };
}

function holdAt(address: number, piece: object): object {
  return { kind: "hold", units: [{ address, lengthBytes: 8, pieces: [piece] }] };
}

function holdWith(piece: object): object {
  const [unit] = HOLD.units;
  return { kind: "hold", units: [{ ...unit, pieces: [...(unit?.pieces ?? []), piece] }] };
}
