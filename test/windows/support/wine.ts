/** Which Wine there is, and a copy of it whose serial ports read as Windows documents it. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { effort } from "../../support/effort.ts";
import { ptyMissing } from "../../support/pty.ts";

/** Debian keeps both off the PATH. */
const WINE64 = ["wine64", "/usr/lib/wine/wine64"];
const WINESERVER = ["wineserver", "/usr/lib/wine/wineserver"];
/** Brings the one function that Wine 8 lacks and the test runner's native package imports. */
export const CROSS_COMPILER = "x86_64-w64-mingw32-gcc";

const runs = (program: string): boolean => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;

const wine64 = process.platform === "linux" ? WINE64.find(runs) : undefined;
const wineserver = process.platform === "linux" ? WINESERVER.find(runs) : undefined;

/** Why the Windows program cannot be run here; undefined if it can. */
export const windowsMissing =
  process.platform !== "linux" || process.arch !== "x64"
    ? `Wine is used on Linux for x64 only, this is ${process.platform} for ${process.arch}`
    : wine64 === undefined || wineserver === undefined
      ? "wine64 is not installed"
      : effort(false, true)
        ? ptyMissing
        : "takes minutes, runs with NORBRIDGE_CAMPAIGN=full";

/** Why the test suite cannot be run by node.exe here, although the program can. */
export const windowsSuiteMissing =
  windowsMissing ?? (runs(CROSS_COMPILER) ? undefined : `${CROSS_COMPILER} is not installed`);

/** An installed Wine. */
export interface Wine {
  readonly wine64: string;
  readonly wineserver: string;
}

export function installedWine(): Wine {
  if (wine64 === undefined || wineserver === undefined) throw new Error("wine64 is not installed");
  return { wine64, wineserver };
}

const DEBIAN_PROGRAMS = "/usr/lib/wine";
const DEBIAN_LIBRARIES = "/usr/lib/x86_64-linux-gnu/wine";
const DEBIAN_DATA = "/usr/share/wine";
/** In NtReadFile of Debian's 8.0~repack-4: if the interval is MAXDWORD, jump to "was anything read?". */
const TEST_OF_INTERVAL = Buffer.from("83bc24b0000000ff0f85ddfeffffe9f3feffff", "hex");
/** The jump goes nine bytes further then, to the code after that question. */
const JUMP_AT = TEST_OF_INTERVAL.length - 4;
const JUMP_PAST_QUESTION = 0xfc;

/**
 * Makes a copy of Debian's Wine in `folder` in which a read of a serial port that must not wait ends at once, also without
 * any byte. Windows documents it so, and serialport relies on it; Wine waits for the next byte, so an answer of one byte is
 * only seen with the answer after it. Returns undefined if this is not the Wine whose bytes are known.
 */
export function copyWineWithEmptyReads(folder: string): Wine | undefined {
  const original = join(DEBIAN_LIBRARIES, "x86_64-unix/ntdll.so");
  if (wine64 !== join(DEBIAN_PROGRAMS, "wine64") || !existsSync(original)) return undefined;
  const library = readFileSync(original);
  const at = library.indexOf(TEST_OF_INTERVAL);
  if (at < 0 || library.indexOf(TEST_OF_INTERVAL, at + 1) >= 0) return undefined;
  library[at + JUMP_AT] = JUMP_PAST_QUESTION;

  const programs = join(folder, "lib/wine");
  const libraries = join(folder, "lib/x86_64-linux-gnu/wine");
  rmSync(folder, { recursive: true, force: true });
  for (const made of [dirname(programs), libraries, join(folder, "share")]) mkdirSync(made, { recursive: true });
  cpSync(DEBIAN_PROGRAMS, programs, { recursive: true });
  cpSync(join(DEBIAN_LIBRARIES, "x86_64-unix"), join(libraries, "x86_64-unix"), { recursive: true });
  symlinkSync(join(DEBIAN_LIBRARIES, "x86_64-windows"), join(libraries, "x86_64-windows"));
  symlinkSync(DEBIAN_DATA, join(folder, "share/wine"));
  writeFileSync(join(libraries, "x86_64-unix/ntdll.so"), library);
  return { wine64: join(programs, "wine64"), wineserver: join(programs, "wineserver") };
}
