/** The WELCOME of a small bridge that exists on paper only. */
import type { Welcome } from "../../../../firmware-protocol/hello.ts";

/** All but the nonce, which repeats that of the HELLO. */
export const WELCOME: Omit<Welcome, "nonce"> = {
  version: 1,
  lowestVersion: 1,
  highestVersion: 1,
  maxFrameUnits: 92,
  bootNumber: 1,
  stepBufferBytes: 800,
  resultBufferBytes: 512,
  maxSendBytes: 272,
  maxReceiveBytes: 65_536,
  spiClockMinHz: 62_500,
  spiClockMaxHz: 8_000_000,
  features: 0,
  maxBaud: 0,
  slotCount: 4,
  slotBytes: 16,
  restartReason: "none",
  boardName: "paper",
  firmwareVersion: "1",
  serialNumber: "",
};
