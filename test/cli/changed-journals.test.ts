/**
 * Journals of real jobs, changed anywhere and in every way, through `jobs`, `resume` and `undo` against a dump in place
 * of a chip: each ends with a code of the table, and changes nothing that the journal's proof does not allow.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ByteRange, rangeContains } from "../../drivers/geometry.ts";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { realClock } from "../../src/clock.ts";
import { imageSha256 } from "../../src/files/image-hash.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import type { FlashDevice } from "../../src/flash/flash-device.ts";
import { openImageFlash } from "../../src/flash/image-flash.ts";
import { mergeRanges } from "../../drivers/byte-ranges.ts";
import { carryOnErase, carryOnWrite } from "../../src/jobs/carry-on.ts";
import { chipOf, digestsBeside, digestsOf } from "../../src/journal/chip-proof.ts";
import { Journal } from "../../src/journal/journal.ts";
import { JournalDamage, type JobRecord } from "../../src/journal/journal-line.ts";
import { parseJournal, type ReadJournal } from "../../src/journal/read-journal.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { runHere } from "../support/cli.ts";
import { effort, sayCount } from "../support/effort.ts";

const CHIP_BYTES = 8192;
const root = mkdtempSync(join(tmpdir(), "norbridge-changed-"));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
const chipFile = join(root, "chip.bin");
const settings = { eraseBytes: "512", pageBytes: "64" };
const port = ["--port", `image:${chipFile}?${new URLSearchParams(settings).toString()}`];
const folder = join(root, "j");
const journalFile = join(folder, "00000001.journal");
const imageFile = join(root, "image.bin");
const noise = createRandom("changed journals");
/** Blank in places: what is only programmed has to be taken back as well. */
const old = noise.bytes(CHIP_BYTES).map((byte, at) => (Math.floor(at / 256) % 5 === 2 ? 0xff : byte));
const data = noise.bytes(3000);

/** What a job leaves behind, and the chip as it is then. */
interface Left {
  readonly lines: readonly string[];
  readonly chip: Uint8Array;
}

const left: Left[] = [];

beforeAll(async () => {
  mkdirSync(folder);
  writeFileSync(imageFile, data);
  const sha256 = await imageSha256(memoryImage("image", [{ address: 0, data }]));
  const image = { file: imageFile, base: 0, sha256 };
  await leave({ command: "write", address: 700, lengthBytes: data.length, image, keepsOld: true });
  await leave({ command: "write", address: 4096, lengthBytes: data.length, image, keepsOld: false });
  await leave({ command: "erase", address: 1000, lengthBytes: 2500, keepsOld: true });
});

/** Does a job, and cuts what it wrote down in several places. */
async function leave(
  asked: Pick<JobRecord, "command" | "address" | "lengthBytes" | "image" | "keepsOld">,
): Promise<void> {
  writeFileSync(chipFile, old);
  const device = await openImageFlash(chipFile, new Map(Object.entries(settings)), { writable: true });
  const lines: string[] = [];
  const medium = {
    append: (line: Uint8Array) => void lines.push(Buffer.from(line).toString()),
    close: () => undefined,
  };
  const { address, lengthBytes } = asked;
  const beside = await digestsBeside(device, [{ address, lengthBytes }]);
  const process = { pid: 0x7ffffff0, started: "1" };
  const record = { v: 1 as const, number: 1, ...asked, chip: await chipOf(device), beside, connection: port, process };
  const journal = Journal.begin(medium, record);
  await doJob(device, record, journal);
  if (asked.keepsOld) journal.done(await digestsOf(device, journal.oldRanges));
  await device.close();
  const chip = new Uint8Array(readFileSync(chipFile));
  left.push({ lines, chip });
  for (const part of [0.2, 0.5, 0.9]) {
    // Killed there: the content of the units in progress is unknown.
    const torn = chip.map((byte, at) => (at >= address && at % 3 === 0 ? (old[at] ?? 0) : byte));
    left.push({ lines: lines.slice(0, Math.max(1, Math.floor(lines.length * part))), chip: torn });
  }
}

async function doJob(device: FlashDevice, job: JobRecord, journal: Journal): Promise<void> {
  const context = { clock: realClock };
  if (job.command === "erase") {
    await carryOnErase(device, job, [], { safe: journal }, context);
    return;
  }
  const request = { offset: job.address, verify: true, assumeBlank: false, retries: 1, safe: journal };
  await carryOnWrite(device, memoryImage("image", [{ address: 0, data }]), [], request, context);
}

const NONSENSE: readonly unknown[] = [
  ...[-1, 0, 1, 0.5, 255, 256, 511, 512, 4096, CHIP_BYTES, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, null, true, false],
  ...["", "\u001b[2J", "AAAA", "/etc/passwd", "x".repeat(5000), [], {}, [[]], [1], "__proto__"],
];

/** A line with something in it replaced, and a check that fits. */
function changedLine(line: string, random: Random): string {
  const value: unknown = JSON.parse(line.slice(9));
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const collect = (holder: unknown): void => {
    if (typeof holder !== "object" || holder === null) return;
    for (const key of Object.keys(holder)) {
      const fields = holder as Record<string, unknown>;
      places.push({ holder: fields, key });
      collect(fields[key]);
    }
  };
  collect(value);
  const { holder, key } = random.pick(places);
  const before = holder[key];
  if (typeof before === "number" && random.chance(0.6)) {
    holder[key] = before + random.pick([1, -1, 64, 512, -512, 2 ** 20]);
  } else if (random.chance(0.2)) Reflect.deleteProperty(holder, key);
  else holder[key] = random.pick(NONSENSE);
  return checked(JSON.stringify(value));
}

function checked(json: string): string {
  return `${crc32(Buffer.from(json)).toString(16).padStart(8, "0")} ${json}\n`;
}

function changed({ lines }: Left, random: Random): Buffer {
  const all = [...lines];
  for (let changes = 1 + random.intBelow(3); changes > 0; changes--) {
    // The job itself as often as all the rest of a short one.
    const at = random.chance(0.3) ? 0 : random.intBelow(all.length);
    const line = all[at] ?? "";
    switch (random.pick(["field", "field", "field", "twice", "without", "moved", "foreign"] as const)) {
      case "field":
        all[at] = changedLine(line, random);
        break;
      case "twice":
        all.splice(random.intBelow(all.length + 1), 0, line);
        break;
      case "without":
        if (all.length > 1) all.splice(at, 1);
        break;
      case "moved":
        all.splice(random.intBelow(all.length), 0, ...all.splice(at, 1));
        break;
      case "foreign":
        all.splice(at, 0, random.pick(random.pick(left).lines));
    }
  }
  const bytes = Buffer.from(all.join(""));
  if (random.chance(0.1)) return bytes.subarray(0, random.intBelow(bytes.length));
  if (random.chance(0.1)) {
    const at = random.intBelow(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.intBelow(8));
  }
  return bytes;
}

/** Of the table in the README; a bug is none of them. */
const CODES = new Set([0, 1, 2, 6, 7, 8, 9, 10, 11]);
/** NORBRIDGE_JOURNAL_CASES says how many, NORBRIDGE_JOURNAL_FROM where to begin. */
const runs = Number(process.env["NORBRIDGE_JOURNAL_CASES"] ?? effort(60, 1500));
const first = Number(process.env["NORBRIDGE_JOURNAL_FROM"] ?? 0);

it(`${runs} of them`, { timeout: 600_000 }, async () => {
  const seen = new Map<string, number>();
  for (let run = first; run < first + runs; run++) {
    const random = createRandom(`changed journal ${run}`);
    const from = random.pick(left);
    const bytes = changed(from, random);
    for (const command of ["jobs", random.pick(["resume", "undo"])]) {
      writeFileSync(journalFile, bytes);
      writeFileSync(chipFile, from.chip);
      const done = await runHere([command, "--journal", folder, ...(command === "jobs" ? [] : port)]);
      const what = `case ${run}, ${command}: ${done.stderr}`;
      expect(CODES, what).toContain(done.code);
      expect(done.stdout + done.stderr, what).not.toContain("\u001b");
      expect(readdirSync(root).toSorted(), what).toEqual(["chip.bin", "image.bin", "j"]);
      expect(namesLeft(), what).toEqual([]);
      expect(wrongChange(bytes, from.chip, done.code, command), what).toBeUndefined();
      const key = `${command} ${done.code}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  }
  const counts = [...seen].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, count]) => `${key}: ${count}`);
  sayCount(`changed journals: ${counts.join(", ")}`);
  // The changes leave some of them whole, and break some.
  for (const key of ["jobs 0", "resume 0", "resume 9", "undo 0", "undo 9"]) expect(seen.has(key), key).toBe(true);
});

/** What is in the folder beside the journal: no claim, no file that the journal names. */
function namesLeft(): readonly string[] {
  return readdirSync(folder).filter((name) => name !== "00000001.journal");
}

/** What was changed and may not have been. Reads the journal as it was, and asks nothing of what wrote to the chip. */
function wrongChange(bytes: Buffer, before: Uint8Array, code: number, command: string): string | undefined {
  const after = readFileSync(chipFile);
  if (Buffer.compare(after, before) === 0) return undefined;
  if (command === "jobs" || code === 1 || code === 2) return "a command that does nothing has changed the chip";
  const read = readOrDamaged(bytes);
  if (read === undefined) return "the journal is damaged";
  const { jedecId, uniqueId, capacityBytes = CHIP_BYTES } = read.job.chip;
  if (jedecId !== "" || uniqueId !== "" || capacityBytes !== CHIP_BYTES) return "it is another chip";
  const isDone = read.state === "done";
  for (const digest of [...read.job.beside, ...(isDone ? read.digests : [])]) {
    const bytes = before.subarray(digest.address, digest.address + digest.lengthBytes);
    const holds = "check" in digest ? blockCheck(bytes) === digest.check : crc32(bytes) === digest.crc32;
    if (!holds) return "the proof does not hold";
  }
  const allowed = mergeRanges(allowedIn(read));
  for (let at = 0; at < CHIP_BYTES; at++) {
    const byte = { address: at, lengthBytes: 1 };
    if (after[at] !== before[at] && !allowed.some((range) => rangeContains(range, byte))) {
      return `byte ${at} is neither of the job nor kept by its journal`;
    }
  }
  return undefined;
}

function readOrDamaged(bytes: Buffer): ReadJournal | undefined {
  try {
    return parseJournal(bytes);
  } catch (error) {
    if (error instanceof JournalDamage) return undefined;
    throw error;
  }
}

/** Where the job was to change something, and what its journal reports that it holds. */
function allowedIn({ job, held, oldRanges }: ReadJournal): ByteRange[] {
  const pieces = held.flatMap((unit) => unit.pieces);
  return [
    { address: job.address, lengthBytes: job.lengthBytes },
    ...oldRanges,
    ...pieces.map(({ address, data: kept }) => ({ address, lengthBytes: kept.length })),
  ];
}
