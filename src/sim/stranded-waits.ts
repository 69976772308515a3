/**
 * Waits in simulated time that do not pass: code that waits outside of `run`. If the process has nothing else to do, it
 * would end in the middle of them without a message. They are rejected at that point.
 */
import { NorbridgeError } from "../errors.ts";

type Reject = (error: NorbridgeError) => void;

const waits = new Set<Reject>();

/** Watches a wait until the function it returns is called. `reject` has to keep the process alive until it has rejected. */
export function watchWait(reject: Reject): () => void {
  if (waits.size === 0) endOfProcess()?.on("beforeExit", rejectAll);
  waits.add(reject);
  return () => {
    waits.delete(reject);
    if (waits.size === 0) endOfProcess()?.off("beforeExit", rejectAll);
  };
}

/** A page in a browser does not end while it waits, and has no such thing. */
function endOfProcess(): EndOfProcess | undefined {
  return typeof process === "undefined" ? undefined : process;
}

interface EndOfProcess {
  on(event: "beforeExit", listener: () => void): unknown;
  off(event: "beforeExit", listener: () => void): unknown;
}
declare const process: EndOfProcess | undefined;

function rejectAll(): void {
  const stranded = [...waits];
  waits.clear();
  endOfProcess()?.off("beforeExit", rejectAll);
  const error = new NorbridgeError("EINVAL", "simulated time passes only in `run` of the simulation", {
    operation: "wait in simulated time",
    hint: "Call what waits in the job of `simulation.run`, or open the port with `openChip`.",
  });
  for (const reject of stranded) reject(error);
}
