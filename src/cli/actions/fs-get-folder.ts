/** `norbridge fs get DIRECTORY --out FOLDER`: every file below a directory of a littlefs, into a new folder. */
import { join } from "node:path";
import { printable } from "../../bytes.ts";
import { kindOf, makeFolder, namesInNow } from "../../disk/folder.ts";
import { cannotWrite, systemReason } from "../../disk/file-problem.ts";
import { NorbridgeError } from "../../errors.ts";
import { count } from "../../runner/quantities.ts";
import type { LittleFsEntry, LittleFsPath } from "../../storage/littlefs/littlefs.ts";
import { hostPlatform } from "../../platform.ts";
import { pathText } from "../values/fs-path.ts";
import { hostName } from "../host-files/host-name.ts";
import type { Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";
import { copyFile, type OpenedFs, sayDamage } from "./fs-copy.ts";

const OPERATION = "fs get";

/**
 * Copies all below `top`, the root if it is undefined. Nothing outside of `folder` is written: it must be new or empty,
 * and names that lead elsewhere, or that the host cannot hold, are reported and left out. A file that cannot be read
 * costs itself only.
 */
export async function copyFolder(
  opened: OpenedFs,
  top: LittleFsEntry | undefined,
  folder: string,
  session: Session,
): Promise<Outcome> {
  checkFolder(folder);
  make(folder);
  const copier = new Copier(opened, top?.path.length ?? 0, folder, session);
  for await (const item of opened.fs.walk(top)) {
    if (item.kind === "damage") copier.damaged += sayDamage(opened, [item], session);
    else await copier.take(item);
  }
  const { files, directories, bytes, skipped, damaged } = copier;
  const name = pathText(top?.path ?? []);
  const fields = { path: name, file: folder, files, directories, bytes, skipped, damaged };
  const copied = `copied ${count(files, "file")} and ${count(directories, "folder")} from ${name} to ${printable(folder)}`;
  if (skipped + damaged === 0) return { kind: "done", summary: copied, fields };
  const message = `${copied}; ${count(skipped, "file or folder", "files and folders")} left out, ${count(damaged, "part")} damaged`;
  return {
    kind: "no",
    message,
    hint: "Each one is named above. `norbridge fs get PATH --out FILE` copies one file.",
    fields,
  };
}

class Copier {
  files = 0;
  directories = 0;
  bytes = 0;
  skipped = 0;
  damaged = 0;
  readonly #opened: OpenedFs;
  /** Steps of the path that are above the folder. */
  readonly #above: number;
  readonly #folder: string;
  readonly #session: Session;
  /** Names that were made; without capitals where the host does not tell these apart. */
  readonly #made = new Set<string>();

  constructor(opened: OpenedFs, above: number, folder: string, session: Session) {
    this.#opened = opened;
    this.#above = above;
    this.#folder = folder;
    this.#session = session;
  }

  async take(entry: LittleFsEntry): Promise<void> {
    const target = this.#targetOf(entry.path);
    if (target === undefined) return;
    if (entry.kind === "directory") {
      make(target);
      this.directories++;
      return;
    }
    try {
      await copyFile(this.#opened, entry, target, this.#session);
    } catch (error) {
      // Damage of one file; not a disk that is full, a chip that is gone, or Ctrl-C.
      if (!(error instanceof NorbridgeError) || (error.code !== "CHECK_FAILED" && error.code !== "EIO")) throw error;
      this.#leaveOut(entry.path, error.message);
      return;
    }
    this.files++;
    this.bytes += entry.sizeBytes;
    this.#session.report.record("file", { path: pathText(entry.path), length: entry.sizeBytes });
  }

  /** Where an entry goes on this machine; undefined, and reported, if it cannot go anywhere. */
  #targetOf(path: LittleFsPath): string | undefined {
    const steps: string[] = [];
    for (const name of path.slice(this.#above)) {
      const step = hostName(name);
      if (step.kind === "none") {
        this.#leaveOut(path, step.why);
        return undefined;
      }
      steps.push(step.name);
    }
    const key = hostPlatform === "linux" ? steps.join("/") : steps.join("/").normalize("NFC").toLowerCase();
    if (this.#made.has(key)) {
      this.#leaveOut(path, "another name is the same, or differs from it in capitals only");
      return undefined;
    }
    this.#made.add(key);
    return join(this.#folder, ...steps);
  }

  #leaveOut(path: LittleFsPath, why: string): void {
    this.skipped++;
    this.#session.report.warn(`${pathText(path)} is left out: ${why}`);
  }
}

/** Throws FILE_EXISTS unless `folder` is new or empty: what is there could be a link to elsewhere, or be replaced. */
function checkFolder(folder: string): void {
  const kind = kindOf(folder);
  if (kind === undefined || (kind === "folder" && namesInNow(folder).length === 0)) return;
  const what = kind === "folder" ? "a folder that is not empty" : `a ${kind}`;
  throw new NorbridgeError("FILE_EXISTS", `${printable(folder)} is ${what}`, {
    operation: OPERATION,
    hint: "A directory is copied into a new or an empty folder. Specify another name with --out.",
  });
}

function make(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw cannotWrite(folder, systemReason(error), { cause: error });
  }
}
