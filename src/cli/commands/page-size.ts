/** `norbridge page-size [BYTES]`: the words. */
import { parseSize, printable } from "../../bytes.ts";
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { usageError } from "../arguments/option.ts";
import { flagOption } from "../options/options.ts";

const lossFlag = flagOption("accept-content-loss", "Confirm: all data after the first page moves to another address");
const permanentFlag = flagOption("permanent", "Confirm: on a D part, binary pages can never be undone");

export const pageSizeCommand: Command = {
  name: "page-size",
  summary: "Show or change the page size of an AT45",
  positionals: ["[BYTES]"],
  examples: ["norbridge page-size", "norbridge page-size 256 --accept-content-loss"],
  options: [lossFlag, permanentFlag],
  connects: true,
  prepare(args) {
    const word = args.positional(0);
    const pageBytes = word === "" ? undefined : parseSize(word);
    if (word !== "" && pageBytes === undefined) throw usageError(`${printable(word)} is not a page size`);
    const request = {
      connection: readConnection(args),
      pageBytes,
      acceptsLoss: args.flag(lossFlag),
      isPermanent: args.flag(permanentFlag),
    };
    return async (session) => (await import("../actions/page-size.ts")).pageSize(request, session);
  },
};
