/** What the replies to the ID command show about the wires. Pure. */
import { advice, type Remedy } from "../advice.ts";
import { sameBytes, toHex } from "../bytes.ts";
import type { Finding } from "./finding.ts";

/** First bytes of common IDs: Adesto and Atmel, Winbond, Macronix, Micron, ISSI, SST, GigaDevice, Puya, Spansion. */
const VENDORS = new Set([0x1f, 0xef, 0xc2, 0x20, 0x9d, 0xbf, 0xc8, 0x85, 0x01]);

const CHECK = "chip ID";

/** Judges replies to 9Fh, three bytes each. `where` ends the evidence: "at 4 MHz". */
export function judgeIds(answers: readonly Uint8Array[], where: string): Finding {
  const [first] = answers;
  if (first === undefined) return { check: CHECK, state: "skipped", evidence: "the ID was not read" };
  const odd = answers.filter((answer) => !sameBytes(answer, first)).length;
  if (odd > 0) {
    const evidence = `${odd} of ${answers.length} reads of the ID differ from ${toHex(first)} ${where}`;
    return fault(
      evidence,
      "the ID changes between reads: MISO floats, the wires are too long or the SPI clock is too fast",
      "Check ground and MISO, shorten the wires, lower the SPI clock.",
      "set-spi-clock",
    );
  }
  const evidence = `${answers.length} reads, all ${toHex(first)} ${where}`;
  if (first.every((byte) => byte === 0xff)) {
    return fault(
      evidence,
      "no chip drives MISO: no supply, no chip select, MISO not connected, or swapped with MOSI",
      "Check supply, ground, CS, MISO and MOSI at the pins of the chip; HOLD# must be high.",
    );
  }
  if (first.every((byte) => byte === 0)) {
    return fault(
      evidence,
      "MISO is held low: shorted to ground, or the chip is held in reset",
      "Look for a short between MISO and ground; RESET# and HOLD# must be high.",
    );
  }
  if (VENDORS.has(first[0] ?? 0)) return { check: CHECK, state: "ok", evidence };
  const shift = shiftOf(first);
  if (shift !== undefined) {
    return fault(
      `${evidence}, which is a known ID ${shift}`,
      "bits are sampled one clock too early or too late",
      "Lower the SPI clock; check that the bridge uses SPI mode 0.",
      "set-spi-clock",
    );
  }
  return {
    check: CHECK,
    state: "warning",
    evidence: `${evidence}, which is not the ID of a known manufacturer`,
    cause: "norbridge does not know this chip",
    fix: advice("Compare the ID with the datasheet.", "set-part", "set-chip-description"),
  };
}

/** An ID that is one bit off is a known one when it is moved back. */
function shiftOf(id: Uint8Array): string | undefined {
  const [a = 0, b = 0] = id;
  if (VENDORS.has(((a << 1) | (b >> 7)) & 0xff)) return "one bit too late";
  // The bit that was lost is not known: it may have been either.
  if (VENDORS.has(a >> 1) || VENDORS.has((a >> 1) | 0x80)) return "one bit too early";
  return undefined;
}

function fault(evidence: string, cause: string, fix: string, ...remedies: readonly Remedy[]): Finding {
  return { check: CHECK, state: "fault", evidence, cause, fix: advice(fix, ...remedies) };
}
