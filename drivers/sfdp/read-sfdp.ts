/** Reads the SFDP area of a chip. Never sent before an ID that is plausible and not an AT45's. */
import type { BridgeLimits, ChipAnswer, StepProgram } from "../chip-driver.ts";
import { addressed, readProgram } from "../step-answers.ts";
import { hasSfdpSignature } from "./sfdp-area.ts";

const READ_SFDP = 0x5a;
const DUMMY = 0x00;
/** Header, parameter headers and basic table of all known areas lie in it. */
const AREA_BYTES = 256;

/**
 * The first 256 bytes of the area, or undefined if there is none. The area has no checksum: it is read twice, and two
 * readings that differ count as none. At most 50 MHz.
 */
export function readSfdp(limits: BridgeLimits): StepProgram<ChipAnswer<Uint8Array | undefined>> {
  const once = readProgram({ address: 0, lengthBytes: AREA_BYTES }, limits, (address) =>
    addressed(READ_SFDP, address, DUMMY),
  );
  const count = once.steps.length;
  return {
    steps: [...once.steps, ...once.steps],
    decode: (results) => {
      const first = once.decode(results.slice(0, count));
      if (first.outcome !== "done") return first;
      const second = once.decode(results.slice(count));
      if (second.outcome !== "done") return second;
      const same = first.value.every((byte, index) => byte === second.value[index]);
      return { outcome: "done", value: same && hasSfdpSignature(first.value) ? first.value : undefined };
    },
  };
}
