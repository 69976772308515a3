/** The program of a slot: started by the station, one for each. */
import { makeWires } from "./make-wires.ts";
import { workerEnd } from "./process-channel.ts";
import { SlotWorker } from "./slot-worker.ts";

// Ctrl-C goes to all processes of a terminal: the station says what to do then.
process.on("SIGINT", () => undefined);
const channel = workerEnd();
await new SlotWorker(channel, makeWires).run();
if (process.connected) channel.end();
