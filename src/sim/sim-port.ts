/** From the settings of a `sim:` port to a world with its chip, whose bytes come from a file if one is named. */
import { openChipFile, openChipFileNow } from "./chip-file.ts";
import type { ChipModel } from "./chip/core/chip-model.ts";
import type { SimParameters } from "./sim-parameters.ts";
import { type ChipFile, chipOf, type PreparedWorld, worldOf } from "./sim-world.ts";
import { createSimulation, type Simulation } from "./simulation.ts";

export type { PreparedWorld } from "./sim-world.ts";

/**
 * Makes the chip (or takes the one given), with the bytes of its file. Throws FILE_INVALID if the file does not fit, PORT_BUSY
 * if another program has it.
 */
export async function prepareWorld(params: SimParameters, given?: ChipModel): Promise<PreparedWorld> {
  const { file } = params;
  const chip = given ?? chipOf(params);
  return worldWith(
    params,
    chip,
    file === undefined ? undefined : await openChipFile(file, chip.geometry.capacityBytes),
  );
}

/** The same at once, for who cannot wait. */
export function worldFromParameters(params: SimParameters, given?: ChipModel): PreparedWorld {
  const { file } = params;
  const chip = given ?? chipOf(params);
  return worldWith(params, chip, file === undefined ? undefined : openChipFileNow(file, chip.geometry.capacityBytes));
}

/** With `file` open already: it is released if the world cannot be made. */
function worldWith(params: SimParameters, sound: ChipModel, file: ChipFile | undefined): PreparedWorld {
  try {
    return worldOf(params, sound, file);
  } catch (error) {
    file?.release();
    throw error;
  }
}

/**
 * Opens a simulated port in virtual time. With a file, its `close` saves the chip and releases the file. Throws
 * FILE_INVALID if the chip's file cannot be read or has the wrong size, PORT_BUSY if another program uses it.
 */
export async function openSimulation(params: SimParameters): Promise<Simulation> {
  const { parts, save, release } = await prepareWorld(params);
  return createSimulation(parts, { save, release });
}
