/** From the settings of a `sim:` port to a world with its chip, whose bytes come from a file if one is named. */
import { type ChipFile, openChipFile, openChipFileNow } from "./chip-file.ts";
import { createChip } from "./chip/chip-catalog.ts";
import { applyChipFaults } from "./chip/core/chip-faults.ts";
import type { ChipModel } from "./chip/core/chip-model.ts";
import { createRandom } from "./random.ts";
import type { SimParameters } from "./sim-parameters.ts";
import { createSimulation, type Simulation, type WorldParts } from "./simulation.ts";

/** What a world is made of, and how its chip is kept. */
export interface PreparedWorld {
  readonly parts: WorldParts;
  /** Writes the chip's file where the chip has changed; nothing where none is named. Throws FILE_EXISTS. */
  readonly save: () => void;
  /** Lets others have the chip's file. Idempotent. */
  readonly release: () => void;
}

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

function chipOf({ chip, seed, times, pageBytes, statusRegisters, found, odd }: SimParameters): ChipModel {
  return createChip(chip, {
    seed,
    times,
    pageBytes,
    statusRegisters,
    found,
    odd,
  });
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

function worldOf(params: SimParameters, sound: ChipModel, file: ChipFile | undefined): PreparedWorld {
  const { seed } = params;
  if (params.isWpLow) sound.setPins({ wp: false });
  const { capacityBytes } = sound.geometry;
  if (file?.bytes !== undefined) sound.load(0, file.bytes);
  const chip = applyChipFaults(sound, params.chipFaults, createRandom(seed).branch("chip faults"));
  const { bridge, serprog, link, faults } = params;
  return {
    parts: {
      name: `sim:${params.chip}`,
      chip,
      bridge,
      serprog,
      link,
      faults,
      seed,
    },
    save() {
      file?.save(sound.peek(0, capacityBytes));
    },
    release: () => file?.release(),
  };
}

/**
 * Opens a simulated port in virtual time. With a file, its `close` saves the chip and releases the file. Throws
 * FILE_INVALID if the chip's file cannot be read or has the wrong size, PORT_BUSY if another program uses it.
 */
export async function openSimulation(params: SimParameters): Promise<Simulation> {
  const { parts, save, release } = await prepareWorld(params);
  return createSimulation(parts, { save, release });
}
