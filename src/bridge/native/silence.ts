/** Why a bridge is given up: it is silent, or nothing of what it sends is of use, or it is busy for too long. */
import { advice } from "../../advice.ts";
import type { LinkFailure } from "../link-machine.ts";
import type { Patience } from "../patience.ts";

/** A bridge at work reports that every 200 ms. */
const RECENT_US = 1_000_000;

/** The failure that ends the job. `lastByteUs`: when any byte came. */
export function silenceOf({ lastBusyUs, limitUs }: Patience, lastByteUs: number, nowUs: number): LinkFailure {
  if (nowUs - lastBusyUs < RECENT_US) {
    return {
      code: "BRIDGE_SILENT",
      message: "the bridge reports that it is busy for longer than its task can take",
      hint: "Unplug the bridge, plug it in and try again. If this persists, its firmware has a fault.",
    };
  }
  const seconds = limitUs / 1e6;
  if (nowUs - lastByteUs >= RECENT_US) {
    return {
      code: "BRIDGE_SILENT",
      message: `the bridge has not responded for ${seconds} s`,
      hint: "Check cable and supply, then try again.",
    };
  }
  return {
    code: "BRIDGE_SILENT",
    message: `no progress for ${seconds} s: the bridge sends bytes, but no valid frame arrives`,
    hint: advice(
      "The link is too noisy, or one direction does not work. Check cable and ground, or lower the baud rate.",
      "set-baud-rate",
    ),
  };
}
