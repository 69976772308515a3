// @ts-check
/**
 * Changes a unit's settings in a Flash Safe while the power fails. After each power cut the unit has all old settings or all new
 * ones. The simulated chip loses its power at a byte of the SPI bus; its cells are kept in a file. In the folder of norbridge:
 *
 *     node examples/05-safe-across-power-cut.mjs
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlashSafe, machineRandom, NorbridgeError, openBridge, openFlash, regionOf, updateSafe } from "norbridge";
import { openSimulation, parseSimParameters } from "norbridge/sim";

const SIZES = { blockBytes: 4096, bufferBytes: 256 };
const RANGE = { address: 0x10000, lengthBytes: 3 * SIZES.blockBytes };
const NAME = 1;
const CALIBRATION = 2;
const text = new TextDecoder();

/**
 * The settings as they are stored.
 *
 * @param {string} name
 * @param {string} calibration
 */
const settings = (name, calibration) => {
  const encoder = new TextEncoder();
  return new Map([
    [NAME, encoder.encode(name)],
    [CALIBRATION, encoder.encode(calibration)],
  ]);
};

/**
 * Switches the power on, and runs a job on the safe of the chip in `file`.
 *
 * @param {string} file
 * @param {number | undefined} powerCutAt bytes on the SPI bus until the power fails
 * @param {(safe: FlashSafe) => Promise<unknown>} job
 */
async function withSafe(file, powerCutAt, job) {
  const parameters = new Map([["file", file]]);
  if (powerCutAt !== undefined) parameters.set("powerCutAt", String(powerCutAt));
  const simulation = await openSimulation(parseSimParameters("AT25SF041", parameters));
  try {
    await simulation.run(async () => {
      const { clock, duplex } = simulation;
      const bridge = await openBridge(duplex, { clock, protocol: "native", random: machineRandom });
      const device = await openFlash(bridge);
      const region = regionOf(device, RANGE);
      const safe = await FlashSafe.mount(region, SIZES);
      await job(safe.isNew ? await FlashSafe.format(region, SIZES) : safe);
      await device.close();
    });
  } finally {
    simulation.close();
  }
}

/** @param {FlashSafe} safe */
function readSettings(safe) {
  return `${text.decode(safe.read(NAME))} ${text.decode(safe.read(CALIBRATION))}`;
}

const folder = mkdtempSync(join(tmpdir(), "norbridge-safe-"));
const counts = { old: 0, new: 0 };
try {
  for (let cutAt = 1_000; cutAt < 19_000; cutAt += 1_000) {
    const file = join(folder, `${cutAt}.bin`);
    await withSafe(file, undefined, (safe) => updateSafe(safe, settings("old", "1.000")));
    try {
      await withSafe(file, cutAt, (safe) => updateSafe(safe, settings("new", "1.234")));
    } catch (error) {
      // The chip is silent after the power cut.
      if (!(error instanceof NorbridgeError)) throw error;
    }
    await withSafe(file, undefined, (safe) => {
      const found = readSettings(safe);
      if (found === "old 1.000") counts.old++;
      else if (found === "new 1.234") counts.new++;
      else throw new Error(`a mix: ${found}`);
      return Promise.resolve();
    });
  }
} finally {
  rmSync(folder, { recursive: true });
}
const total = counts.old + counts.new;
console.log(`${total} power cuts: ${counts.old} times the old settings, ${counts.new} times the new ones, never a mix`);
