/**
 * The one door for files that are written whole: a new file beside the wanted one, which takes its name only when it is whole
 * and on the disk. Until then an older file of that name stays as it was.
 *
 * A symbolic link is replaced, never followed. The new file has a unique name, so that no other program's file
 * is changed. It keeps the mode and the owner of the file that it replaces. Every error is FILE_EXISTS, "cannot write ...".
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { printable } from "../bytes.ts";
import { machineRandom } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import { hostPlatform, type Platform } from "../platform.ts";
import { cannotWrite, systemErrorCode, systemReason } from "./file-problem.ts";
import { syncFolder } from "./folder.ts";
import { quietly } from "./quietly.ts";
import { type HeldFiles, mayBeHeld, whileHeld } from "./while-held.ts";
import { whyNoFile } from "./windows-name.ts";

/** A place for bytes. After `commit` or `abort` it takes no more. */
export interface OutputFile {
  write(bytes: Uint8Array): void;
  /** The file appears under its name, or under `as` in the same folder. */
  commit(as?: string): void;
  /** Nothing of it remains, except what already went down a pipe. Twice, or after `commit`, it does nothing. */
  abort(): void;
}

/** The longest name most file systems take is 255 bytes; ours adds `.`, eight digits and the ending. */
const MAX_NAME_BYTES = 255 - ".01234567.partial".length;
const MODE_BITS = 0o7777;
const TRIES = 8;

/** The system on which the file is written; a test has its own. */
export interface OutputSystem {
  readonly platform: Platform;
  readonly rename: (from: string, to: string) => void;
  /** How a file is waited for that another program has open; left out: as this machine does. */
  readonly held?: HeldFiles | undefined;
}

const HOST: OutputSystem = { platform: hostPlatform, rename: renameSync };

/**
 * Opens a new file beside `path`, `NAME.XXXXXXXX.partial`. With `force: false` an existing file is refused; by default
 * `commit` replaces it.
 */
export function createOutputFile(
  path: string,
  { force = true }: { readonly force?: boolean | undefined } = {},
  system: OutputSystem = HOST,
): OutputFile {
  const noFile = whyNoFile(path, system.platform);
  if (noFile !== undefined) throw cannotWrite(path, noFile, { hint: "Choose another name." });
  const replaced = replacedBy(path, force);
  const { fd, partialPath } = explained(path, () => openPartial(path));
  let open = true;
  const discard = (): void => {
    if (!open) return;
    open = false;
    quietly(() => {
      if (isOurs(partialPath, fd, system.platform)) unlinkSync(partialPath);
    });
    quietly(() => {
      closeSync(fd);
    });
  };
  const guarded = (action: () => void): void => {
    if (!open) throw cannotWrite(path, "the output file is closed");
    try {
      explained(path, action);
    } catch (error) {
      discard();
      throw error;
    }
  };
  guarded(() => {
    if (replaced !== undefined) keepOwner(fd, path, replaced);
  });
  return {
    write: (bytes) => {
      guarded(() => {
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      });
    },
    commit(as = path) {
      guarded(() => {
        fsyncSync(fd);
        if (!isOurs(partialPath, fd, system.platform)) throw new Error("another program replaced it");
      });
      try {
        whileHeld(() => {
          system.rename(partialPath, as);
        }, system.held);
      } catch (error) {
        if (!mayBeHeld(error, system.platform)) {
          discard();
          throw cannotWrite(path, systemReason(error), { cause: error });
        }
        // All bytes are there, and may have taken long to read: they stay, and only the name is missing.
        open = false;
        quietly(() => {
          closeSync(fd);
        });
        throw cannotWrite(path, "another program has it open", {
          hint: `The complete output is in ${printable(partialPath)}. Close the other program, then rename that file.`,
          cause: error,
        });
      }
      open = false;
      quietly(() => {
        closeSync(fd);
      });
      syncFolder(dirname(path));
    },
    abort: discard,
  };
}

/** Writes a whole file at once. Throws FILE_EXISTS. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const output = createOutputFile(path);
  try {
    output.write(bytes);
    output.commit();
  } finally {
    output.abort();
  }
}

function openPartial(path: string): { readonly fd: number; readonly partialPath: string } {
  // Windows has no such flag, and no such links that a user could lay.
  const noFollow = hostPlatform === "windows" ? 0 : constants.O_NOFOLLOW;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow;
  for (let tries = 1; ; tries++) {
    const partialPath = join(dirname(path), partialName(basename(path)));
    try {
      return { fd: openSync(partialPath, flags, 0o666), partialPath };
    } catch (error) {
      if (systemErrorCode(error) !== "EEXIST" || tries === TRIES) throw error;
    }
  }
}

/** `NAME.XXXXXXXX.partial`, with as much of the name as there is room for. */
function partialName(name: string): string {
  let kept = "";
  let keptBytes = 0;
  for (const character of name) {
    keptBytes += Buffer.byteLength(character);
    if (keptBytes > MAX_NAME_BYTES) break;
    kept += character;
  }
  return `${kept}.${machineRandom().toString(16).padStart(8, "0")}.partial`;
}

/** The file that stands there now; undefined if none does, or a link. Throws FILE_EXISTS for what is not a file. */
function replacedBy(path: string, force: boolean): Stats | undefined {
  const target = explained(path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (target === undefined) return undefined;
  if (target.isDirectory()) throw cannotWrite(path, "it is a directory");
  if (!target.isFile() && !target.isSymbolicLink()) {
    throw cannotWrite(path, "it is not a regular file", { hint: "Use - as the file and redirect standard output." });
  }
  if (!force) throw cannotWrite(path, "it exists already");
  return target.isFile() ? target : undefined;
}

/** A user who could not read the old file must not be able to read the new one. */
function keepOwner(fd: number, path: string, { uid, gid, mode }: Stats): void {
  if (hostPlatform === "windows") return;
  const own = fstatSync(fd);
  if (own.uid !== uid || own.gid !== gid) {
    try {
      fchownSync(fd, uid, gid);
    } catch (error) {
      throw cannotWrite(path, "it belongs to another user or group, and a new file would belong to you", {
        hint: "Remove it first, or choose another name.",
        cause: error,
      });
    }
  }
  if ((fstatSync(fd).mode & MODE_BITS) !== (mode & MODE_BITS)) fchmodSync(fd, mode & MODE_BITS);
}

/**
 * On Windows libuv 1.49 and 1.50 give 64 bits of the volume's number by name and 32 by handle (libuv 4698): the lower ones are
 * compared there. A number of a file has 64 bits and is not a safe number of JavaScript.
 */
function isOurs(path: string, fd: number, platform: Platform): boolean {
  return isSameFile(
    lstatSync(path, { bigint: true, throwIfNoEntry: false }),
    fstatSync(fd, { bigint: true }),
    platform,
  );
}

/** Whether two looks were at the same file. */
export function isSameFile(
  one: Pick<BigIntStats, "dev" | "ino"> | undefined,
  other: Pick<BigIntStats, "dev" | "ino">,
  platform: Platform,
): boolean {
  const volume = (dev: bigint): bigint => (platform === "windows" ? BigInt.asUintN(32, dev) : dev);
  return one?.ino === other.ino && volume(one.dev) === volume(other.dev);
}

function explained<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof NorbridgeError) throw error;
    throw cannotWrite(path, systemReason(error), { cause: error });
  }
}
