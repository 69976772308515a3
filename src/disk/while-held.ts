/**
 * On Windows a file that another program has open can be neither replaced nor removed. Most often that is a virus scanner or an
 * indexer that looks at a new file for a moment, so the call is repeated for some time.
 */
import { realClock, sleepNow } from "../clock.ts";
import { hostPlatform, type Platform } from "../platform.ts";
import { systemErrorCode } from "./file-problem.ts";

/** What Windows answers for such a file; the same words also mean a lack of rights, which no waiting cures. */
const HELD = new Set(["EPERM", "EBUSY", "EACCES"]);
const GIVE_UP_US = 2_000_000;
const FIRST_PAUSE_MS = 5;
const MAX_PAUSE_MS = 200;

/** The system whose calls are repeated; a test has its own. */
export interface HeldFiles {
  readonly platform: Platform;
  readonly nowUs: () => number;
  readonly sleep: (durationMs: number) => void;
}

const HOST: HeldFiles = { platform: hostPlatform, nowUs: () => realClock.nowUs(), sleep: sleepNow };

/** Whether this error may mean that another program has the file open. */
export function mayBeHeld(error: unknown, platform: Platform): boolean {
  return platform === "windows" && HELD.has(systemErrorCode(error) ?? "");
}

/** Calls `action` again for up to two seconds while another program has its file open. Throws what the last call threw. */
export function whileHeld<T>(action: () => T, system: HeldFiles = HOST): T {
  const endUs = system.nowUs() + GIVE_UP_US;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    try {
      return action();
    } catch (error) {
      if (!mayBeHeld(error, system.platform) || system.nowUs() >= endUs) throw error;
      system.sleep(pauseMs);
    }
  }
}
