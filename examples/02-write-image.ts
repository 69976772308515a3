/** Writes a file to the start of the chip, and only what differs: `node 02-write-image.ts /dev/ttyACM0 image.bin`. */
import {
  machineRandom,
  NorbridgeError,
  openBridge,
  openFlash,
  openImage,
  openPort,
  parsePortSpec,
  realClock,
  writeImage,
} from "norbridge";

const [port = "", file = ""] = process.argv.slice(2);
const stop = new AbortController();
// Ctrl-C ends the step in hand and leaves port and chip tidy; the same command goes on where this one stopped.
process.once("SIGINT", () => stop.abort());
try {
  const image = await openImage(file);
  const bridge = await openBridge(await openPort(parsePortSpec(port)), {
    clock: realClock,
    protocol: "auto",
    random: machineRandom,
  });
  try {
    const device = await openFlash(bridge);
    const request = { offset: 0, verify: true, assumeBlank: false, retries: 2 };
    const report = await writeImage(device, image, request, { clock: realClock, signal: stop.signal });
    console.log(
      `${report.programmedPages} pages programmed, ${report.erasedUnits} erases, ${report.durationUs / 1e6} s`,
    );
  } finally {
    await bridge.close();
    await image.close();
  }
} catch (error) {
  if (!(error instanceof NorbridgeError)) throw error;
  console.error(`${error.message}. ${error.hint}`);
  process.exitCode = error.exitCode;
}
