/** The .uf2 of the repository in an emulated RP2040, as a bridge: over USB and over its UART. */
import { bridgeConformance } from "../conformance/bridge.ts";
import { effort } from "../support/effort.ts";
import { firmwareBridgeWorld } from "./support/bridge-world.ts";
import { diaryWire } from "./support/diary-wire.ts";
import { Rp2040Board } from "./support/rp2040-board.ts";

const USB = { baudRate: 0, bytesPerSecond: 1e6 };
/**
 * Two groups but in CI: 120 million cycles a second are emulated. The same core, compiled, keeps to all of it in
 * core-bridge.test.ts.
 */
const PART = { share: 0.025, groups: effort(["results", "close"], undefined), deadlineMs: 240_000 };

bridgeConformance(
  "the firmware of the RP2040 on USB",
  () => firmwareBridgeWorld(USB, (chip) => Rp2040Board.pluggedIn(diaryWire(chip), "usb")),
  PART,
);
// A processor of 120 MHz is slow to emulate, and its UART is the same core with another port.
if (effort(0, 1) === 1) {
  bridgeConformance(
    "the firmware of the RP2040 on its UART",
    () => firmwareBridgeWorld({ baudRate: 115_200 }, (chip) => Rp2040Board.pluggedIn(diaryWire(chip), "uart")),
    PART,
  );
}
