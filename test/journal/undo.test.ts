/** A job that keeps what it replaces can be taken back: at its end, and cut at every change of it, and cut again in that. */
import { describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import type { FlashDevice } from "../../src/flash/flash-device.ts";
import { carryOnErase, carryOnWrite } from "../../src/jobs/carry-on.ts";
import { Journal, type JournalMedium } from "../../src/journal/journal.ts";
import type { JobRecord } from "../../src/journal/journal-line.ts";
import { parseJournal } from "../../src/journal/read-journal.ts";
import { takeBack } from "../../src/journal/take-back.ts";
import { createRandom } from "../../src/sim/random.ts";
import { NorDouble, TOY } from "../jobs/support/nor-double.ts";
import { dyingAfter } from "./support/dying-device.ts";
import { effort } from "../support/effort.ts";

const JOB: JobRecord = {
  v: 1,
  command: "write",
  image: { file: "/image", base: 0, sha256: "0".repeat(64) },
  address: 0,
  lengthBytes: 1,
  chip: { name: "double", jedecId: "", uniqueId: "" },
  beside: [],
  keepsOld: true,
  connection: [],
  process: { pid: 1, started: "0" },
};
const REQUEST = { offset: 0, verify: true, assumeBlank: false, retries: 1 };
const CONTEXT = { clock: realClock };

/** A file in memory. */
class Lines implements JournalMedium {
  bytes = new Uint8Array();
  append(line: Uint8Array): void {
    this.bytes = new Uint8Array(Buffer.concat([this.bytes, line]));
  }
  close(): void {
    // Nothing is open.
  }
}

async function undo(device: FlashDevice, lines: Lines): Promise<void> {
  const read = parseJournal(lines.bytes);
  const journal = Journal.goOn(lines, read);
  journal.beginUndo();
  await takeBack(device, read.old, journal.held, { ...REQUEST, safe: journal }, CONTEXT);
}

type Job = (device: FlashDevice, journal: Journal) => Promise<unknown>;

const data = createRandom("new").bytes(70);
const image = memoryImage("image", [
  { address: 5, data: data.slice(0, 30) },
  { address: 60, data: data.slice(30) },
]);
const write: Job = (device, journal) =>
  carryOnWrite(device, image, journal.held, { ...REQUEST, safe: journal }, CONTEXT);
const erase: Job = (device, journal) =>
  carryOnErase(device, { address: 9, lengthBytes: 50 }, journal.held, { safe: journal }, CONTEXT);

/** Some blocks blank, some full: what is only programmed has to be taken back as well. */
const old = createRandom("old")
  .bytes(TOY.capacityBytes)
  .map((byte, i) => (Math.floor(i / 16) % 2 === 0 ? byte : 0xff));

describe.each([
  ["a write", write],
  ["an erase", erase],
])("%s", (_, job) => {
  it("that is done", async () => {
    const double = new NorDouble(TOY, { bytes: old });
    const lines = new Lines();
    await job(double, Journal.begin(lines, JOB));
    expect(Buffer.compare(double.bytes, old)).not.toBe(0);
    await undo(double, lines);
    expect(Buffer.compare(double.bytes, old)).toBe(0);
    expect(double.violations).toEqual([]);
    expect(parseJournal(lines.bytes).held).toEqual([]);
  });

  it("cut at every change, gone on with or not, and cut again at every change of the undo", async () => {
    let runs = 0;
    // Every fifth cut, but in CI: each of them is tried with every cut of the undo.
    for (let most = 0; ; most += effort(5, 1)) {
      const cutIn = await cutJob(job, most);
      if (!cutIn.hasDied) break;
      for (const isResumed of [false, true]) {
        for (let undoMost = 0; ; undoMost += effort(3, 1)) {
          runs++;
          const { double, lines } = await cutJob(job, most);
          if (isResumed) await job(double, Journal.goOn(lines, parseJournal(lines.bytes)));
          const dying = dyingAfter(double, undoMost);
          await undo(dying.device, lines).catch(() => undefined);
          await undo(double, lines);
          expect(Buffer.compare(double.bytes, old), `cut at ${most}, undo at ${undoMost}`).toBe(0);
          expect(double.violations).toEqual([]);
          if (!dying.hasDied()) break;
        }
      }
    }
    expect(runs).toBeGreaterThan(effort(5, 30));
  });
});

async function cutJob(job: Job, most: number): Promise<{ double: NorDouble; lines: Lines; hasDied: boolean }> {
  const double = new NorDouble(TOY, { bytes: old });
  const lines = new Lines();
  const dying = dyingAfter(double, most);
  await job(dying.device, Journal.begin(lines, JOB)).catch(() => undefined);
  return { double, lines, hasDied: dying.hasDied() };
}
