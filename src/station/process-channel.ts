/** Both ends of the way between a station and the process of a slot: messages of Node.js between processes. */
import { type ChildProcess, fork } from "node:child_process";
import { pathInPackage } from "../disk/package-path.ts";
import { NorbridgeError } from "../errors.ts";
import type { StationEnd, WorkerEnd, WorkerMessage, WorkerOrder } from "./messages.ts";

const SCRIPT = "dist/src/station/slot-process.js";
/** What a process has said last on stderr, for the reason of its end. */
const MAX_ERRORS = 2000;

/** Starts the process of a slot. Throws EINVAL if this installation has no program for it. */
export function forkSlot(): StationEnd {
  const script = pathInPackage(SCRIPT);
  if (script === undefined) {
    throw new NorbridgeError("EINVAL", `this installation is not complete: ${SCRIPT} is missing`, {
      operation: "start slot",
      hint: "Install norbridge again.",
    });
  }
  // A group of its own would outlive the station on some systems; it hears the end of the channel instead.
  return stationEnd(fork(script, [], { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] }));
}

function stationEnd(child: ChildProcess): StationEnd {
  const listeners: ((message: WorkerMessage) => void)[] = [];
  const ends: ((why: string) => void)[] = [];
  let ended: string | undefined;
  let errors = "";
  const end = (why: string): void => {
    if (ended !== undefined) return;
    ended = why;
    for (const listener of ends) listener(why);
  };
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors = `${errors}${text}`.slice(-MAX_ERRORS);
  });
  // Only this program's own slot is at the other end.
  child.on("message", (message) => {
    for (const listener of listeners) listener(message as WorkerMessage);
  });
  child.on("error", (error) => end(error.message));
  child.on("close", (code, signal) => {
    const last = errors.trim().split("\n").at(-1) ?? "";
    end(`it ended by ${signal ?? `exit code ${code ?? 0}`}${last === "" ? "" : ` (${last})`}`);
  });
  return {
    send(message) {
      if (child.connected) child.send(message, () => undefined);
    },
    onMessage: (listener) => void listeners.push(listener),
    onEnd(listener) {
      if (ended === undefined) ends.push(listener);
      else listener(ended);
    },
    end() {
      child.kill("SIGKILL");
    },
  };
}

/** The end in the process of the slot. */
export function workerEnd(): WorkerEnd {
  return {
    send(message) {
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
    onMessage: (listener) =>
      void process.on("message", (message) => {
        listener(message as WorkerOrder);
      }),
    onEnd: (listener) => void process.on("disconnect", () => listener("the station is gone")),
    end() {
      process.disconnect();
    },
  };
}
