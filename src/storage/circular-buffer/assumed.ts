/** Refusals of what depends on a value that was not specified and that the flash does not show. */
import { type Advice, advice } from "../../advice.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { AssumedOption } from "./format.ts";

/** The error for `operation`, which depends on `what`: LAYOUT_MISMATCH. */
export function assumedError(what: AssumedOption, region: FlashRegion, operation: string): NorbridgeError {
  const [message, hint] = textOf(what, region);
  return new NorbridgeError("LAYOUT_MISMATCH", `${operation}: ${message}`, { operation, hint });
}

function textOf(what: AssumedOption, { eraseBytes }: FlashRegion): readonly [message: string, hint: Advice] {
  switch (what) {
    case "sectorBytes":
      return [
        "the sector size was not specified and cannot be detected while only one sector is in use",
        advice(
          `Nothing was changed. Specify the sector size; one erase block has ${eraseBytes} bytes.`,
          "set-sector-size",
        ),
      ];
    case "alignBytes":
      return [
        "the write alignment was not specified and cannot be detected while the log has no entry",
        advice("Nothing was changed. Specify the alignment; most devices use 1 or 4.", "set-alignment"),
      ];
    case "region":
      return [
        "a new sector is needed, but the ids of the sectors do not show where the ring ends",
        advice("Nothing was changed. Specify the region of the ring, as the device has it.", "set-region"),
      ];
  }
}
