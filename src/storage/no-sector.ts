/** The error for a sector that a log does not have. */
import { NorbridgeError } from "../errors.ts";

/** `count`: how many sectors there are. */
export function noSector(sector: number, count: number): NorbridgeError {
  return new NorbridgeError("ERANGE", `there is no sector ${sector}: the log has the sectors 0 to ${count - 1}`, {
    operation: "read sector",
  });
}
