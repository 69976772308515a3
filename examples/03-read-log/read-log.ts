/**
 * A returned temperature logger: its records as CSV, whatever log its firmware keeps them in. On the command line:
 * `norbridge log read -p image:logger.bin --struct record.json --format csv`.
 */
import { readFile } from "node:fs/promises";
import { decodeRecord, openImageFlash, parseStruct, recogniseLog, regionOf, CircularBuffer, LogFs } from "norbridge";

const NOTHING_TOLD = {
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
} as const;

/** Lines of CSV for a dump of the logger's chip; a bridge works in the same way, with `openFlash`. */
export async function* readLogger(dump: string, structFile: string): AsyncGenerator<string> {
  const struct = parseStruct(await readFile(structFile, "utf8"), structFile);
  const device = await openImageFlash(dump, new Map(), { writable: false });
  try {
    const region = regionOf(device, { address: 0, lengthBytes: device.geometry.capacityBytes });
    const found = await recogniseLog(region, NOTHING_TOLD);
    console.error(`${found.layout}, ${found.sureness}: ${found.why}`);
    const log =
      found.layout === "fcb"
        ? await CircularBuffer.mount(region, found.options)
        : await LogFs.mount(region, found.options);
    yield ["time", "temperature", "battery", "state"].join(",");
    for await (const item of log.records()) {
      if (item.kind === "damage") console.error(`sector ${item.sector}, offset ${item.offset}: ${item.reason}`);
      else
        yield decodeRecord(struct, item.data)
          .map((field) => field.text)
          .join(",");
    }
  } finally {
    await device.close();
  }
}

const [dump, structFile] = process.argv.slice(2);
if (dump?.endsWith(".bin") === true && structFile !== undefined) {
  for await (const line of readLogger(dump, structFile)) console.log(line);
}
