/**
 * Whether an image fits on a chip, asked before anything is touched. Where it does not, the error says by how much, and
 * names the option to give where the file merely counts from where the processor sees its flash.
 */
import { rangeEnd } from "../../drivers/geometry.ts";
import { formatAddress, formatRange, formatSize, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { imageSpan, type ImageSource } from "./image-source.ts";

/** Flash windows of processors begin at such multiples: 0x10000000 (RP2040), 0x08000000 (STM32), 0x42000000 (ESP32-C3). */
const WINDOW_BYTES = 16 * 1024 * 1024;

/**
 * Returns if every byte of the image, moved up by `offset`, lies below `capacityBytes`.
 *
 * @throws NorbridgeError EINVAL for an offset that is no whole number, ERANGE for one that begins before the chip, FILE_INVALID naming the range, the capacity and by how much the image is too long.
 */
export function checkFits(image: ImageSource, offset: number, capacityBytes: number): void {
  if (!Number.isSafeInteger(offset)) {
    throw new NorbridgeError("EINVAL", `offset is ${offset}: a whole number of bytes is needed`, {
      operation: "check image",
    });
  }
  const span = imageSpan(image);
  if (span.address + offset < 0) {
    const message = `${printable(image.name)}: does not fit: its first byte, moved by ${offset}, lies before the chip`;
    throw new NorbridgeError("ERANGE", message, {
      operation: "check image",
      hint: "Nothing was changed. Give an offset that is not negative.",
    });
  }
  const placed = { address: span.address + offset, lengthBytes: span.lengthBytes };
  const excessBytes = rangeEnd(placed) - capacityBytes;
  if (excessBytes <= 0) return;
  throw new NorbridgeError(
    "FILE_INVALID",
    `${printable(image.name)}: does not fit: it covers ${formatRange(placed)}, ${formatSize(excessBytes)} past the end of the chip, which holds ${formatSize(capacityBytes)}`,
    { operation: "check image", range: placed, hint: hintFor(image, offset, capacityBytes) },
  );
}

function hintFor(image: ImageSource, offset: number, capacityBytes: number): string {
  const span = imageSpan(image);
  const roomBytes = capacityBytes - offset;
  if (span.address >= capacityBytes) {
    const windows = [WINDOW_BYTES, 2 ** Math.ceil(Math.log2(capacityBytes))];
    for (const windowBytes of windows) {
      const base = Math.floor(span.address / windowBytes) * windowBytes;
      if (rangeEnd(span) - base > roomBytes) continue;
      return `Nothing was changed. The file counts from where a processor sees its flash: give --base ${formatAddress(base)} to subtract it.`;
    }
  }
  return offset > 0 && span.lengthBytes <= capacityBytes
    ? "Nothing was changed. Give a smaller --offset."
    : "Nothing was changed. Use a smaller image or a larger chip.";
}
