/** A bridge on a duplex of bytes, whatever that is: a port, a socket, a port of a browser. */
import type { ChipDescriptor } from "../../../drivers/chip-descriptor.ts";
import { openBridge } from "../../bridge/open-bridge.ts";
import { isOf } from "../../error-groups.ts";
import { openFlash } from "../../flash/open-flash.ts";
import type { ByteDuplex } from "../../transport/byte-duplex.ts";
import type { ConnectionRequest } from "../connection-request.ts";
import type { RunHost } from "../run-host.ts";
import { type Connection, type ReopenOptions, requestNow } from "./connection.ts";
import { openChip } from "./open-chip.ts";
import { bridgeOn } from "./wire.ts";

/** How long a port that went away is waited for, and how often it is looked for. */
const COME_BACK_US = 10_000_000;
const LOOK_AGAIN_US = 250_000;

/** What else is known of the connection. */
export interface DuplexPlace {
  /** A part that is not in the catalogue. */
  readonly part: ChipDescriptor | undefined;
  /** The same bridge and chip once more; left out if what was lost cannot come back. */
  readonly reopen: Connection["reopen"] | undefined;
}

/** Opens bridge and chip on a duplex, which is closed if that fails. Throws BRIDGE_*, CHIP_*. */
export async function connectDuplex(
  host: RunHost,
  duplex: ByteDuplex,
  request: ConnectionRequest,
  { staySlow, ...how }: ReopenOptions,
  { part, reopen }: DuplexPlace,
): Promise<Connection> {
  const { clock, random } = host;
  const bridge = await bridgeOn({ duplex, clock, random }, host, request, { staySlow }, openBridge);
  const opened = await openChip(bridge, requestNow(request, { staySlow, ...how }), openFlash, host, part);
  const connection = {
    ...opened,
    bridge,
    clock,
    run: <T>(job: () => Promise<T>): Promise<T> => job(),
    close: () => opened.device.close(),
    leave: () => duplex.close(),
    violations: () => [],
  };
  return reopen === undefined ? connection : { ...connection, reopen };
}

/** Tries until the port is there again and the bridge responds; throws what went wrong last. */
export async function untilBack({ clock, signal }: RunHost, attempt: () => Promise<Connection>): Promise<Connection> {
  const endUs = clock.nowUs() + COME_BACK_US;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isOf(error, "reappearing") || clock.nowUs() >= endUs || signal.aborted) throw error;
    }
    await clock.wait(LOOK_AGAIN_US, signal);
  }
}
