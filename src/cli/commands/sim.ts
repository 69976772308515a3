/** `norbridge sim`: the words. */
import { parsePortSpec } from "../../transport/port-spec.ts";
import type { Command } from "../arguments/command.ts";
import { type ValueOption, usageError } from "../arguments/option.ts";
import { choiceOption, fileOption, flagOption, readListenAddress, textOption } from "../options/options.ts";

const chipOption = textOption(
  "chip",
  "Name of the chip, with settings as in a sim: port: AT25SF041 or 'AT25SF041?seed=7&baud=921600'",
  "the name of a simulated chip, such as AT25SF041",
  { alias: "c", placeholder: "CHIP", offers: "simulated-chips" },
);
const listenOption: ValueOption<{ readonly host: string; readonly port: number }> = {
  kind: "value",
  name: "listen",
  placeholder: "HOST:PORT",
  describe: "Address to listen on; with port 0 the system chooses one",
  byDefault: "127.0.0.1:4000",
  accepts: "HOST:PORT, such as 127.0.0.1:4000",
  read: readListenAddress,
};
/** A day. */
const MAX_SECONDS = 86_400;
const idleTimeoutOption: ValueOption<number> = {
  kind: "value",
  name: "idle-timeout",
  placeholder: "SECONDS",
  describe: "A client that is idle for this time is replaced by the next one; 0 is never",
  byDefault: "60",
  accepts: "seconds, a whole number from 0 to 86400",
  read: (text) => (/^[0-9]{1,5}$/.test(text) && Number(text) <= MAX_SECONDS ? Number(text) : undefined),
};
const imageOption = fileOption("image", "File that keeps the chip's contents between runs", "state");
const realtimeFlag = flagOption("realtime", "Take as long as a real bridge and chip");
const protocolOption = choiceOption("protocol", "Protocol of the bridge", ["native", "serprog", "both"], {
  byDefault: "both, by what the client sends",
});

export const simCommand: Command = {
  name: "sim",
  summary: "Serve a simulated bridge and chip on TCP, until Ctrl-C",
  positionals: [],
  examples: [
    "norbridge sim --chip AT25SF041 --listen 127.0.0.1:4000 --image chip.bin",
    "norbridge sim --protocol serprog --chip AT25SF041 --listen 127.0.0.1:4000",
  ],
  options: [chipOption, listenOption, idleTimeoutOption, imageOption, realtimeFlag, protocolOption],
  connects: false,
  prepare(args) {
    const chip = parsePortSpec(`sim:${args.required(chipOption)}`);
    if (chip.kind !== "sim") throw usageError("--chip is not a simulated chip");
    const image = args.value(imageOption);
    if (image !== undefined && chip.settings.has("file")) {
      throw usageError("--image and the setting file= of --chip cannot be used together");
    }
    const settings = new Map(chip.settings);
    if (image !== undefined) settings.set("file", image);
    const protocol = args.value(protocolOption);
    if (protocol !== undefined) settings.set("protocol", protocol);
    // A serprog board has no native side; all others take what the client speaks.
    else if (!settings.has("protocol") && isNativeBridge(settings.get("bridge"))) settings.set("protocol", "both");
    const idleSeconds = args.value(idleTimeoutOption);
    const request = {
      chip: chip.chip,
      settings,
      listen: args.value(listenOption) ?? { host: "127.0.0.1", port: 4000 },
      idleUs: idleSeconds === 0 ? Number.POSITIVE_INFINITY : idleSeconds === undefined ? undefined : idleSeconds * 1e6,
      isRealtime: args.flag(realtimeFlag),
    };
    return async (session) => (await import("../actions/sim.ts")).sim(request, session);
  },
};

function isNativeBridge(name: string | undefined): boolean {
  return name === undefined || name === "small" || name === "large";
}
