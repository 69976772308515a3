/** What a port stands for before anything is asked of the bridge on it, and the bridge. */
import type { Bridge } from "../../bridge/bridge.ts";
import type { openBridge } from "../../bridge/open-bridge.ts";
import type { Clock } from "../../clock.ts";
import type { ByteDuplex } from "../../transport/byte-duplex.ts";
import { bridgeOptionsOf, type ConnectionRequest } from "../connection-request.ts";
import type { RunHost } from "../run-host.ts";
import type { ReopenOptions } from "./connection.ts";

/** Bytes to and from a bridge, and the time that it lives in. */
export interface Wire {
  readonly duplex: ByteDuplex;
  readonly clock: Clock;
  /** 32 random bits. */
  readonly random: () => number;
  /** Runs what talks to the bridge. */
  readonly run: <T>(job: () => Promise<T>) => Promise<T>;
}

/** Handed in, since in simulated time nothing may be imported. */
export type OpenBridge = typeof openBridge;

/** Opens the bridge on a wire; to be called within its `run`. Throws BRIDGE_*. */
export async function bridgeOn(
  { duplex, clock, random }: Omit<Wire, "run">,
  host: Pick<RunHost, "recorder">,
  request: ConnectionRequest,
  { staySlow }: Pick<ReopenOptions, "staySlow">,
  openBridge: OpenBridge,
): Promise<Bridge> {
  const opening = await openBridge(duplex, {
    ...bridgeOptionsOf(request),
    clock,
    climb: !staySlow,
    random: host.recorder?.random(random) ?? random,
  });
  return host.recorder?.wrapBridge(opening) ?? opening;
}
