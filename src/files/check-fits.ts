/**
 * Whether an image fits on a chip, asked before anything is touched. Where it does not, the error says by how much, and
 * names the option to give where the file merely counts from where the processor sees its flash.
 */
import { rangeEnd } from "../../drivers/geometry.ts";
import { type Advice, advice } from "../advice.ts";
import { formatAddress, formatRange, formatSize, printable } from "../bytes.ts";
import { checkWhole } from "../checks.ts";
import { NorbridgeError } from "../errors.ts";
import { imageSpan, type ImageSource } from "./image-source.ts";

/** Flash windows of processors begin at such multiples: 0x10000000 (RP2040), 0x08000000 (STM32), 0x42000000 (ESP32-C3). */
const WINDOW_BYTES = 16 * 1024 * 1024;

/**
 * Returns if every byte of the image, moved up by `offset`, lies at 0 or above and below `capacityBytes`.
 *
 * @throws NorbridgeError FILE_INVALID naming the range, the capacity and by how much the image is too long; ERANGE for an
 * offset that moves it below address 0, EINVAL for numbers that are not whole.
 */
export function checkFits(image: ImageSource, offset: number, capacityBytes: number): void {
  const span = imageSpan(image);
  checkWhole(capacityBytes, "capacityBytes", "check image");
  checkWhole(offset, "offset", "check image", -span.address);
  const placed = { address: span.address + offset, lengthBytes: span.lengthBytes };
  const excessBytes = rangeEnd(placed) - capacityBytes;
  if (excessBytes <= 0) return;
  throw new NorbridgeError(
    "FILE_INVALID",
    `${printable(image.name)}: the image does not fit: it covers ${formatRange(placed)}, ${formatSize(excessBytes)} past the end of the chip, which holds ${formatSize(capacityBytes)}`,
    { operation: "check image", range: placed, hint: hintFor(image, offset, capacityBytes) },
  );
}

function hintFor(image: ImageSource, offset: number, capacityBytes: number): string | Advice {
  const span = imageSpan(image);
  const roomBytes = capacityBytes - offset;
  if (span.address >= capacityBytes) {
    const windows = [WINDOW_BYTES, 2 ** Math.ceil(Math.log2(capacityBytes))];
    for (const windowBytes of windows) {
      const base = Math.floor(span.address / windowBytes) * windowBytes;
      if (rangeEnd(span) - base > roomBytes) continue;
      const text = `Nothing was changed. The file's addresses start where a processor maps its flash: subtract the base ${formatAddress(base)}.`;
      return advice(text, { kind: "subtract-base", base });
    }
  }
  return offset > 0 && span.lengthBytes <= capacityBytes
    ? advice("Nothing was changed. Use a smaller offset.", "set-offset")
    : "Nothing was changed. Use a smaller image or a larger chip.";
}
