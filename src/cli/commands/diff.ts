/** `norbridge diff FILE`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { imageOptions, readImageRequest } from "../options/image-request.ts";

export const diffCommand: Command = {
  name: "diff",
  summary: "Show the differences between the chip and an image file; exit 1 if there are any",
  positionals: ["FILE..."],
  file: "input",
  examples: ["norbridge diff firmware.bin", "norbridge diff part.bin --range 0x10000,64k"],
  options: imageOptions,
  connects: true,
  prepare(args) {
    const request = { connection: readConnection(args), image: readImageRequest(args) };
    return async (session) => (await import("../actions/diff.ts")).diff(request, session);
  },
};
