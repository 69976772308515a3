/** Reads the SFDP area of a chip. Never sent before an ID that is plausible and not an AT45's. */
import type { BridgeLimits, ChipAnswer, StepProgram } from "../chip-driver.ts";
import { addressed, readProgram } from "../step-answers.ts";
import { hasSfdpSignature, parseSfdpTables, tableEnd } from "./sfdp-area.ts";

const READ_SFDP = 0x5a;
const DUMMY = 0x00;
/** Header, parameter headers and basic table of most areas lie in it. */
const FIRST_BYTES = 256;
/** More than any known area has (608); a pointer beyond is not followed. */
const MAX_BYTES = 4096;
/** Tables that are looked at: basic, sector map, 4-byte commands. */
const WANTED_TABLES: ReadonlySet<number> = new Set([0xff00, 0xff81, 0xff84]);

/**
 * Reads the first bytes of the SFDP area (256 by default). The value is undefined if the chip has none. The area has no
 * checksum, so it is read twice; two different reads count as none. An area that comes one byte late is the value, too: see
 * `isSfdpLate`. The SPI clock must not exceed 50 MHz.
 */
export function readSfdp(
  limits: BridgeLimits,
  lengthBytes = FIRST_BYTES,
): StepProgram<ChipAnswer<Uint8Array | undefined>> {
  const once = readProgram({ address: 0, lengthBytes }, limits, (address) => addressed(READ_SFDP, address, DUMMY));
  const count = once.steps.length;
  return {
    steps: [...once.steps, ...once.steps],
    decode: (results) => {
      const first = once.decode(results.slice(0, count));
      if (first.outcome !== "done") return first;
      const second = once.decode(results.slice(count));
      if (second.outcome !== "done") return second;
      const same = first.value.every((byte, index) => byte === second.value[index]);
      return { outcome: "done", value: same && isArea(first.value) ? first.value : undefined };
    },
  };
}

function isArea(response: Uint8Array): boolean {
  return hasSfdpSignature(response) || isSfdpLate(response);
}

/** Whether a response to 5Ah starts with the signature one byte late: the chip took four address bytes. */
export function isSfdpLate(response: Uint8Array): boolean {
  return !hasSfdpSignature(response) && hasSfdpSignature(response.subarray(1));
}

/** How many bytes of the area hold all tables that are looked at; what a broken header asks for beyond 4 KiB does not count. */
export function wantedSfdpBytes(area: Uint8Array): number {
  const tables = parseSfdpTables(area);
  if (!tables.ok) return area.length;
  const ends = tables.value
    .filter(({ id }) => WANTED_TABLES.has(id))
    .map(tableEnd)
    .filter((end) => end <= MAX_BYTES);
  return Math.max(area.length, ...ends);
}
