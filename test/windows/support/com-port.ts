/** A simulated bridge and chip at a COM port: the simulator's server on Linux, a pseudo terminal, and its name of Windows. */
import { closeSync, constants, openSync } from "node:fs";
import { connect } from "node:net";
import { realClock } from "../../../src/clock.ts";
import type { World } from "../../../src/sim/simulation.ts";
import { parseSimParameters } from "../../../src/sim/sim-parameters.ts";
import { serveSimulation } from "../../../src/sim/sim-server.ts";
import { makePty } from "../../support/pty.ts";
import type { WindowsMachine } from "./windows-machine.ts";

export interface ComPort {
  /** Chip and bridge at the port. */
  readonly simulation: World;
  /** The cable is pulled: the port hangs up and its name is gone. Idempotent. */
  unplug(): Promise<void>;
  /** Ends all of it. */
  close(): Promise<void>;
}

/** Plugs a bridge in as `name`, such as COM7. `settings` are those of a `sim:` port. */
export async function plugIn(
  machine: WindowsMachine,
  name: string,
  chip: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ComPort> {
  const server = await serveSimulation({
    ...{ params: parseSimParameters(chip, new Map(Object.entries(settings))), host: "127.0.0.1", port: 0 },
    ...{ realtime: true, clock: realClock },
  });
  const pty = await makePty();
  const socket = connect(server.address.port, "127.0.0.1");
  pty.peer.relay(socket);
  // A terminal that no program has open hangs up; a real adapter does not.
  const held = openSync(pty.path, constants.O_RDWR | constants.O_NOCTTY);
  const disconnect = machine.connectPort(name, pty.path);
  let isPlugged = true;
  const unplug = async (): Promise<void> => {
    if (!isPlugged) return;
    isPlugged = false;
    disconnect();
    closeSync(held);
    await pty.peer.vanish();
  };
  return {
    simulation: server.simulation,
    unplug,
    async close() {
      await unplug();
      socket.destroy();
      await server.close();
    },
  };
}
