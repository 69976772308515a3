/** One life of the program: opens the bridge, does the job or resumes it, and ends, is killed, or fails. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { openBridge } from "../../bridge/open-bridge.ts";
import { linkLossIn, MAX_RECONNECTS } from "../../runner/recovery.ts";
import { NorbridgeError } from "../../errors.ts";
import { memoryImage } from "../../files/image-source.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { openFlash } from "../../flash/open-flash.ts";
import { blankCheck } from "../../jobs/blank-check.ts";
import { carryOnErase, carryOnWrite, putHeldBack } from "../../jobs/carry-on.ts";
import type { JobContext, JobEvent } from "../../jobs/job-event.ts";
import type { JobSafe } from "../../jobs/job-safe.ts";
import { type LiftedProtection, ProtectionLift } from "../../jobs/lift-protection.ts";
import { readFlash } from "../../jobs/read-flash.ts";
import { runOnRegion } from "../../jobs/run-on-region.ts";
import { streamImage } from "../../jobs/stream-image.ts";
import { verifyImage } from "../../jobs/verify-image.ts";
import { Journal } from "../../journal/journal.ts";
import type { JobRecord } from "../../journal/journal-line.ts";
import { parseJournal, type ReadJournal } from "../../journal/read-journal.ts";
import { takeBack } from "../../journal/take-back.ts";
import { createRandom } from "../../sim/random.ts";
import type { Simulation } from "../../sim/simulation.ts";
import { CircularBuffer } from "../../storage/circular-buffer/circular-buffer.ts";
import { FlashSafe } from "../../storage/flash-safe/flash-safe.ts";
import { updateSafe } from "../../storage/flash-safe/update-safe.ts";
import type { ByteDuplex } from "../../transport/byte-duplex.ts";
import type { MemoryDisk } from "./memory-disk.ts";
import { isJournaled, type Scene } from "./scene.ts";
import type { Attempt, Tamper } from "./tamper.ts";

/** What outlives the program: its disk, and what was reported to the user. */
export interface Memory {
  readonly disk: MemoryDisk;
  /** Records or items that were acknowledged. */
  acknowledged: number;
  /** Everything that was said while it ran. */
  readonly said: string[];
  /** Warnings that the protection is not as it was. */
  readonly warned: string[];
  /** Size that the chip was found to have, bytes: the journal has it as well. */
  settledBytes?: number | undefined;
  /** Which of the rules that the chip saw broken were broken while it was opened: from, and up to, by their number. */
  readonly openings: [number, number][];
}

export interface AttemptOptions {
  readonly tamper: Tamper;
  /** Take the job back rather than end it. */
  readonly undo?: boolean | undefined;
  readonly isKilled?: (() => boolean) | undefined;
}

/** Never throws for what the job does. */
export async function attempt(
  simulation: Simulation,
  scene: Scene,
  memory: Memory,
  options: AttemptOptions,
): Promise<Attempt> {
  const chance = createRandom(scene.seed).branch("host");
  const life: Life = { simulation, scene, memory, options, random: () => chance.nextUint32() };
  try {
    const done = await simulation.run(() => live(life));
    return options.tamper.answer?.(done) ?? done;
  } catch (error) {
    return { outcome: error instanceof NorbridgeError ? error.code : "BUG", error };
  }
}

interface Life {
  readonly simulation: Simulation;
  readonly scene: Scene;
  readonly memory: Memory;
  readonly options: AttemptOptions;
  readonly random: () => number;
}

/** The job, and again over a new connection while the scene allows it: as src/runner/with-chip.ts does it. */
async function live(life: Life): Promise<Attempt> {
  const { simulation, scene, options, memory } = life;
  let journal: Journal | undefined;
  const lift = liftOf(life);
  let duplex = simulation.duplex;
  for (let reconnects = 0; ; reconnects++) {
    try {
      return await overConnection(life, duplex, reconnects < 2, async (device) => {
        memory.settledBytes = device.geometry.capacityBytes;
        const begin = (lifted?: LiftedProtection): Journal => (journal ??= openJournal(life, lifted));
        const job = (): Promise<Report> => runJob(device, life, begin());
        const prove = (lifted?: LiftedProtection): Promise<void> => Promise.resolve(void begin(lifted));
        const report = await (lift === undefined ? job() : lift.around(device, job, prove));
        return { outcome: "done", ...report, changed: reconnects === 0 ? report.changed : undefined };
      }).finally(() => lift?.end());
    } catch (error) {
      const mayGoOn = scene.reconnects && reconnects < MAX_RECONNECTS && options.isKilled?.() !== true;
      const loss = mayGoOn ? linkLossIn(error) : undefined;
      if (loss === undefined) throw error;
      memory.said.push(loss.message);
      duplex = simulation.reopen();
    }
  }
}

async function overConnection<T>(
  { simulation, scene, options, random, memory }: Life,
  duplex: ByteDuplex,
  climb: boolean,
  job: (device: FlashDevice) => Promise<T>,
): Promise<T> {
  const { clock } = simulation;
  const bridge = await openBridge(duplex, { clock, protocol: scene.protocol, random, climb });
  let device: FlashDevice | undefined;
  try {
    const from = simulation.chip.violations.length;
    try {
      device = await openFlash(bridge, { chip: scene.found?.named, settledBytes: memory.settledBytes });
    } finally {
      memory.openings.push([from, simulation.chip.violations.length]);
    }
    await options.tamper.before?.((us) => clock.wait(us));
    return await job(options.tamper.device?.(device) ?? device);
  } finally {
    await (device ?? bridge).close();
  }
}

const RECORD = {
  v: 1 as const,
  chip: { name: "", jedecId: "", uniqueId: "" },
  beside: [],
  connection: [],
  process: { pid: 1, started: "" },
};

/** Lifts the protection around a job where its user says so, and restores what an earlier life has found. */
function liftOf({ scene, memory, options }: Life): ProtectionLift | undefined {
  if (scene.found?.unprotect !== true || (scene.kind !== "write" && scene.kind !== "erase")) return undefined;
  const left = memory.disk.isEmpty ? undefined : readLeft(memory, options.tamper);
  const handlers = {
    operation: scene.kind,
    note: (message: string) => void memory.said.push(message),
    warn: (message: string) => void memory.warned.push(message),
  };
  return new ProtectionLift(handlers, left?.job.protection);
}

/** A new journal in the first life, the one that was left in the next. */
function openJournal({ scene, memory, options }: Life, lifted: LiftedProtection | undefined): Journal {
  const { disk } = memory;
  if (!isJournaled(scene.kind)) return Journal.inMemory();
  if (disk.isEmpty) return Journal.begin(disk, { ...recordOf(scene), protection: lifted });
  const journal = Journal.goOn(disk, readLeft(memory, options.tamper));
  if (options.undo === true) journal.beginUndo();
  return journal;
}

function recordOf({ kind, keepsOld, range }: Scene): JobRecord {
  const image = { file: "/image", base: 0, sha256: "0".repeat(64) };
  const record = { ...RECORD, keepsOld, ...range };
  if (kind === "erase") return { ...record, command: "erase" };
  if (kind === "write") return { ...record, command: "write", image };
  return { ...record, command: "stream", image, stream: { bufferBytes: 512, writeBlockBytes: 1 } };
}

/** What the next program finds. */
export function readLeft({ disk }: Memory, tamper: Tamper): ReadJournal {
  const bytes = disk.reopen();
  return parseJournal(tamper.journal?.(bytes) ?? bytes);
}

type Report = Pick<Attempt, "answer" | "changed">;

async function runJob(device: FlashDevice, life: Life, journal: Journal): Promise<Report> {
  const { scene, memory, options, simulation } = life;
  const { range, kind } = scene;
  const onEvent = (event: JobEvent): void => {
    if (event.kind === "note") memory.said.push(event.message);
  };
  const context: JobContext = { clock: simulation.clock, onEvent };
  const safe: JobSafe = options.tamper.safe?.(journal) ?? journal;
  if (options.undo === true) {
    const { old } = parseJournal(memory.disk.reopen());
    await takeBack(device, old, journal.held, { safe }, context);
    return {};
  }
  switch (kind) {
    case "write": {
      const request = { assumeBlank: scene.assumeBlank, safe };
      const image = memoryImage("campaign", scene.pieces);
      return { changed: await carryOnWrite(device, image, journal.held, request, context) };
    }
    case "erase": {
      const report = await carryOnErase(device, range, journal.held, { safe }, context);
      // Bytes that were restored are programmed as well, and that report does not count them.
      return report.restoredBytes === 0 ? { changed: { ...report, programmedBytes: 0, programmedPages: 0 } } : {};
    }
    case "read": {
      const bytes = new Uint8Array(range.lengthBytes);
      await readFlash(device, range, (address, data) => bytes.set(data, address - range.address), context);
      return { answer: bytes };
    }
    case "verify":
      return {
        answer: (await verifyImage(device, memoryImage("campaign", scene.pieces), { offset: 0 }, context)).equal,
      };
    case "blank-check":
      return { answer: (await blankCheck(device, range, context)).blank };
    case "stream":
      await putHeldBack(device, journal.held, { safe }, context);
      await runStream(device, scene, journal, safe, context);
      return {};
    case "log":
    case "safe":
      await runOnRegion(device, range, { operation: kind }, (region) =>
        kind === "log" ? appendRecords(region, scene, memory) : putItems(region, scene, memory),
      );
      return {};
  }
}

function runStream(
  device: FlashDevice,
  { range, pieces }: Scene,
  journal: Journal,
  safe: JobSafe,
  context: JobContext,
): Promise<unknown> {
  const data = pieces[0]?.data ?? new Uint8Array();
  const identity = { lengthBytes: data.length, sha256: "0".repeat(64) };
  const source = {
    lengthBytes: data.length,
    identity,
    read: (offset: number, lengthBytes: number) => Promise.resolve(data.slice(offset, offset + lengthBytes)),
  };
  const progress = {
    load: () => {
      const { bytesWritten } = journal;
      return Promise.resolve(bytesWritten === 0 ? undefined : { bytesWritten, image: identity });
    },
    save: () => Promise.resolve(),
    clear: () => Promise.resolve(),
  };
  const request = {
    bufferBytes: device.geometry.pageBytes,
    writeBlockBytes: 1,
    progress,
    isRestart: false,
    isOwnProgress: true,
    // The place of the stream held other data before.
    overwrite: [{ offset: 0, lengthBytes: range.lengthBytes }],
  };
  return runOnRegion(device, range, { operation: "stream", safe }, (region) =>
    streamImage(region, source, request, context, (bytesWritten) => journal.progress(bytesWritten)),
  );
}

type Region = Parameters<typeof CircularBuffer.mount>[0];

/** How records are kept in the campaign: three sectors, checked, two blocks of an AT45 page by page. */
export function logOptions({ lengthBytes }: ByteRange): Parameters<typeof CircularBuffer.mount>[1] {
  const sectorBytes = lengthBytes / 3;
  return { sectorBytes, magic: 0xbadc0de, version: 1, alignBytes: 1, scratchSectors: 0, hasCrc: true };
}

async function appendRecords(region: Region, { range, pieces }: Scene, memory: Memory): Promise<void> {
  const log = await CircularBuffer.mount(region, logOptions(range));
  for (const { data } of pieces.slice(memory.acknowledged)) {
    try {
      await log.append(data);
    } catch (error) {
      if (!(error instanceof NorbridgeError) || error.code !== "ENOSPC") throw error;
      await log.rotate();
      await log.append(data);
    }
    memory.acknowledged++;
  }
}

/** How a safe is kept in the campaign. */
export function safeOptions({ lengthBytes }: ByteRange): Parameters<typeof FlashSafe.mount>[1] {
  const blockBytes = lengthBytes / 3;
  // A page: 256 or 264 bytes, of which blocks are a multiple.
  return { blockBytes, bufferBytes: blockBytes % 264 === 0 ? 264 : 256 };
}

async function putItems(region: Region, { range, pieces }: Scene, memory: Memory): Promise<void> {
  const safe =
    memory.acknowledged === 0
      ? await FlashSafe.format(region, safeOptions(range))
      : await FlashSafe.mount(region, safeOptions(range));
  for (const { data } of pieces.slice(memory.acknowledged)) {
    await updateSafe(safe, new Map([[1, data]]));
    memory.acknowledged++;
  }
}
