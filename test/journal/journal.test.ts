/** Journals: a job cut at every operation ends as it should; files that are torn or damaged are distinguished. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import { eraseRange } from "../../src/jobs/erase-range.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import { carryOnErase, carryOnWrite } from "../../src/jobs/carry-on.ts";
import { createJournal, readJournal, reopenJournal } from "../../src/journal/journal-file.ts";
import type { JobRecord } from "../../src/journal/journal-line.ts";
import { journalFolders, leftJobs, newJournalPath } from "../../src/journal/journal-folder.ts";
import { OldBytes } from "../../src/journal/old-bytes.ts";
import { ownMark } from "../../src/disk/process-mark.ts";
import { createRandom } from "../../src/sim/random.ts";
import { NorDouble, TOY } from "../jobs/support/nor-double.ts";
import { dyingAfter } from "./support/dying-device.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-journal-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ERASE: JobRecord = {
  v: 1,
  command: "erase",
  address: 0,
  lengthBytes: 1,
  chip: { name: "double", jedecId: "", uniqueId: "" },
  beside: [],
  keepsOld: false,
  connection: [],
  process: { pid: 1, started: "0" },
};
const JOB: JobRecord = {
  ...ERASE,
  command: "write",
  image: { file: "/image", base: 0, sha256: "0".repeat(64) },
};
const REQUEST = { offset: 0, verify: true, assumeBlank: false, retries: 1 };

describe("killed behind every change", () => {
  it.each([
    ["in the middle of two sectors", 5, 30],
    ["one byte", 17, 1],
    ["up to the end", 60, 68],
    ["all of it", 0, 128],
  ])("%s: afterwards the chip holds the image, and around it what was there", async (_, address, lengthBytes) => {
    const old = createRandom("old").bytes(TOY.capacityBytes);
    const data = createRandom("new").bytes(lengthBytes);
    const expected = old.slice();
    expected.set(data, address);
    const image = memoryImage("image", [{ address, data }]);
    let cuts = 0;
    for (let most = 0; ; most++) {
      const double = new NorDouble(TOY, { bytes: old });
      const path = newJournalPath(folder, () => most);
      const journal = createJournal(path, JOB);
      const dying = dyingAfter(double, most);
      await writeImage(dying.device, image, { ...REQUEST, safe: journal }, { clock: realClock }).catch(() => undefined);
      journal.close();
      if (!dying.hasDied()) break;
      cuts++;
      const left = await readJournal(path, "all");
      const again = reopenJournal(path, left);
      await carryOnWrite(double, image, left.held, { ...REQUEST, safe: again }, { clock: realClock });
      again.close();
      expect(Buffer.compare(double.bytes, expected), `${most} changes`).toBe(0);
      expect((await readJournal(path, "all")).held).toEqual([]);
      expect(double.violations).toEqual([]);
    }
    expect(cuts).toBeGreaterThan(1);
  });

  it.each([
    [5, 30],
    [8, 8],
    [0, 128],
  ])("an erase of %i, %i as well", async (address, lengthBytes) => {
    const old = createRandom("old").bytes(TOY.capacityBytes);
    const expected = old.slice().fill(0xff, address, address + lengthBytes);
    for (let most = 0; ; most++) {
      const double = new NorDouble(TOY, { bytes: old });
      const path = newJournalPath(folder, () => most);
      const journal = createJournal(path, { ...ERASE, address, lengthBytes });
      const dying = dyingAfter(double, most);
      const erase = { keepOutside: true as const, safe: journal };
      await eraseRange(dying.device, { address, lengthBytes }, erase, { clock: realClock }).catch(() => undefined);
      journal.close();
      if (!dying.hasDied()) break;
      const left = await readJournal(path, "all");
      const again = reopenJournal(path, left);
      await carryOnErase(double, { address, lengthBytes }, left.held, { safe: again }, { clock: realClock });
      again.close();
      expect(Buffer.compare(double.bytes, expected), `${most} changes`).toBe(0);
      expect(double.violations).toEqual([]);
    }
  });

  it("a unit in hand is erased again even if it reads as erased", async () => {
    const double = new NorDouble(TOY);
    const image = memoryImage("image", [{ address: 8, data: new Uint8Array(8).fill(0x55) }]);
    await writeImage(double, image, { ...REQUEST, distrusted: [{ address: 8, lengthBytes: 8 }] }, { clock: realClock });
    expect(double.log.filter((line) => line.startsWith("erase"))).toEqual(["erase 0x8+8"]);
  });
});

describe("the file", () => {
  const piece = { address: 3, data: Uint8Array.of(1, 2, 3) };
  const unit = { address: 0, lengthBytes: 8, pieces: [piece] };

  it("keeps what was held and not released; the first reading of a unit counts", async () => {
    const path = join(folder, "1.journal");
    const journal = createJournal(path, JOB);
    journal.hold([unit, { address: 8, lengthBytes: 8, pieces: [] }]);
    journal.hold([{ ...unit, pieces: [{ address: 3, data: Uint8Array.of(9, 9, 9) }] }]);
    journal.release(8);
    journal.close();
    expect(await readJournal(path, "all")).toEqual({
      job: JOB,
      held: [unit],
      released: [8],
      oldRanges: [],
      old: new OldBytes(),
      wholeBytes: readFileSync(path).length,
      bytesWritten: 0,
      state: "begun",
      digests: [],
    });
  });

  it("torn at every byte of its last line, it is as if that was never written", async () => {
    const path = join(folder, "2.journal");
    const journal = createJournal(path, JOB);
    journal.hold([unit]);
    journal.close();
    const before = readFileSync(path).length;
    const next = reopenJournal(path, await readJournal(path, "all"));
    next.hold([{ address: 16, lengthBytes: 8, pieces: [] }]);
    next.close();
    for (let length = readFileSync(path).length - 1; length >= before; length--) {
      truncateSync(path, length);
      expect((await readJournal(path, "all")).held, `${length} bytes`).toEqual([unit]);
      // Gone on with, and killed again: the torn line does not spoil the one after it.
      const torn = readFileSync(path);
      const again = reopenJournal(path, await readJournal(path, "all"));
      again.release(0);
      again.close();
      expect((await readJournal(path, "all")).held).toEqual([]);
      writeFileSync(path, torn);
    }
  });

  it("damaged anywhere else, it says where and is not used", async () => {
    const path = join(folder, "3.journal");
    const journal = createJournal(path, JOB);
    journal.hold([unit]);
    journal.close();
    const sound = readFileSync(path);
    for (let at = 0; at < sound.length; at++) {
      const broken = Buffer.from(sound);
      broken[at] = (broken[at] ?? 0) ^ 0x04;
      writeFileSync(path, broken);
      try {
        // A newline that is gone makes the last line one that was never written.
        expect((await readJournal(path, "all")).held.length).toBeLessThanOrEqual(0);
      } catch (error) {
        expect(error).toMatchObject({ code: "FILE_INVALID" });
      }
    }
  });

  it("a disk that is full stops the job before the erase, and says what to do", async () => {
    const double = new NorDouble(TOY, { bytes: new Uint8Array(TOY.capacityBytes) });
    const journal = createJournal(join(folder, "4.journal"), JOB);
    journal.close();
    const image = memoryImage("image", [{ address: 3, data: Uint8Array.of(1) }]);
    // A closed file takes nothing more, as a full disk.
    await expect(writeImage(double, image, { ...REQUEST, safe: journal }, { clock: realClock })).rejects.toMatchObject({
      code: "FILE_EXISTS",
      remedies: ["omit-journal", "set-journal-folder"],
    });
    expect(double.log.filter((line) => line.startsWith("erase"))).toEqual([]);
    expect(() => journal.release(0)).not.toThrow();
  });

  it("a folder lists what is in it, and what is wrong with it", async () => {
    createJournal(join(folder, "aaaa0001.journal"), { ...JOB, process: { pid: 0x7ffffff0, started: "" } }).close();
    createJournal(join(folder, "aaaa0002.journal"), { ...JOB, process: ownMark() }).close();
    // The number of a process that began at another time, and the same number again: another process.
    createJournal(join(folder, "aaaa0004.journal"), { ...JOB, process: { ...ownMark(), started: "1" } }).close();
    writeFileSync(join(folder, "aaaa0003.journal"), "nonsense\n");
    appendFileSync(join(folder, "notes.txt"), "not ours");
    const found = (await leftJobs(folder)).toSorted((a, b) => a.id.localeCompare(b.id));
    expect(found.map(({ id, runner, journal }) => [id, runner !== undefined, journal instanceof Error])).toEqual([
      ["aaaa0001", false, false],
      ["aaaa0002", true, false],
      ["aaaa0003", false, true],
      ["aaaa0004", false, false],
    ]);
    expect(await leftJobs(join(folder, "nowhere"))).toEqual([]);
  });

  it("on macOS journals that an earlier version put elsewhere are found beside the new ones, in the order of all", async () => {
    const home = join(folder, "home");
    const [current = "", former = ""] = journalFolders({}, { platform: "macos", home });
    for (const [place, id, number] of [
      [former, "0000000b", 2],
      [current, "0000000c", 1],
      [current, "0000000a", 3],
    ] as const) {
      mkdirSync(place, { recursive: true });
      createJournal(join(place, `${id}.journal`), { ...JOB, number, process: ownMark() }).close();
    }
    const found = await leftJobs(journalFolders({}, { platform: "macos", home }));
    expect(found.map(({ id }) => id)).toEqual(["0000000c", "0000000b", "0000000a"]);
    expect(found[1]?.path).toBe(join(home, ".local/state/norbridge/jobs/0000000b.journal"));
  });
});
