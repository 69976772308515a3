/** `norbridge doctor`: the words. */
import type { Command } from "../arguments/command.ts";
import { readConnection } from "../options/connection-request.ts";
import { usageError } from "../arguments/option.ts";
import { fileOption, flagOption } from "../options/options.ts";

const udevFlag = flagOption(
  "udev",
  "Print the udev rule that gives you access to the bridge and keeps ModemManager away (Linux)",
);
const reportOption = fileOption(
  "report",
  "Save the findings to this file for a bug report; with --record also the bytes on the wire",
  "output",
);

export const doctorCommand: Command = {
  name: "doctor",
  summary: "Find faults of port, bridge and wiring within ten seconds, without writing to the chip",
  positionals: [],
  examples: ["norbridge doctor", "norbridge doctor --port /dev/ttyACM0 --report bug.json", "norbridge doctor --udev"],
  options: [udevFlag, reportOption],
  connects: true,
  prepare(args) {
    const connection = readConnection(args);
    const reportFile = args.value(reportOption);
    if (args.flag(udevFlag)) {
      if (reportFile !== undefined) throw usageError("--udev and --report cannot be used together");
      return async (session) => (await import("../actions/doctor.ts")).printUdevRule(connection, session);
    }
    return async (session) => (await import("../actions/doctor.ts")).doctor({ connection, reportFile }, session);
  },
};
