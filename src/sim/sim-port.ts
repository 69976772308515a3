/** From the settings of a `sim:` port to a world with its chip, whose bytes come from a file if one is named. */
import { readChipFile, writeChipFile } from "./chip-file.ts";
import { createChip } from "./chip/chip-catalog.ts";
import { applyChipFaults } from "./chip/chip-faults.ts";
import type { ChipModel } from "./chip/chip-model.ts";
import { createRandom } from "./random.ts";
import type { SimParameters } from "./sim-parameters.ts";
import { createSimulation, type Simulation, type WorldParts } from "./simulation.ts";

/** What a world is made of, and how its chip is kept. */
export interface PreparedWorld {
  readonly parts: WorldParts;
  /** Writes the chip's file; nothing where none is named. Throws FILE_EXISTS. */
  readonly save: () => void;
}

/** Makes the chip (or takes the one given) and reads its file. Throws FILE_INVALID if the file does not fit. */
export function worldFromParameters(params: SimParameters, given?: ChipModel): PreparedWorld {
  const { seed, times, pageBytes, statusRegisters, file } = params;
  const sound =
    given ??
    createChip(params.chip, {
      seed,
      times,
      ...(pageBytes === undefined ? {} : { pageBytes }),
      ...(statusRegisters === undefined ? {} : { statusRegisters }),
    });
  if (params.isWpLow) sound.setPins({ wp: false });
  const { capacityBytes } = sound.geometry;
  if (file !== undefined) {
    const kept = readChipFile(file, capacityBytes);
    if (kept !== undefined) sound.load(0, kept);
  }
  const chip = applyChipFaults(sound, params.chipFaults, createRandom(seed).branch("chip faults"));
  const { bridge, serprog, link, faults } = params;
  return {
    parts: {
      name: `sim:${params.chip}`,
      chip,
      bridge,
      ...(serprog === undefined ? {} : { serprog }),
      link,
      faults,
      seed,
    },
    save() {
      if (file !== undefined) writeChipFile(file, sound.peek(0, capacityBytes));
    },
  };
}

/** Opens a simulated port. Throws FILE_INVALID if the chip's file cannot be read or has the wrong size. */
export function openSimulation(params: SimParameters): Promise<Simulation> {
  return Promise.resolve().then(() => {
    const { parts, save } = worldFromParameters(params);
    return createSimulation(parts, { save });
  });
}
