/**
 * How trouble with a file becomes an error a person can act on: always the file's name, then the place in it, then the
 * reason. Everything a file can do wrong on the way in is FILE_INVALID, everything on the way out is FILE_EXISTS.
 */
import type { Advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EAGAIN: "it does not accept data",
  EEXIST: "it exists already",
  EBUSY: "it is in use",
  EDQUOT: "the disk quota is exceeded",
  EFBIG: "the file is too large for the file system",
  EIO: "the disk reports an error",
  EISDIR: "it is a directory",
  ELOOP: "too many symbolic links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "no such file or directory",
  ENOSPC: "no space is left on the disk",
  ENOTDIR: "a part of the path is not a directory",
  EPERM: "the system does not permit it",
  EROFS: "the file system is read-only",
  ETXTBSY: "it is in use",
};

/** The system's error name (`ENOSPC`) of a caught value, or undefined if it is not an error of the system. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** An error of the system in words. */
export function systemReason(error: unknown): string {
  const code = systemErrorCode(error);
  if (code !== undefined) return REASONS[code] ?? `the system reports ${printable(code)}`;
  return error instanceof Error ? printable(error.message) : "unknown reason";
}

/** What may be added to an error about a file. */
export interface FileProblem {
  readonly hint?: string | Advice | undefined;
  readonly cause?: unknown;
}

/**
 * An input file that cannot be used, as FILE_INVALID.
 *
 * @param where `name`, `name:line` or `name: byte N`; foreign text in it is made printable here.
 */
export function fileInvalid(where: string, reason: string, problem: FileProblem = {}): NorbridgeError {
  return new NorbridgeError("FILE_INVALID", `${printable(where)}: ${reason}`, { operation: "open file", ...problem });
}

/** An input file that the system does not hand out, as FILE_INVALID. */
export function cannotRead(name: string, error: unknown): NorbridgeError {
  return fileInvalid(name, `cannot be read: ${systemReason(error)}`, { cause: error });
}

/** An output file that cannot be written, as FILE_EXISTS. */
export function cannotWrite(name: string, reason: string, problem: FileProblem = {}): NorbridgeError {
  return new NorbridgeError("FILE_EXISTS", `cannot write ${printable(name)}: ${reason}`, {
    operation: "write image",
    ...problem,
  });
}
