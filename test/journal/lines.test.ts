/** Every kind of line, there and back; what has to be on the disk before anything continues; what a journal reports of itself. */
import { describe, expect, it } from "vitest";
import { Journal, type JournalMedium } from "../../src/journal/journal.ts";
import { decodeLines, encodeLine, type JobRecord, type JournalLine } from "../../src/journal/journal-line.ts";
import { JournalSum } from "../../src/journal/journal-sum.ts";
import { parseJournal } from "../../src/journal/read-journal.ts";
import { oldPieces } from "./support/old-pieces.ts";

const SHA = "0123456789abcdef".repeat(4);
const ERASE: JobRecord = {
  v: 1,
  command: "erase",
  address: 0x1000,
  lengthBytes: 0x2000,
  chip: { name: "AT25SF041", jedecId: "1f8401", uniqueId: "00ff" },
  beside: [{ address: 1, lengthBytes: 2, check: 0xffffffff }],
  keepsOld: false,
  connection: ["--port", "/dev/ttyACM0"],
  process: { pid: 77, started: "123" },
};
const WRITE: JobRecord = { ...ERASE, command: "write", keepsOld: true, image: { file: "/a", base: 0, sha256: SHA } };
const NAMED: JobRecord = {
  ...WRITE,
  image: { file: "-", format: "hex", base: 0x10000000, lengthBytes: 9, sha256: SHA },
};
const STREAM: JobRecord = { ...WRITE, command: "stream", stream: { bufferBytes: 1 << 24, writeBlockBytes: 8 } };
const LIFTED: JobRecord = {
  ...ERASE,
  protection: {
    ranges: [{ address: 0, lengthBytes: 65_536 }],
    registers: [{ name: "SR1", value: 0x24 }],
    heldBy: "BP bits",
    lockedBy: "",
  },
};
const unit = { address: 0, lengthBytes: 8, pieces: [{ address: 6, data: Uint8Array.of(1, 2) }] };
const withOld = { ...unit, old: [{ address: 0, data: Uint8Array.of(0, 255, 254) }] };

const LINES: readonly JournalLine[] = [
  ...[ERASE, WRITE, NAMED, STREAM, LIFTED].map((job): JournalLine => ({ kind: "job", job })),
  { kind: "hold", units: [unit, { address: 8, lengthBytes: 8, pieces: [] }] },
  { kind: "hold", units: [withOld] },
  { kind: "blank", value: 0xff, ranges: [{ address: 3, lengthBytes: 5 }] },
  { kind: "release", address: 0 },
  { kind: "progress", bytesWritten: 4096 },
  { kind: "undo" },
  { kind: "done", digests: [{ address: 0, lengthBytes: 8, check: 0 }] },
];

it.each(LINES.map((line) => [line.kind, line] as const))("%s, there and back", (_, line) => {
  expect([...decodeLines(encodeLine(line))]).toEqual([line]);
});

it("an empty line is damaged, and nothing is not", () => {
  expect(() => [...decodeLines(Buffer.from("\n"))]).toThrow("its checksum is wrong");
  expect([...decodeLines(new Uint8Array())]).toEqual([]);
});

/** Remembers what was durable. */
class Watched implements JournalMedium {
  readonly seen: string[] = [];
  bytes = new Uint8Array();
  isClosed = false;
  append(line: Uint8Array, isDurable: boolean): void {
    const [decoded] = decodeLines(line);
    this.seen.push(`${decoded?.kind ?? ""} ${isDurable ? "durable" : "soon"}`);
    this.bytes = new Uint8Array(Buffer.concat([this.bytes, line]));
  }
  close(): void {
    this.isClosed = true;
  }
}

describe("a journal that is written", () => {
  it("waits for the disk wherever something could be lost, and not where it could only be done twice", () => {
    const medium = new Watched();
    const journal = Journal.begin(medium, WRITE);
    journal.hold([withOld]);
    journal.blank([{ address: 8, lengthBytes: 4 }], 0xff);
    journal.blank([], 0xff);
    journal.release(0);
    journal.progress(5);
    journal.beginUndo();
    journal.done([]);
    journal.close();
    expect(medium.seen).toEqual([
      "job durable",
      "hold durable",
      "blank durable",
      "release soon",
      "progress durable",
      "undo durable",
      "done durable",
    ]);
    expect(medium.isClosed).toBe(true);
  });

  it("knows what it holds, also when it goes on with what was left", () => {
    const medium = new Watched();
    const journal = Journal.begin(medium, WRITE);
    expect([journal.isOfUse, journal.keepsOld, journal.isUndoing, journal.held]).toEqual([false, true, false, []]);
    journal.hold([withOld]);
    journal.blank([{ address: 8, lengthBytes: 4 }], 0xff);
    expect([journal.holds(0), journal.holds(8), journal.isOfUse]).toEqual([true, false, true]);
    expect(journal.oldRanges).toEqual([
      { address: 0, lengthBytes: 3 },
      { address: 6, lengthBytes: 6 },
    ]);
    journal.progress(12);
    const read = parseJournal(medium.bytes);
    const next = Journal.goOn(medium, read);
    expect([next.held, next.bytesWritten, next.keepsOld, next.isUndoing]).toEqual([[unit], 12, true, false]);
    expect(next.oldRanges).toEqual(journal.oldRanges);
    next.beginUndo();
    expect(next.isUndoing).toBe(true);
    expect(parseJournal(medium.bytes).state).toBe("undoing");
    expect(Journal.goOn(medium, parseJournal(medium.bytes)).isUndoing).toBe(true);
  });

  it("is of use for what is in hand, for an undo, for a stream, each alone", () => {
    const uses = (line: Exclude<JournalLine, { kind: "job" }>): boolean => {
      const sum = new JournalSum("units", true);
      sum.add(line);
      return sum.isOfUse;
    };
    expect(uses({ kind: "hold", units: [{ address: 0, lengthBytes: 8, pieces: [] }] })).toBe(true);
    expect(uses({ kind: "blank", value: 255, ranges: [{ address: 0, lengthBytes: 1 }] })).toBe(true);
    expect(uses({ kind: "progress", bytesWritten: 1 })).toBe(true);
    expect(uses({ kind: "progress", bytesWritten: 0 })).toBe(false);
    expect(uses({ kind: "release", address: 0 })).toBe(false);
    expect(uses({ kind: "undo" })).toBe(false);
  });

  it("counts places around the target only if the job can be taken back", () => {
    const pieces = Array.from({ length: 9000 }, (_, index) => ({ address: 2 * index, data: Uint8Array.of(1) }));
    const counts = [true, false].map((keepsOld) => {
      const sum = new JournalSum("units", keepsOld);
      sum.add({ kind: "hold", units: [{ address: 0, lengthBytes: 18_000, pieces }] });
      return [sum.hasMoreRangesThan(4000), sum.oldRanges.length, sum.held[0]?.pieces.length];
    });
    expect(counts).toEqual([
      [true, 9000, 9000],
      [false, 0, 9000],
    ]);
  });

  it("in memory keeps nothing old, and writes nowhere", () => {
    const journal = Journal.inMemory();
    journal.hold([unit]);
    expect([journal.keepsOld, journal.held]).toEqual([false, [unit]]);
    journal.close();
  });

  it("keeps the bytes of a unit once, as long as it is in hand", () => {
    const medium = new Watched();
    const journal = Journal.begin(medium, WRITE);
    journal.hold([withOld]);
    const once = medium.bytes.length;
    journal.hold([{ ...withOld, pieces: [{ address: 6, data: Uint8Array.of(9, 9) }] }]);
    expect(parseJournal(medium.bytes).held).toEqual([unit]);
    journal.release(0);
    journal.hold([withOld]);
    expect(parseJournal(medium.bytes).held).toEqual([unit]);
    expect(medium.bytes.length).toBeGreaterThan(2 * once - encodeLine({ kind: "job", job: WRITE }).length);
  });
});

it("what was there before is what is known first of each byte, in one piece where it touches", async () => {
  const lines: readonly JournalLine[] = [
    { kind: "job", job: WRITE },
    { kind: "blank", value: 0xff, ranges: [{ address: 4, lengthBytes: 2 }] },
    {
      kind: "hold",
      units: [{ address: 0, lengthBytes: 8, pieces: [{ address: 2, data: Uint8Array.of(1, 2, 3, 4, 5) }] }],
    },
    { kind: "hold", units: [{ address: 16, lengthBytes: 8, pieces: [{ address: 20, data: Uint8Array.of(7) }] }] },
  ];
  const file = new Uint8Array(Buffer.concat(lines.map(encodeLine)));
  expect(await oldPieces(parseJournal(file))).toEqual([
    { address: 2, data: Uint8Array.of(1, 2, 0xff, 0xff, 5) },
    { address: 20, data: Uint8Array.of(7) },
  ]);
  const without = [{ kind: "job" as const, job: ERASE }, ...lines.slice(1)];
  expect(await oldPieces(parseJournal(new Uint8Array(Buffer.concat(without.map(encodeLine)))))).toEqual([]);
  expect(parseJournal(file).held.map(({ address }) => address)).toEqual([0, 16]);
});
