/**
 * V8's compiled form of the program, kept in the user's cache folder, so that a start need not compile. Such a file is code:
 * it is used only if this user alone can have written it, and only if it is whole and was made of this very program by this
 * very Node.js. In any other case there is no cache: nothing here throws, and nothing is reported.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { isAbsolute, join } from "node:path";
import { crc32 } from "node:zlib";
import type { Platform } from "../platform.ts";

/** What a cache must have been made of and with. Two that differ in anything share nothing. */
export interface CacheKey {
  /** Checksum of the program's text, set when it was built. */
  readonly build: string;
  /** Length and time of the program's file as it lies here: V8 itself compares lengths only. */
  readonly programBytes: number;
  readonly programTimeMs: number;
  /** Versions of Node.js and V8, system and processor. */
  readonly runtime: string;
}

export interface CodeCache {
  readonly data: Uint8Array;
  /** The commands that have run since the cache was first made: their functions are in it. */
  readonly commands: readonly string[];
}

interface CacheHead extends CacheKey {
  readonly commands: readonly string[];
  readonly crc32: number;
}

/** No program of ours is larger; the header's place is bounded by its length field. */
const MAX_BYTES = 32 * 1024 * 1024;
const LENGTH_BYTES = 4;
const MAX_HEAD_BYTES = 8192;
/** This many caches stay: of other versions of the program or of Node.js. */
const MAX_FILES = 4;
const ENDING = ".v8cache";
const OTHERS_MAY_WRITE = 0o022;

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder for caches of this program; undefined if the system names none, or if the user switched caches off. */
export function cacheFolder(platform: Platform, env: Environment): string | undefined {
  // The variable that switches off the compile cache of Node.js itself.
  if (env["NODE_DISABLE_COMPILE_CACHE"] !== undefined) return undefined;
  const base = cacheBase(platform, env);
  return base === undefined ? undefined : join(base, "norbridge");
}

function cacheBase(platform: Platform, env: Environment): string | undefined {
  const inHome = (...names: string[]): string | undefined => {
    const home = absolute(env["HOME"]);
    return home === undefined ? undefined : join(home, ...names);
  };
  if (platform === "windows") return absolute(env["LOCALAPPDATA"]);
  if (platform === "macos") return inHome("Library", "Caches");
  return absolute(env["XDG_CACHE_HOME"]) ?? inHome(".cache");
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/** The file of a cache: one for each build of the program and each Node.js. */
export function cachePath(folder: string, key: CacheKey): string {
  const name = `${key.build}-${key.runtime}`.replace(/[^a-zA-Z0-9.-]/g, "_");
  return join(folder, `${name}${ENDING}`);
}

/** Reads a cache; undefined if there is none, or none that can be trusted. `uid`: the user's number, if the system has such. */
export function readCodeCache(folder: string, key: CacheKey, uid: number | undefined): CodeCache | undefined {
  try {
    if (!isPrivate(lstatSync(folder), uid)) return undefined;
    const bytes = readPrivateFile(cachePath(folder, key), uid);
    return bytes === undefined ? undefined : decodeCache(bytes, key);
  } catch {
    return undefined;
  }
}

/** Keeps a cache, whole or not at all. Makes the folder if what it lies in is the user's own. */
export function writeCodeCache(folder: string, key: CacheKey, cache: CodeCache, uid: number | undefined): void {
  try {
    if (!makePrivateFolder(folder, uid)) return;
    const path = cachePath(folder, key);
    const temporary = `${path}.${process.pid}`;
    try {
      // Neither a file nor a link that exists already: it may belong to another user.
      writeFile(temporary, encodeCache(key, cache));
      renameSync(temporary, path);
    } catch {
      unlinkSync(temporary);
    }
    removeOld(folder);
  } catch {
    // A full disk, a folder that cannot be written: the next start compiles again.
  }
}

/** A folder or file that belongs to this user, and that no other user can write to. On Windows its folder decides that. */
function isPrivate(stats: Stats, uid: number | undefined): boolean {
  if (stats.isSymbolicLink()) return false;
  return uid === undefined || (stats.uid === uid && (stats.mode & OTHERS_MAY_WRITE) === 0);
}

function readPrivateFile(path: string, uid: number | undefined): Uint8Array | undefined {
  // Windows has neither flag: what is not there counts as 0.
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || !isPrivate(stats, uid) || stats.size > MAX_BYTES) return undefined;
    const bytes = new Uint8Array(stats.size);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(file, bytes, filled, bytes.length - filled, null);
      if (count === 0) return undefined;
      filled += count;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

function encodeCache(key: CacheKey, { data, commands }: CodeCache): readonly Uint8Array[] {
  const head: CacheHead = { ...key, commands, crc32: crc32(data) };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, text.length, true);
  return [length, text, data];
}

function decodeCache(bytes: Uint8Array, key: CacheKey): CodeCache | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const headBytes = new DataView(bytes.buffer).getUint32(0, true);
  if (headBytes > MAX_HEAD_BYTES || LENGTH_BYTES + headBytes > bytes.length) return undefined;
  const head: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headBytes)));
  const data = bytes.subarray(LENGTH_BYTES + headBytes);
  if (!isHeadOf(head, key) || crc32(data) !== head.crc32) return undefined;
  return { data, commands: head.commands };
}

function isHeadOf(head: unknown, key: CacheKey): head is CacheHead {
  if (typeof head !== "object" || head === null) return false;
  if (!Object.entries(key).every(([name, value]) => Reflect.get(head, name) === value)) return false;
  const commands: unknown = Reflect.get(head, "commands");
  const isList = Array.isArray(commands) && commands.every((command) => typeof command === "string");
  return isList && typeof Reflect.get(head, "crc32") === "number";
}

/** True if the folder is there in the end, and private. */
function makePrivateFolder(folder: string, uid: number | undefined): boolean {
  const base = join(folder, "..");
  // A program that runs as root with the home of another user leaves nothing there.
  if (uid !== undefined && statSync(nearestFolder(base)).uid !== uid) return false;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return isPrivate(lstatSync(folder), uid);
}

/** The folder itself, or the one nearest above it that exists. */
function nearestFolder(folder: string): string {
  const above = join(folder, "..");
  if (above === folder || statSync(folder, { throwIfNoEntry: false }) !== undefined) return folder;
  return nearestFolder(above);
}

function writeFile(path: string, parts: readonly Uint8Array[]): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    for (const part of parts) {
      for (let done = 0; done < part.length; ) done += writeSync(file, part, done);
    }
  } finally {
    closeSync(file);
  }
}

/** Removes all but the newest caches, and what a process left that was killed while it wrote. */
function removeOld(folder: string): void {
  const caches = readdirSync(folder)
    .filter((name) => name.includes(ENDING))
    .map((name) => join(folder, name))
    .map((path) => ({ path, timeMs: statSync(path).mtimeMs }))
    .sort((a, b) => b.timeMs - a.timeMs);
  for (const { path } of caches.slice(MAX_FILES)) unlinkSync(path);
}
