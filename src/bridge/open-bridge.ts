/** From a duplex of bytes to a bridge: tries the protocols in order and says what answered. */
import type { Clock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { ByteDuplex } from "../transport/byte-duplex.ts";
import type { Bridge } from "./bridge.ts";
import { runLink } from "./link-runner.ts";
import { NativeMachine } from "./native/native-machine.ts";

export type ProtocolChoice = "auto" | "native" | "serprog";

export interface OpenBridgeOptions {
  readonly clock: Clock;
  readonly protocol: ProtocolChoice;
  /** Answers 32 random bits: session number and nonce are drawn from it. */
  readonly random: () => number;
  /** Climb to a faster line rate if the bridge offers one; default true. */
  readonly climb?: boolean;
}

/**
 * Opens a session with the bridge behind `duplex`. Throws BRIDGE_SILENT, BRIDGE_PROTOCOL or BRIDGE_VERSION, after
 * closing the duplex.
 */
export async function openBridge(duplex: ByteDuplex, options: OpenBridgeOptions): Promise<Bridge> {
  if (options.protocol === "serprog") {
    await duplex.close();
    throw new NorbridgeError("USAGE", "this version of norbridge does not speak serprog yet", {
      operation: "open bridge",
      hint: "Use a bridge with norbridge firmware, or flashrom for serprog boards.",
    });
  }
  const machine = new NativeMachine({ random: options.random, climb: options.climb ?? true });
  return runLink(machine, duplex, options.clock);
}
