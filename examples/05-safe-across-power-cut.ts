/**
 * Settings of a unit in a safe, changed while the power goes: at every point the unit has the old settings or the new ones, whole.
 * Runs on the simulated chip, which loses its power at a byte of the SPI bus; the chip's cells live in a file.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlashSafe, NorbridgeError, openBridge, openFlash, regionOf, updateSafe } from "norbridge";
import { openSimulation, parseSimParameters } from "norbridge/sim";

const SIZES = { blockBytes: 4096, bufferBytes: 256 };
const RANGE = { address: 0x10000, lengthBytes: 3 * SIZES.blockBytes };
const NAME = 1;
const CALIBRATION = 2;
const text = new TextDecoder();
const bytes = (words: string): Uint8Array => new TextEncoder().encode(words);

/** One time with power, on the chip in `file`. */
async function withSafe(
  file: string,
  powerCutAt: number | undefined,
  job: (safe: FlashSafe) => Promise<void>,
): Promise<void> {
  const cut = powerCutAt === undefined ? [] : [["powerCutAt", String(powerCutAt)] as const];
  const simulation = await openSimulation(parseSimParameters("AT25SF041", new Map([["file", file], ...cut])));
  try {
    await simulation.run(async () => {
      const { clock, duplex } = simulation;
      const bridge = await openBridge(duplex, {
        clock,
        protocol: "native",
        random: () => Math.floor(Math.random() * 2 ** 32),
      });
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

/** Tries power cuts at many places; answers how often the old and how often the new settings were there afterwards. */
export async function tryPowerCuts(): Promise<{ old: number; new: number }> {
  const folder = mkdtempSync(join(tmpdir(), "norbridge-safe-"));
  const counts = { old: 0, new: 0 };
  try {
    for (let cutAt = 1_000; cutAt < 10_000; cutAt += 500) {
      const file = join(folder, `${cutAt}.bin`);
      await withSafe(file, undefined, async (safe) => {
        await updateSafe(
          safe,
          new Map([
            [NAME, bytes("old")],
            [CALIBRATION, bytes("1.000")],
          ]),
        );
      });
      try {
        await withSafe(file, cutAt, async (safe) => {
          await updateSafe(
            safe,
            new Map([
              [NAME, bytes("new")],
              [CALIBRATION, bytes("1.234")],
            ]),
          );
        });
      } catch (error) {
        if (!(error instanceof NorbridgeError)) throw error;
      }
      await withSafe(file, undefined, async (safe) => {
        const found = `${text.decode(safe.read(NAME))} ${text.decode(safe.read(CALIBRATION))}`;
        if (found === "old 1.000") counts.old++;
        else if (found === "new 1.234") counts.new++;
        else throw new Error(`a mix: ${found}`);
        await Promise.resolve();
      });
    }
    return counts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const counts = await tryPowerCuts();
console.log(
  `power cut at 18 places: ${counts.old} times the old settings, ${counts.new} times the new ones, never a mix`,
);
