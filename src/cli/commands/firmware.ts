/** `norbridge firmware`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { FIRMWARE_BOARDS } from "../host-files/firmware-images.ts";
import { choiceOption } from "../options/options.ts";

const boardOption = choiceOption(
  "board",
  "Board that does not run this firmware yet. No port is opened then",
  FIRMWARE_BOARDS.map(({ name }) => name),
);

export const firmwareCommand: Command = {
  name: "firmware",
  summary: "Show the firmware version of the bridge, and the command that installs the newest",
  positionals: [],
  examples: ["norbridge firmware", "norbridge firmware --board pico", "norbridge firmware --board uno -p /dev/ttyUSB0"],
  options: [boardOption],
  connects: true,
  prepare(args) {
    const request = { connection: readConnection(args), board: args.value(boardOption) };
    return async (session) => (await import("../actions/firmware.ts")).firmware(request, session);
  },
};
