// @ts-check
/**
 * Prints the records of a temperature logger's dump as CSV, in whatever log format its firmware keeps them. In the folder of
 * norbridge:
 *
 *     node examples/03-read-log/read-log.mjs                            the dump in this folder
 *     node examples/03-read-log/read-log.mjs dump.bin my-record.json    yours
 *
 * The command line does the same: `norbridge log read -p image:dump.bin --struct my-record.json --format csv`.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CircularBuffer, decodeRecord, LogFs, openImageFlash, parseStruct, recogniseLog, regionOf } from "norbridge";

/** @param {string} name */
const inThisFolder = (name) => fileURLToPath(new URL(name, import.meta.url));
const [dump = inThisFolder("logger.bin"), structFile = inThisFolder("record.json")] = process.argv.slice(2);

/** Nothing is known about the log: format, sectors and records are recognised. */
const HINTS = /** @type {const} */ ({
  layout: "auto",
  sectorBytes: undefined,
  fcb: { magic: undefined, version: undefined, alignBytes: undefined, scratchSectors: undefined, hasCrc: true },
  logFs: {
    pageBytes: undefined,
    blockPages: undefined,
    recordBytes: undefined,
    whenFull: undefined,
    format: undefined,
  },
});

const struct = parseStruct(await readFile(structFile, "utf8"), structFile);
// `openChip` gives the device of a real chip: chip.device.
const device = await openImageFlash(dump, new Map(), { writable: false });
try {
  const region = regionOf(device, { address: 0, lengthBytes: device.geometry.capacityBytes });
  const found = await recogniseLog(region, HINTS);
  console.error(`${found.layout}, ${found.sureness}: ${found.why}`);
  const log =
    found.layout === "fcb"
      ? await CircularBuffer.mount(region, found.options)
      : await LogFs.mount(region, found.options);
  console.log(struct.fields.map(({ name }) => name).join(","));
  for await (const item of log.records()) {
    if (item.kind === "damage") {
      console.error(`sector ${item.sector}, offset ${item.offset}: ${item.reason}`);
    } else {
      const fields = decodeRecord(struct, item.data);
      console.log(fields.map(({ text }) => text).join(","));
    }
  }
} finally {
  await device.close();
}
