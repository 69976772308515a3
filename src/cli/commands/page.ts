/** `norbridge page`: the words. */
import type { Command } from "../arguments/command.ts";
import type { ValueOption } from "../arguments/option.ts";
import { flagOption } from "../options/options.ts";

const MAX_PORT = 65_535;
const portOption: ValueOption<number> = {
  kind: "value",
  name: "at",
  placeholder: "PORT",
  describe: "TCP port on this computer; with 0 the system chooses one. Journals in the browser belong to one port",
  byDefault: "8485",
  accepts: "a whole number from 0 to 65535",
  read: (text) => (/^[0-9]{1,5}$/.test(text) && Number(text) <= MAX_PORT ? Number(text) : undefined),
};
const noOpenFlag = flagOption("no-open", "Print the address only; do not open a browser");

export const pageCommand: Command = {
  name: "page",
  summary: "Serve the page that programs chips in a browser, and open it",
  positionals: [],
  examples: ["norbridge page", "norbridge page --no-open --at 0"],
  options: [portOption, noOpenFlag],
  connects: false,
  prepare(args) {
    const request = { port: args.value(portOption) ?? 8485, opens: !args.flag(noOpenFlag) };
    return async (session) => (await import("../actions/page.ts")).page(request, session);
  },
};
