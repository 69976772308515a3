/** `norbridge write FILE`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { imageOptions, readImageRequest } from "../options/image-request.ts";
import { journalOptions, readJournalRequest } from "../options/journal-request.ts";
import { usageError } from "../arguments/option.ts";
import { flagOption, unprotectFlag } from "../options/options.ts";

const dryRunFlag = flagOption("dry-run", "Show what would be erased and programmed, without changing the chip");
const noVerifyFlag = flagOption("no-verify", "Do not verify the chip after writing");
const assumeBlankFlag = flagOption("assume-blank", "Skip the comparison and the erase: assume that the chip is blank");

export const writeCommand: Command = {
  name: "write",
  summary: "Write an image file to the chip: only sectors that differ, then verify",
  positionals: ["FILE..."],
  file: "input",
  examples: [
    "norbridge write firmware.bin --port /dev/ttyACM0",
    "norbridge write part.bin --range 0x10000,64k",
    "norbridge write boot.bin@0x0 app.hex fs.bin@0x300000",
    "norbridge write merged.hex --crop 0x12000000,8M --base 0x12000000",
    "norbridge write app.uf2 --base 0x10000000 --dry-run",
    "norbridge write bios.bin --port 'sim:AT25SF041?file=chip.bin'",
  ],
  options: [...imageOptions, dryRunFlag, noVerifyFlag, assumeBlankFlag, unprotectFlag, ...journalOptions],
  connects: true,
  prepare(args) {
    const request = {
      connection: readConnection(args),
      image: readImageRequest(args),
      dryRun: args.flag(dryRunFlag),
      verify: !args.flag(noVerifyFlag),
      assumeBlank: args.flag(assumeBlankFlag),
      journal: readJournalRequest(args),
    };
    if (request.dryRun && request.assumeBlank) {
      throw usageError("--dry-run and --assume-blank cannot be used together", "A dry run has to read the chip.");
    }
    return async (session) => (await import("../actions/write.ts")).write(request, session);
  },
};
