/** What to say of a chip that was not identified: the error, with advice by cause. */
import type { Identification } from "../../drivers/identification.ts";
import type { UnknownCause } from "../../drivers/other-devices.ts";
import { type Advice, advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";

/** A result of the identification that leaves no chip to work with. */
export type NotFound = Exclude<Identification, { readonly kind: "found" | "size-conflict" }>;

/** What the user specified of the chip. */
export interface SpecifiedChip {
  /** Name of the part. */
  readonly chip?: string | undefined;
}

const DESCRIBE = "The chip is described neither by the catalogue nor by itself.";

const ADVICE: Readonly<Record<Exclude<UnknownCause, "mismatch">, Advice>> = {
  "not-described": advice(`${DESCRIBE} Describe it in a chip file, from its datasheet.`, "set-chip-description"),
  "not-shown": advice(
    "Nothing was changed. Describe the chip in a chip file, from its datasheet: that description is then used.",
    "set-chip-description",
  ),
  "by-name": advice("Nothing was changed. Read the marking on the chip and specify the part.", "set-part"),
  "byte-program": advice(`${DESCRIBE} Describe it in a chip file with "pageBytes": 1.`, "set-chip-description"),
  "other-device": advice(
    "Nothing was changed. The commands of NOR flash do not work on it: use a tool for that device.",
  ),
  "old-id": advice("Nothing was changed. norbridge works only with chips that return an ID for command 9Fh."),
  misread: advice(
    "Nothing was changed. Lower the SPI clock, shorten the wires, and check that the bridge uses SPI mode 0.",
    "check-wiring",
    "set-spi-clock",
  ),
  "stacked-dies": advice(
    "Nothing was changed. To use only the die that is selected at power-up, describe it alone in a chip file: this ID and the size of one die.",
    "set-chip-description",
  ),
  "wrong-size": advice("Nothing was changed. Specify the size of the chip, or let norbridge find it.", "set-chip-size"),
};

/** The error for a chip that was not identified: CHIP_MISSING, CHIP_UNKNOWN or CHIP_AMBIGUOUS. */
export function notIdentified(found: NotFound, specified: SpecifiedChip): NorbridgeError {
  const operation = "identify chip";
  switch (found.kind) {
    case "missing":
      return new NorbridgeError("CHIP_MISSING", `no chip responds on the SPI bus: ${found.pattern}`, {
        operation,
        ...missingHint(found.pattern),
      });
    case "unknown": {
      const what = `a chip with ID ${found.jedecId} responds, but ${printable(found.reason)}`;
      return new NorbridgeError("CHIP_UNKNOWN", what, { operation, hint: adviceFor(found.cause, specified) });
    }
    case "ambiguous": {
      const message = `the ID ${found.jedecId} belongs to ${found.names.join(" and ")}, which differ in ${found.difference}`;
      return new NorbridgeError("CHIP_AMBIGUOUS", message, { operation });
    }
  }
}

function adviceFor(cause: UnknownCause | undefined, { chip }: SpecifiedChip): Advice {
  if (cause !== "mismatch") return ADVICE[cause ?? "not-described"];
  return chip === undefined
    ? advice("Use the chip file of this chip, or none.", "set-chip-description")
    : advice("Let norbridge identify the chip.", "omit-part");
}

/** Bytes that say something about the wires have advice of their own; for an undriven line that of the code serves. */
function missingHint(pattern: string): { readonly hint?: Advice | undefined } {
  if (pattern.startsWith("two reads differ")) {
    const text = "Lower the SPI clock, check clip, wires and ground, and hold the processor of the target in reset.";
    return { hint: advice(text, "check-wiring", "set-spi-clock") };
  }
  if (pattern.endsWith("read FF") || !pattern.startsWith("all bytes")) return {};
  const text = pattern.endsWith("read 00")
    ? "MISO stays low: check supply and ground, and whether another device or a short circuit pulls it down."
    : "Something else drives MISO: check chip select and the wires, and hold the processor of the target in reset.";
  return { hint: advice(text, "check-wiring") };
}
