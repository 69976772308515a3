/** The .uf2 of the repository in an emulated RP2040, as a bridge: over USB and over its UART. */
import { bridgeConformance, type BridgeWorld } from "../conformance/bridge.ts";
import { open } from "../sim/client.ts";
import { pacedWorld } from "../sim/link/paced-world.ts";
import { effort } from "../support/effort.ts";
import { diaryWire } from "./support/diary-wire.ts";
import { FirmwareModel } from "./support/processor.ts";
import { Rp2040Board, type Rp2040Link } from "./support/rp2040-board.ts";

async function rp2040World(link: Rp2040Link): Promise<BridgeWorld> {
  const boards: Rp2040Board[] = [];
  const world = pacedWorld({
    link: link === "usb" ? { baudRate: 0, bytesPerSecond: 1e6 } : { baudRate: 115_200 },
    wire: (chip) => {
      const board = new Rp2040Board(diaryWire(chip), link);
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
    violations: () => [
      ...world.model.violations,
      ...boards.flatMap(({ complaints, usb }) => [...complaints, ...(usb?.complaints ?? [])]),
    ],
  };
}

bridgeConformance("the firmware of the RP2040 on USB", () => rp2040World("usb"), { share: 0.025 });
// A processor of 120 MHz is slow to emulate, and its UART is the same core behind another port.
if (effort(0, 1) === 1) {
  bridgeConformance("the firmware of the RP2040 on its UART", () => rp2040World("uart"), { share: 0.025 });
}
