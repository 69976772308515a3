/**
 * Whether the line explains an error better than the chip does. A bus with another master swallows commands, and a chip that
 * did not see a command looks like one that ignored it.
 */
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { DISTURBED_ADVICE } from "../flash/steady-reading.ts";

/** The ID is read this many times; only after a failure. At 10 % of spoiled transfers one look in a thousand misses it. */
const LOOKS = 64;

/** `error`, or EIO with the cause if it says that the chip ignored something and the ID of the chip cannot be read every time. */
export async function orDisturbedLine(device: FlashDevice, error: NorbridgeError): Promise<NorbridgeError> {
  if (error.code !== "EROFS" || !(await isDisturbed(device))) return error;
  const { operation, range, message } = error;
  const state = /nothing was changed\.?/i.exec(error.hint) === null ? "" : "Nothing was changed. ";
  const { text, remedies } = DISTURBED_ADVICE;
  return new NorbridgeError("EIO", `${message}; the ID of the chip reads wrong now and then: the line is disturbed`, {
    operation,
    range,
    cause: error,
    hint: { text: `${state}${text}`, remedies },
  });
}

/** Some reads of the ID are right and some are not. A chip that is gone is another matter. */
async function isDisturbed(device: FlashDevice): Promise<boolean> {
  const seen = new Set<boolean>();
  for (let looks = 0; looks < LOOKS && seen.size < 2; looks++) {
    seen.add(
      await device.checkIdentity().then(
        () => true,
        () => false,
      ),
    );
    if (looks > 2 && !seen.has(true)) return false;
  }
  return seen.size === 2;
}
