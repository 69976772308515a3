/** `norbridge verify FILE`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { imageOptions, readImageRequest } from "../options/image-request.ts";

export const verifyCommand: Command = {
  name: "verify",
  summary: "Compare the chip with an image file; exit 1 if they differ",
  positionals: ["FILE..."],
  file: "input",
  examples: [
    "norbridge verify firmware.bin",
    "norbridge verify part.bin --offset 0x10000 --length 64k",
    "norbridge verify boot.bin@0x0 app.hex",
  ],
  options: imageOptions,
  connects: true,
  prepare(args) {
    const request = { connection: readConnection(args), image: readImageRequest(args) };
    return async (session) => (await import("../actions/verify.ts")).verify(request, session);
  },
};
