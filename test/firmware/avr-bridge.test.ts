/** The .hex of the repository in an emulated ATmega328P, behind a converter of 115,200 baud, as a bridge. */
import { bridgeConformance, type BridgeWorld } from "../conformance/bridge.ts";
import { open } from "../sim/client.ts";
import { pacedWorld } from "../sim/link/paced-world.ts";
import { effort } from "../support/effort.ts";
import { AvrBoard } from "./support/avr-board.ts";
import { diaryWire } from "./support/diary-wire.ts";
import { FirmwareModel } from "./support/processor.ts";

async function avrWorld(): Promise<BridgeWorld> {
  const boards: AvrBoard[] = [];
  const world = pacedWorld({
    link: { baudRate: 115_200 },
    wire: (chip) => {
      const board = new AvrBoard(diaryWire(chip));
      boards.push(board);
      return new FirmwareModel(board);
    },
  });
  const bridge = await world.run(() => open(world.duplex, world.clock));
  return {
    bridge,
    run: (job) => world.run(job),
    wait: (durationUs) => world.clock.wait(durationUs),
    windows: () => world.chip.windows.map(({ sent }) => sent),
    chipIsSelected: () => world.chip.isSelected,
    violations: () => [...world.model.violations, ...boards.flatMap(({ complaints }) => complaints)],
  };
}

bridgeConformance("the firmware of the ATmega328P", avrWorld, { share: effort(0.025, 0.1) });
