/**
 * One writer for a file. Node has no lock of the operating system, so each program that wants a file lays a claim beside it: a
 * small file with a name of its own that says which process it is. It has the file if no other claim is there whose process
 * runs; else it takes its claim back.
 *
 * Two can never both have it: each lays its claim before it looks, so of two at least one sees the other. A program that was
 * killed is noticed at once, by the number and the start of its process, or on Windows and macOS by a file beside the claim
 * that it held open (held-file.ts); no clock is asked. A claim is never used again, so any process may remove those of dead
 * processes.
 */
import { realpathSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { printable } from "../bytes.ts";
import { machineRandom, realClock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import { cannotWrite, systemErrorCode, systemReason } from "./file-problem.ts";
import { namesInNow, removeFile } from "./folder.ts";
import { HOST_HOLDS, type Holds } from "./held-file.ts";
import { mayRun, ownMark, ownPlace, type ProcessMark, type ProcessPlace } from "./process-mark.ts";
import { quietly } from "./quietly.ts";
import { openRegularFile } from "./regular-file.ts";
import { whileHeld } from "./while-held.ts";

const CLAIM = /^[0-9a-f]{8}\.lock$/;
const CLAIM_CHARACTERS = "01234567.lock".length;
/** The part before the digits, of a claim among the temporary files. */
const CLAIM_ELSEWHERE = /^\.norbridge-([0-9a-f]{16})\.$/;
const MAX_CLAIM_BYTES = 1024;
/** Of a name in front of our digits; file systems take 255 bytes. */
const MAX_NAME_CHARACTERS = 60;
/** Two that came at the same time both give way; the one that comes back first has it. */
const TRIES = 6;
const GIVE_WAY_US = 20_000;

/** A file that is ours until `release`, or until this process ends. */
export interface FileLock {
  readonly kind: "held";
  /** Idempotent; never throws. */
  release(): void;
}

/** Another process has the file. */
export interface LockedOut {
  readonly kind: "taken";
  /** Number of the process that has it, and the file that says so. */
  readonly pid: number;
  readonly claim: string;
}

interface Claim extends ProcessMark, ProcessPlace {
  readonly path: string;
  /** Its process holds the file beside it. */
  readonly isHeld: boolean;
}

/** Claims of this process, and how to let go of what is held for them. */
const held = new Map<string, (() => void) | undefined>();
let cleansUp = false;

/** Locks a file, which need not be there yet. Throws FILE_EXISTS if no claim can be laid anywhere. */
export async function lockFile(path: string, holds: Holds = HOST_HOLDS): Promise<FileLock | LockedOut> {
  for (let tries = 1; ; tries++) {
    const lock = tryLockFile(path, holds);
    if (lock.kind === "held" || tries === TRIES) return lock;
    await realClock.wait(GIVE_WAY_US + (machineRandom() % GIVE_WAY_US));
  }
}

/** The same with one try, for where nothing may wait: of two that come at the same moment none may have it. */
export function tryLockFile(path: string, holds: Holds = HOST_HOLDS): FileLock | LockedOut {
  const places = placesFor(path);
  const own = layClaim(path, places, holds);
  const [other] = claimsIn(places, own, holds);
  if (other === undefined) return lockOf(own);
  release(own);
  return { kind: "taken", pid: other.pid, claim: other.path };
}

/** Returns a lock that was had, and throws PORT_BUSY for one that was not. `what` is "the file of the simulated chip". */
export function heldOrBusy(lock: FileLock | LockedOut, what: string): FileLock {
  if (lock.kind === "held") return lock;
  const isOwn = lock.pid === process.pid;
  const who = isOwn ? "by this program" : `by another program (process ${lock.pid})`;
  throw new NorbridgeError("PORT_BUSY", `${what} is in use ${who}`, {
    operation: "lock file",
    hint: isOwn
      ? "Close it there first."
      : `Wait for that program or end it. If it does not run, remove ${printable(lock.claim)}.`,
  });
}

/** The number of a process that has the file; undefined if none has. Looks only. */
export function holderOf(path: string, holds: Holds = HOST_HOLDS): number | undefined {
  return claimsIn(placesFor(path), "", holds)[0]?.pid;
}

/**
 * Of files in one folder, those that a process has locked, with its process ID: `names` is all that is in the folder. Only
 * reads, and once for all.
 */
export function claimedIn(folder: string, names: readonly string[]): ReadonlyMap<string, number> {
  const claimed = new Map<string, number>();
  const beside = claimsAmong(folder, names, (prefix) => prefix);
  const elsewhere = claimsAmong(tmpdir(), namesInNow(tmpdir()), (prefix) => CLAIM_ELSEWHERE.exec(prefix)?.[1]);
  if (beside.size === 0 && elsewhere.size === 0) return claimed;
  const real = realPath(folder);
  for (const name of names) {
    const pid =
      beside.get(prefixOf(name)) ?? (elsewhere.size === 0 ? undefined : elsewhere.get(digestOf(join(real, name))));
    if (pid !== undefined) claimed.set(name, pid);
  }
  return claimed;
}

/** Claims of programs that run, by what `keyOf` makes of the part of their names before the digits. */
function claimsAmong(
  folder: string,
  names: readonly string[],
  keyOf: (prefix: string) => string | undefined,
): ReadonlyMap<string, number> {
  const claims = new Map<string, number>();
  for (const name of names) {
    if (!CLAIM.test(name.slice(-CLAIM_CHARACTERS))) continue;
    const key = keyOf(name.slice(0, -CLAIM_CHARACTERS));
    if (key === undefined || claims.has(key)) continue;
    const claim = readClaim(join(folder, name));
    if (claim !== undefined && mayLive(claim, HOST_HOLDS)) claims.set(key, claim.pid);
  }
  return claims;
}

interface Place {
  readonly folder: string;
  readonly prefix: string;
}

/** Beside the file; and if that folder is not writable, in the folder for temporary files, by the name of the file. */
function placesFor(path: string): readonly Place[] {
  const real = realPath(path);
  return [
    { folder: dirname(real), prefix: prefixOf(basename(real)) },
    { folder: tmpdir(), prefix: `.norbridge-${digestOf(real)}.` },
  ];
}

function digestOf(realFile: string): string {
  // Loaded here: it costs a start of the program more than any other part of Node, and few programs lock a file.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(realFile).digest("hex").slice(0, 16);
}

function prefixOf(fileName: string): string {
  return `.${Array.from(fileName).slice(0, MAX_NAME_CHARACTERS).join("")}.`;
}

/** The path without links, also of a file that is not there yet. */
function realPath(path: string): string {
  const whole = resolve(path);
  for (const real of [() => realpathSync(whole), () => join(realpathSync(dirname(whole)), basename(whole))]) {
    try {
      return real();
    } catch {
      // Then as it was given.
    }
  }
  return whole;
}

/** Returns the path of the claim. */
function layClaim(path: string, places: readonly Place[], holds: Holds): string {
  let problem: unknown;
  for (const { folder, prefix } of places) {
    const claim = join(folder, `${prefix}${machineRandom().toString(16).padStart(8, "0")}.lock`);
    // Before the claim exists: every reader must find it held.
    const letGo = holds.hold(heldFileOf(claim));
    const text = JSON.stringify({ v: 1, ...ownMark(), ...ownPlace(), held: letGo === undefined ? undefined : 1 });
    try {
      // In one step with its content: an empty claim would have no owner.
      writeFileSync(`${claim}.new`, text, { flag: "wx", mode: 0o644 });
      whileHeld(() => {
        renameSync(`${claim}.new`, claim);
      });
      held.set(claim, letGo);
      cleanUpAtExit();
      return claim;
    } catch (error) {
      problem = error;
      letGo?.();
      quietly(() => {
        removeFile(`${claim}.new`);
      });
    }
  }
  throw cannotWrite(path, `it cannot be locked: ${systemReason(problem)}`, { cause: problem });
}

/** Claims of others that may still run; those of the dead are cleared away. */
function claimsIn(places: readonly Place[], own: string, holds: Holds): Claim[] {
  return places.flatMap(({ folder, prefix }) =>
    namesInNow(folder)
      .filter((name) => name.startsWith(prefix) && CLAIM.test(name.slice(prefix.length)))
      .map((name) => join(folder, name))
      .filter((path) => path !== own)
      .flatMap((path) => {
        const claim = readClaim(path);
        if (claim === undefined) return [];
        if (mayLive(claim, holds)) return [claim];
        for (const dead of [path, heldFileOf(path)]) {
          quietly(() => {
            removeFile(dead);
          });
        }
        return [];
      }),
  );
}

/** Undefined if it is gone, or not a file. One that cannot be read or parsed counts as held: its process is 0 then. */
function readClaim(path: string): Claim | undefined {
  const unknown = { path, pid: 0, started: "", boot: "", space: "", host: "?", isHeld: false };
  try {
    const file = openRegularFile(path);
    try {
      const bytes = file.read(0, Math.min(file.lengthBytes, MAX_CLAIM_BYTES));
      return claimOf(path, new TextDecoder().decode(bytes)) ?? unknown;
    } finally {
      file.close();
    }
  } catch (error) {
    const { cause } = error instanceof Error ? error : {};
    return cause === undefined || systemErrorCode(cause) === "ENOENT" ? undefined : unknown;
  }
}

function claimOf(path: string, text: string): Claim | undefined {
  const number = Number(/"pid":(\d{1,10})\b/.exec(text)?.[1] ?? 0);
  const word = (name: string): string => new RegExp(`"${name}":"([^"\\\\]{0,200})"`).exec(text)?.[1] ?? "";
  if (number === 0) return undefined;
  const place = { host: word("host"), boot: word("boot"), space: word("space") };
  return { path, pid: number, started: word("started"), ...place, isHeld: /"held":1\b/.test(text) };
}

/** Whether the process of a claim may still run. A file that it would hold decides, if this is its machine. */
function mayLive(claim: Claim, holds: Holds): boolean {
  if (!claim.isHeld || claim.host !== ownPlace().host) return mayRun(claim, claim);
  return holds.isHeld(heldFileOf(claim.path));
}

function heldFileOf(claim: string): string {
  return `${claim}.held`;
}

function lockOf(claim: string): FileLock {
  return {
    kind: "held",
    release: () => {
      release(claim);
    },
  };
}

function release(claim: string): void {
  const letGo = held.get(claim);
  if (!held.delete(claim)) return;
  // One that stays is a claim of the dead when this process has ended.
  quietly(() => {
    removeFile(claim);
  });
  letGo?.();
}

/** Also if the program leaves in a hurry. */
function cleanUpAtExit(): void {
  if (cleansUp) return;
  cleansUp = true;
  process.once("exit", () => {
    for (const claim of [...held.keys()]) release(claim);
  });
}
