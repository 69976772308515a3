/** The way to the bridge of a slot, by its port as typed. */
import type { MakeWires } from "./slot-worker.ts";
import { portWires } from "./wires.ts";

/** Throws USAGE for a port of no known form, or a simulated one whose settings are none. */
export async function checkSlotPort(port: string): Promise<void> {
  if (!port.startsWith("sim:")) portWires(port).close();
  else (await import("./sim-slot.ts")).readScriptedSlot(port);
}

/** Throws USAGE for a port of no known form. */
export const makeWires: MakeWires = async (port, slot) => {
  if (!port.startsWith("sim:")) return portWires(port);
  const { scriptedSlot } = await import("./sim-slot.ts");
  return scriptedSlot(port, slot);
};
