/** From a duplex of bytes to a bridge: tries the protocols in order and reports which one responded. */
import { checkSignal } from "../checks.ts";
import type { Clock } from "../clock.ts";
import type { ByteDuplex } from "../transport/byte-duplex.ts";
import { AutoMachine } from "./auto-machine.ts";
import type { Bridge } from "./bridge.ts";
import type { LinkMachine } from "./link-machine.ts";
import { runLink } from "./link-runner.ts";
import { NativeMachine } from "./native/native-machine.ts";
import { SerprogMachine } from "./serprog/serprog-machine.ts";

/**
 * Protocol to speak: `native` (PROTOCOL.md), `serprog` (flashrom's), or `auto`, which tries native first and then
 * serprog.
 */
export type ProtocolChoice = "auto" | "native" | "serprog";

/** How to open a session with a bridge. */
export interface OpenBridgeOptions {
  /** Time for every deadline of the session: `realClock`, or the clock of a simulation. */
  readonly clock: Clock;
  /** Protocol to speak. `auto` takes longer with a serprog bridge, because native is tried first. */
  readonly protocol: ProtocolChoice;
  /** Returns 32 random bits: session number and nonce are drawn from it. */
  readonly random: () => number;
  /** Climb to a faster line rate if the bridge offers one; default true. */
  readonly climb?: boolean | undefined;
  /**
   * Serprog: whether the bytes are checked all the way to the bridge; left out: as the port reports, see
   * `ByteDuplex.isChecked`. A bridge that is known to have a UART inside stays unchecked all the same.
   */
  readonly isChecked?: boolean | undefined;
  /** Aborts the opening, by ECANCELED; once the session is open it has no effect. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a session with the bridge after `duplex`. Throws BRIDGE_SILENT, BRIDGE_PROTOCOL, BRIDGE_VERSION or ECANCELED,
 * after closing the duplex.
 */
export async function openBridge(duplex: ByteDuplex, options: OpenBridgeOptions): Promise<Bridge> {
  const { random, clock, climb = true, signal } = options;
  checkSignal(signal, "signal", "open bridge");
  const isUnchecked = !(options.isChecked ?? duplex.isChecked);
  const { maxBaudRate } = duplex;
  const native = (helloTries?: number): LinkMachine => new NativeMachine({ random, climb, helloTries, maxBaudRate });
  const serprog = (): LinkMachine => new SerprogMachine({ isUnchecked });
  switch (options.protocol) {
    case "native":
      return runLink(native(), duplex, clock, signal);
    case "serprog":
      return runLink(serprog(), duplex, clock, signal);
    case "auto":
      return runLink(new AutoMachine({ native, serprog }), duplex, clock, signal);
  }
}
