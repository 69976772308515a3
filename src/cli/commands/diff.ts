/** `norbridge diff FILE`: the words. */
import type { Command } from "../command.ts";
import { readConnection } from "../connection-request.ts";
import { imageOptions, readImageRequest } from "../image-request.ts";

export const diffCommand: Command = {
  name: "diff",
  summary: "Show what differs between the chip and an image file; exit 1 if it does",
  positionals: ["FILE"],
  file: "input",
  examples: ["norbridge diff firmware.bin", "norbridge diff part.bin --offset 0x10000"],
  options: imageOptions,
  connects: true,
  prepare(args) {
    const request = { connection: readConnection(args), image: readImageRequest(args) };
    return async (session) => (await import("../actions/diff.ts")).diff(request, session);
  },
};
