/** Which process did something, and whether it still runs: numbers of processes are used again, and a dead one may linger. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { kill, pid } from "node:process";

export interface ProcessMark {
  readonly pid: number;
  /** When it began, in the system's own count; "" if the system does not say. */
  readonly started: string;
}

/** Where numbers of processes mean the same: a machine between two boots, and a container on it. "" where unknown. */
export interface ProcessPlace {
  readonly host: string;
  readonly boot: string;
  readonly space: string;
}

/** Field of /proc/PID/stat after the name in parentheses: state is the first, start time the twentieth. */
const STATE = 0;
const START = 19;

/** This process. */
export function ownMark(): ProcessMark {
  return { pid, started: startOf(pid) ?? "" };
}

/** Where this process runs. */
export function ownPlace(): ProcessPlace {
  const boot = answered(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const space = answered(() => readlinkSync("/proc/self/ns/pid"));
  return { host: hostname(), boot, space };
}

/** Whether the process of the mark still runs on this machine. */
export function isRunning(mark: ProcessMark): boolean {
  try {
    kill(mark.pid, 0);
  } catch (error) {
    // It runs and belongs to another user; or it is gone.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return mark.started === "" || startOf(mark.pid) === mark.started;
}

/** Whether a process of any place may still run; if that cannot be known from here, it may. */
export function mayRun(mark: ProcessMark, place: ProcessPlace): boolean {
  const here = ownPlace();
  if (place.host !== here.host) return true;
  if (place.boot !== here.boot) return false;
  return place.space !== here.space || isRunning(mark);
}

/** Undefined if the process is dead (also a zombie) or the system has no such file. */
function startOf(id: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[STATE] === "Z" || fields[STATE] === "X" ? undefined : fields[START];
  } catch {
    return undefined;
  }
}

function answered(ask: () => string): string {
  try {
    return ask();
  } catch {
    return "";
  }
}
