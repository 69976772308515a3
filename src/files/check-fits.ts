/**
 * Whether an image fits on a chip, asked before anything is touched. If it does not, the error reports by how much, and
 * names the option to give where the file merely counts from where the processor sees its flash.
 */
import { type FlashGeometry, rangeEnd } from "../../drivers/geometry.ts";
import { type Advice, advice } from "../advice.ts";
import { formatAddress, formatRange, formatSize, printable } from "../bytes.ts";
import { checkWhole } from "../checks.ts";
import { NorbridgeError } from "../errors.ts";
import { imageSpan, type ImageSource } from "./image-source.ts";

/** Flash windows of processors begin at such multiples: 0x10000000 (RP2040), 0x08000000 (STM32), 0x42000000 (ESP32-C3). */
const WINDOW_BYTES = 16 * 1024 * 1024;

/** What a file may have before, or after, an image of the size of a chip. Capsules have 28 bytes to some KiB. */
const MIN_HEADER_BYTES = 16;
const MAX_HEADER_BYTES = 64 * 1024;

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
    { operation: "check image", range: placed, hint: hintFor(image, offset, capacityBytes, excessBytes) },
  );
}

function hintFor(image: ImageSource, offset: number, capacityBytes: number, excessBytes: number): string | Advice {
  const span = imageSpan(image);
  const roomBytes = capacityBytes - offset;
  // Pages of 33/32 of the size; the numbers of pages are the same.
  if (span.lengthBytes * 32 === capacityBytes * 33) {
    const text = `Nothing was changed. The size is that of an AT45 with pages of 264, 528 or 1056 bytes, and this chip has those of 256, 512 or 1024.`;
    return advice(text, "show-chip-page-size");
  }
  const isAtStart = offset === 0 && span.address === 0;
  const mayHaveHeader = isAtStart && image.format === "bin" && image.segments.length === 1;
  if (mayHaveHeader && excessBytes >= MIN_HEADER_BYTES && excessBytes <= MAX_HEADER_BYTES) {
    return `Nothing was changed. The file is ${formatSize(excessBytes)} longer than the chip: it may have a header, as an update capsule has. Use the image inside.`;
  }
  if (span.address >= capacityBytes) {
    const windows = [WINDOW_BYTES, 2 ** Math.ceil(Math.log2(capacityBytes))];
    for (const windowBytes of windows) {
      const base = Math.floor(span.address / windowBytes) * windowBytes;
      if (rangeEnd(span) - base > roomBytes) continue;
      const text = `Nothing was changed. The file's addresses start where a processor maps its flash: subtract the base ${formatAddress(base)}.`;
      return advice(text, { kind: "subtract-base", base });
    }
  }
  const outside = image.segments.find(({ address }) => address >= capacityBytes);
  if (outside !== undefined && span.address < capacityBytes) return elsewhereHint(outside.address);
  return offset > 0 && span.lengthBytes <= capacityBytes
    ? advice("Nothing was changed. Use a smaller offset.", "set-offset")
    : "Nothing was changed. Use a smaller image or a larger chip.";
}

/** Some of the bytes belong to another memory, or a file among several counts from where a processor sees the flash. */
function elsewhereHint(address: number): Advice {
  const base = Math.floor(address / WINDOW_BYTES) * WINDOW_BYTES;
  if (base === 0) {
    const text = `Nothing was changed. Some bytes start at ${formatAddress(address)}, past the end of the chip. Use a smaller image or a larger chip, or take only the part for this chip.`;
    return advice(text, "set-crop");
  }
  const text = `Nothing was changed. Some bytes start at ${formatAddress(address)}, outside of the chip. If a file counts from where a processor maps its flash, subtract the base ${formatAddress(base)}. If the bytes are for another memory, take only the part for this chip.`;
  return advice(text, "set-base", "set-crop");
}

/**
 * Returns unless a raw image is exactly as long as an AT45 with binary pages, and the chip is set to its larger pages.
 * Written end to end, every page but the first would hold other bytes than its reader expects. Not to be asked where
 * the user specified a length.
 *
 * @throws NorbridgeError FILE_INVALID with both page sizes, and what settles it.
 */
export function checkPageSize(
  image: ImageSource,
  offset: number,
  { capacityBytes, pageBytes }: Pick<FlashGeometry, "capacityBytes" | "pageBytes">,
): void {
  const { address, lengthBytes } = imageSpan(image);
  if (image.format !== "bin" || offset !== 0 || address !== 0) return;
  const binaryBytes = (pageBytes / 33) * 32;
  if (!Number.isInteger(binaryBytes) || lengthBytes * 33 !== capacityBytes * 32) return;
  throw new NorbridgeError(
    "FILE_INVALID",
    `${printable(image.name)}: the image has the size of this chip with pages of ${binaryBytes} bytes, and it is set to pages of ${pageBytes}`,
    {
      operation: "check image",
      range: { address, lengthBytes },
      hint: advice(
        "Nothing was changed. Change the page size of the chip, use an image for its page size, or specify where the bytes go to write them end to end.",
        "show-chip-page-size",
        "set-length",
      ),
    },
  );
}
