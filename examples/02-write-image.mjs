// @ts-check
/**
 * Writes an image to the start of the chip and verifies it. Sectors that hold the right bytes are skipped. In the folder of
 * norbridge:
 *
 *     node examples/02-write-image.mjs                            an example image, to the simulated chip
 *     node examples/02-write-image.mjs /dev/ttyACM0 image.bin     your image, to a real one; on Windows COM7
 */
import { NorbridgeError, openChip } from "norbridge";

const [port = "sim:AT25SF041", file] = process.argv.slice(2);
const image = file ?? new URL("images/blink.hex", import.meta.url);
// The addresses in the example image are those of its processor, which maps the flash to 0x10000000.
const base = file === undefined ? 0x10000000 : 0;

// Ctrl-C stops at the next safe place and closes port and chip. The same command continues where this one stopped.
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
try {
  const chip = await openChip(port, { signal: stop.signal });
  try {
    const report = await chip.write(image, { base, signal: stop.signal });
    console.log(`${report.imageBytes} bytes, ${report.skippedBytes} of them unchanged`);
    console.log(`${report.programmedPages} pages programmed, ${report.erasedUnits} erases, verified`);
  } finally {
    await chip.close();
  }
} catch (error) {
  if (!(error instanceof NorbridgeError)) throw error;
  console.error(`${error.code}: ${error.message}. ${error.hint}`);
  process.exitCode = error.exitCode;
}
