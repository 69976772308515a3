/** From the settings of a `sim:` port to the parts of a world; where the chip's bytes are kept is the caller's. */
import { createChip } from "./chip/chip-catalog.ts";
import { applyChipFaults } from "./chip/core/chip-faults.ts";
import type { ChipModel } from "./chip/core/chip-model.ts";
import { createRandom } from "./random.ts";
import type { SimParameters } from "./sim-parameters.ts";
import type { WorldParts } from "./simulation.ts";

/** What keeps the bytes of a chip between runs, ours until `release`: usually a file. */
export interface ChipFile {
  /** What it held when it was opened; undefined if it was not there. */
  readonly bytes: Uint8Array | undefined;
  /** Writes the chip's bytes as a whole, where they have changed. Throws FILE_EXISTS if that is impossible. */
  save(bytes: Uint8Array): void;
  /** Lets others have it. Idempotent. */
  release(): void;
}

/** What a world is made of, and how its chip is kept. */
export interface PreparedWorld {
  readonly parts: WorldParts;
  /** Writes the chip's file where the chip has changed; nothing where none is named. Throws FILE_EXISTS. */
  readonly save: () => void;
  /** Lets others have the chip's file. Idempotent. */
  readonly release: () => void;
}

/** The chip of these settings, without faults. Throws USAGE for one that the simulator does not have. */
export function chipOf({ chip, seed, times, pageBytes, statusRegisters, found, odd }: SimParameters): ChipModel {
  return createChip(chip, {
    seed,
    times,
    pageBytes,
    statusRegisters,
    found,
    odd,
  });
}

/** Puts the parts together around a chip, with the bytes of its file. */
export function worldOf(params: SimParameters, sound: ChipModel, file: ChipFile | undefined): PreparedWorld {
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
