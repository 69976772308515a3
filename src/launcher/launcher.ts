/**
 * What `norbridge` starts: runs the bundled program beside this file, from V8's compiled form of it if there is one. It
 * imports nothing of the program, so that a start loads two files.
 */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { hostPlatform, machineNames } from "../platform.ts";
import { type CacheKey, cacheFolder, readCodeCache, writeCodeCache } from "./code-cache.ts";

/** Checksum of the program's text; the build puts it in. */
declare const PROGRAM_BUILD: string;

/** The program's file is one function. `require` finds what was not bundled; `url` is where the file lies. */
type Program = (require: NodeJS.Require, url: string) => void;

/** More are not listed in a cache: whatever a user types stands here, a command or not. */
const MAX_COMMANDS = 64;

const url = new URL("program.cjs", import.meta.url);
const path = fileURLToPath(url);
const { text, programBytes, programTimeMs } = readProgram();
const key: CacheKey = {
  build: PROGRAM_BUILD,
  programBytes,
  programTimeMs,
  runtime: Object.values({ ...machineNames(), v8: process.versions.v8 }).join("-"),
};
const folder = cacheFolder(hostPlatform, process.env);
const uid = process.getuid?.();
const cache = folder === undefined ? undefined : readCodeCache(folder, key, uid);
const script = new Script(text, {
  filename: path,
  cachedData: cache?.data,
});
if (folder !== undefined) keepCache(folder);
const program = script.runInThisContext() as Program;
program(createRequire(url), url.href);

function readProgram(): { text: string; programBytes: number; programTimeMs: number } {
  const file = openSync(path, "r");
  try {
    const { size, mtimeMs } = fstatSync(file);
    // The build makes it of ASCII alone: this is the quickest way to a string.
    return { text: readFileSync(file, "latin1"), programBytes: size, programTimeMs: mtimeMs };
  } finally {
    closeSync(file);
  }
}

/** At the end of the first run of each command its functions are compiled, and the cache is kept with them. */
function keepCache(target: string): void {
  const word = process.argv[2] ?? "";
  const command = /^[a-z-]{1,20}$/.test(word) ? word : "";
  const known = script.cachedDataRejected === false ? (cache?.commands ?? []) : [];
  if (known.includes(command) || known.length >= MAX_COMMANDS) return;
  process.once("exit", () => {
    writeCodeCache(target, key, { data: script.createCachedData(), commands: [...known, command] }, uid);
  });
}
