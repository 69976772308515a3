/** What is said of the line to the bridge, for every way it can be known. */
import { expect, it } from "vitest";
import type { BridgeInfo } from "../../../src/bridge/bridge.ts";
import { lineCheck, type LineFacts } from "../../../src/cli/output/line-check.ts";

const INFO: BridgeInfo = {
  protocol: "serprog",
  protocolVersion: 1,
  boardName: "somebody's",
  firmwareVersion: "",
  serialNumber: "",
  maxSendBytes: 256,
  maxReceiveBytes: 4096,
  bufferBytes: 16,
  spiClockMinHz: 0,
  spiClockMaxHz: 0,
  features: [],
  isUnchecked: false,
};
const nothingSaid = (portKind: LineFacts["portKind"]): LineFacts => ({ portKind, said: undefined });
const UNCHECKED = { isUnchecked: true };
const FRSER = { isUnchecked: true, firmwareVersion: "frser-duino" };

it.each<[Partial<BridgeInfo>, LineFacts, boolean, string]>([
  [{ protocol: "native" }, nothingSaid("tcp"), true, "every frame has a CRC"],
  [{ protocol: "native" }, { portKind: "tcp", said: false }, true, "every frame has a CRC"],
  [{}, nothingSaid("serial"), true, "USB, up to the board's processor"],
  [{}, nothingSaid(undefined), true, "USB, up to the board's processor"],
  [{}, nothingSaid("sim"), true, "the simulated line has no UART"],
  [{}, nothingSaid("replay"), true, "as recorded"],
  [{}, { portKind: "tcp", said: true }, true, "specified by --checked"],
  [UNCHECKED, { portKind: "usb", said: false }, false, "specified by --unchecked"],
  [
    UNCHECKED,
    nothingSaid("tcp"),
    false,
    "tcp:// may lead to a serial server; add --checked if the bridge itself is on the network",
  ],
  [UNCHECKED, nothingSaid("serial"), false, "this port may have a UART; add --checked if it is the board's own USB"],
  [UNCHECKED, nothingSaid("sim"), false, "the simulated line is a UART"],
  [UNCHECKED, nothingSaid("replay"), false, "as recorded"],
  [FRSER, nothingSaid("tcp"), false, "frser-duino has a UART"],
  // The word of the user does not make a UART vanish that is known to be there.
  [FRSER, { portKind: "tcp", said: true }, false, "frser-duino has a UART"],
])("%j, %j: %s, %s", (info, facts, isChecked, why) => {
  expect(lineCheck({ ...INFO, ...info }, facts)).toEqual({ isChecked, why });
});
