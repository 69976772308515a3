/** `norbridge fs ...`: the files of a littlefs on the chip. Reads only. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { formatAddress, formatSize, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { withRegion } from "../../runner/with-region.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { count } from "../../runner/quantities.ts";
import { withDevice } from "../../runner/with-chip.ts";
import { findLittleFs } from "../../storage/littlefs/find.ts";
import type { LittleFsDamage, LittleFsEntry, LittleFsPath } from "../../storage/littlefs/littlefs.ts";
import { pathText } from "../values/fs-path.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";
import { breathe, copyFile, type OpenedFs, sayDamage } from "./fs-copy.ts";
import { copyFolder } from "./fs-get-folder.ts";

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
    if (path.length === 0) return copyFolder(opened, undefined, folderOf(file, path), session);
    const { entry, damage } = await opened.fs.find(path);
    if (entry === undefined) return missing(opened, path, damage, session);
    const name = pathText(path);
    if (entry.kind === "directory") {
      sayDamage(opened, damage, session);
      return copyFolder(opened, entry, folderOf(file, path), session);
    }
    const losses = sayDamage(opened, damage, session);
    const crc = await copyFile(opened, entry, file, session);
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

/** Throws USAGE if a directory was to go to stdout. */
function folderOf(file: string, path: LittleFsPath): string {
  if (file !== "-") return file;
  throw new NorbridgeError("USAGE", `${pathText(path)} is a directory: it cannot be written to stdout`, {
    operation: "fs get",
    hint: "Specify a folder with --out.",
  });
}

function withLittleFs(
  target: FsTarget,
  session: Session,
  operation: string,
  body: (opened: OpenedFs) => Promise<Outcome>,
): Promise<Outcome> {
  return withDevice(session, target.connection, { willChange: false }, (connected) => {
    return withRegion(session, connected.device, { range: target.range, operation }, async (region) => {
      const { fs, finding } = await findLittleFs(region);
      const start = formatAddress(region.address + finding.offset);
      session.report.detail(`littlefs ${String(finding.facts["version"])} at ${start}: ${finding.why}`);
      if (finding.certainty !== "certain")
        session.report.warn(`the range ends before the file system at ${start} does`);
      return body({ fs, region, connected });
    });
  });
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
