/** Which process began a job, and whether it still runs: numbers of processes are used again, and a dead one may linger. */
import { readFileSync } from "node:fs";
import { kill, pid } from "node:process";

export interface ProcessMark {
  readonly pid: number;
  /** When it began, in the system's own count; "" where the system does not say. */
  readonly started: string;
}

/** Field of /proc/PID/stat behind the name in parentheses: state is the first, start time the twentieth. */
const STATE = 0;
const START = 19;

/** This process. */
export function ownMark(): ProcessMark {
  return { pid, started: startOf(pid) ?? "" };
}

/** Whether the process of the mark still runs. */
export function isRunning(mark: ProcessMark): boolean {
  try {
    kill(mark.pid, 0);
  } catch (error) {
    // It runs, and is somebody else's; or it is gone.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return mark.started === "" || startOf(mark.pid) === mark.started;
}

/** Undefined where the process is dead (also one that nobody has waited for) or the system has no such place. */
function startOf(id: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[STATE] === "Z" || fields[STATE] === "X" ? undefined : fields[START];
  } catch {
    return undefined;
  }
}
