/** The .hex of the repository in an emulated ATmega328P, on a converter of 115,200 baud, as a bridge. */
import { bridgeConformance } from "../conformance/bridge.ts";
import { effort } from "../support/effort.ts";
import { AvrBoard } from "./support/avr-board.ts";
import { firmwareBridgeWorld } from "./support/bridge-world.ts";
import { diaryWire } from "./support/diary-wire.ts";

bridgeConformance(
  "the firmware of the ATmega328P",
  () => firmwareBridgeWorld({ baudRate: 115_200 }, (chip) => new AvrBoard(diaryWire(chip))),
  // Two groups but in CI: the same core, compiled, keeps to all of it in core-bridge.test.ts.
  { share: effort(0.025, 0.1), groups: effort(["results", "close"], undefined), deadlineMs: 240_000 },
);
