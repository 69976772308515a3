/** The wires to a chip at the clock of the job, before anything is changed: IDs and unique ID that are always the same. */
import { readIdTimes } from "../../drivers/id-questions.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { toHex } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { valueOf } from "../flash/chip-failure.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { runQuestion } from "../flash/run-program.ts";

const ID_READS = 200;
const READS_AT_ONCE = 50;
const ID_BYTES = 3;

/** Reads the ID again and again. Throws CHIP_MISSING if it is not always the same, and what the bridge throws. */
export async function checkContact(bridge: Bridge, { identity }: FlashDevice): Promise<void> {
  const expected = identity.jedecId.slice(0, ID_BYTES * 2);
  let wrong = 0;
  let seen = "";
  for (let reads = 0; reads < ID_READS; reads += READS_AT_ONCE) {
    const ids = valueOf(await runQuestion(bridge, readIdTimes(READS_AT_ONCE)), "check contact");
    for (const id of ids) {
      const text = toHex(id.subarray(0, ID_BYTES));
      if (text === expected) continue;
      wrong++;
      seen = text;
    }
  }
  if (wrong === 0) return;
  throw new NorbridgeError(
    "CHIP_MISSING",
    `the contact is not good: ${wrong} of ${ID_READS} IDs were wrong, as ${seen} instead of ${expected}`,
    { operation: "check contact", hint: "Nothing was changed. Press the unit down, and clean the contacts." },
  );
}

/** The unique ID, which must be the same twice; undefined if the chip has none. Throws CHIP_MISSING. */
export async function steadyUniqueId({ services }: FlashDevice): Promise<string | undefined> {
  const read = services?.readUniqueId;
  if (read === undefined) return undefined;
  const first = await read();
  const second = await read();
  if (first === second) return first === "" ? undefined : first;
  throw new NorbridgeError("CHIP_MISSING", "the contact is not good: the unique ID read differently twice", {
    operation: "check contact",
    hint: "Nothing was changed. Press the unit down, and clean the contacts.",
  });
}
