/** `norbridge fs ...`: the files of a littlefs on the chip. Reads only. */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import type { ByteRange } from "../../../drivers/geometry.ts";
import { formatAddress, formatSize, printable } from "../../bytes.ts";
import { createImageWriter } from "../../files/image-writer.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { runOnRegion } from "../../jobs/run-on-region.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { count } from "../../runner/quantities.ts";
import { type Connected, withDevice } from "../../runner/with-chip.ts";
import { findLittleFs } from "../../storage/littlefs/find.ts";
import type { LittleFs, LittleFsDamage, LittleFsEntry, LittleFsPath } from "../../storage/littlefs/littlefs.ts";
import { wholeChip } from "../chip-range.ts";
import { pathText } from "../fs-path.ts";
import type { JsonFields, Outcome } from "../outcome.ts";
import type { Session } from "../session.ts";

export interface FsTarget {
  readonly connection: ConnectionRequest;
  readonly range: ByteRange | undefined;
}

const HOW_TO_LIST = "`norbridge fs list` lists the files.";

export async function fsList(request: FsTarget & { readonly path: LittleFsPath }, session: Session): Promise<Outcome> {
  session.endWithStdout();
  return withLittleFs(request, session, "fs list", async (opened) => {
    const { fs } = opened;
    const lister = new Lister(opened, session);
    let top: LittleFsEntry | undefined;
    if (request.path.length > 0) {
      const { entry, damage } = await fs.find(request.path);
      if (entry === undefined) return missing(opened, request.path, damage, session);
      for (const item of damage) await lister.take(item);
      await lister.take(entry);
      top = entry;
    }
    if (top?.kind !== "file") for await (const item of fs.walk(top)) await lister.take(item);
    return lister.outcome();
  });
}

export async function fsGet(
  request: FsTarget & { readonly path: LittleFsPath; readonly file: string },
  session: Session,
): Promise<Outcome> {
  const { path, file } = request;
  const isStdout = file === "-";
  if (isStdout) {
    session.report.stdoutCarriesData();
    session.endWithStdout();
  }
  return withLittleFs(request, session, "fs get", async (opened) => {
    const { entry, damage } = await opened.fs.find(path);
    if (entry === undefined) return missing(opened, path, damage, session);
    const name = pathText(path);
    if (entry.kind === "directory") {
      return { kind: "no", message: `${name} is a directory, not a file`, hint: HOW_TO_LIST, fields: { path: name } };
    }
    const losses = sayDamage(opened, damage, session);
    const crc = await copy(opened, entry, file, session);
    const crcText = crc.toString(16).padStart(8, "0");
    const fields = { path: name, file, length: entry.sizeBytes, crc32: crcText };
    if (losses > 0) {
      const message = `${name} was copied, but may be an older state: the file system is damaged`;
      return { kind: "no", message, hint: HOW_TO_LIST, fields };
    }
    const where = isStdout ? "stdout" : printable(file);
    return {
      kind: "done",
      summary: `copied ${name}, ${formatSize(entry.sizeBytes)}, to ${where}, crc32 ${crcText}`,
      fields,
    };
  });
}

interface OpenedFs {
  readonly fs: LittleFs;
  readonly region: FlashRegion;
  readonly connected: Connected;
}

function withLittleFs(
  target: FsTarget,
  session: Session,
  operation: string,
  body: (opened: OpenedFs) => Promise<Outcome>,
): Promise<Outcome> {
  return withDevice(session, target.connection, { willChange: false }, (connected) => {
    const range = target.range ?? wholeChip(connected.device.geometry);
    return runOnRegion(connected.device, range, { operation, signal: session.signal }, async (region) => {
      const { fs, finding } = await findLittleFs(region);
      const start = formatAddress(region.address + finding.offset);
      session.report.detail(`littlefs ${String(finding.facts["version"])} at ${start}: ${finding.why}`);
      if (finding.certainty !== "certain")
        session.report.warn(`the range ends before the file system at ${start} does`);
      return body({ fs, region, connected });
    });
  });
}

/** Copies a file; the file on disk appears only if all of it was read. Returns the CRC-32. */
async function copy(opened: OpenedFs, entry: LittleFsEntry, file: string, session: Session): Promise<number> {
  const writer = await createImageWriter(file, "bin", {
    range: { address: 0, lengthBytes: entry.sizeBytes },
    standardOutput: session.report.outputFile,
  });
  let crc = 0;
  let at = 0;
  try {
    for await (const piece of opened.fs.read(entry)) {
      await writer.write(at, piece);
      at += piece.length;
      crc = crc32(piece, crc);
      await breathe(opened, session);
    }
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return crc;
}

function missing(opened: OpenedFs, path: LittleFsPath, damage: readonly LittleFsDamage[], session: Session): Outcome {
  const name = pathText(path);
  const losses = sayDamage(opened, damage, session);
  const why = losses > 0 ? ": it may be in the damaged part" : "";
  return {
    kind: "no",
    message: `there is no ${name} in the file system${why}`,
    hint: HOW_TO_LIST,
    fields: { path: name },
  };
}

/** Reports what is damaged or was cut; returns how much of it is a loss. */
function sayDamage({ region }: OpenedFs, damage: readonly LittleFsDamage[], session: Session): number {
  const { report } = session;
  for (const { path, offset, reason, isLoss } of damage) {
    const address = region.address + offset;
    report.record("fs-damage", { path: pathText(path), address, reason, lost: isLoss });
    if (report.json) continue;
    const text = `${pathText(path)} at ${formatAddress(address)}: ${reason}`;
    if (isLoss) report.warn(`damage in ${text}`);
    else report.note(text);
  }
  return damage.filter(({ isLoss }) => isLoss).length;
}

/** Reads of an image file never wait; Ctrl-C and a closed reader must be noticed in between. */
async function breathe({ connected }: OpenedFs, session: Session): Promise<void> {
  // Not on a simulated bridge: nothing may wait for a reader in simulated time, and its chip is small.
  if (connected.clock === session.io.clock) await session.report.room(session.signal);
  await connected.clock.wait(0);
}

/** Prints entries, one a line, and counts them. */
class Lister {
  readonly #opened: OpenedFs;
  readonly #session: Session;
  #files = 0;
  #directories = 0;
  #bytes = 0;
  #damaged = 0;

  constructor(opened: OpenedFs, session: Session) {
    this.#opened = opened;
    this.#session = session;
  }

  async take(item: LittleFsEntry | LittleFsDamage): Promise<void> {
    if (item.kind === "damage") this.#damaged += sayDamage(this.#opened, [item], this.#session);
    else this.#entry(item);
    await breathe(this.#opened, this.#session);
  }

  #entry({ kind, path, sizeBytes }: LittleFsEntry): void {
    const { report } = this.#session;
    const text = pathText(path);
    if (kind === "file") {
      this.#files++;
      this.#bytes += sizeBytes;
      report.record("file", { path: text, length: sizeBytes });
      report.text(`file ${String(sizeBytes).padStart(10)}  ${text}\n`);
    } else {
      this.#directories++;
      report.record("directory", { path: text });
      report.text(`dir  ${"-".padStart(10)}  ${text}\n`);
    }
  }

  outcome(): Outcome {
    const { majorVersion, minorVersion, blockBytes, blockCount } = this.#opened.fs.superblock;
    const fields: JsonFields = {
      layout: "littlefs",
      version: `${majorVersion}.${minorVersion}`,
      blockBytes,
      blockCount,
      files: this.#files,
      directories: this.#directories,
      bytes: this.#bytes,
      damaged: this.#damaged,
    };
    if (this.#damaged === 0) return { kind: "done", fields };
    const message = `${count(this.#damaged, "part")} of the file system cannot be read; the rest is listed`;
    return { kind: "no", message, hint: "Each part is named above.", fields };
  }
}
