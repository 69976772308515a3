/** What the connection options say, checked; src/runner acts on it. */
import { parsePortSpec } from "../transport/port-spec.ts";
import type { ConnectionRequest } from "../runner/connection-request.ts";
import { type Arguments, usageError } from "./option.ts";
import {
  baudOption,
  checkedFlag,
  chipFileOption,
  chipOption,
  chipSizeOption,
  fastFlag,
  paranoidFlag,
  portOption,
  protocolOption,
  recordOption,
  spiClockOption,
  uncheckedFlag,
  unprotectFlag,
} from "./options.ts";

/** Reads the connection options; throws USAGE. */
export function readConnection(args: Arguments): ConnectionRequest {
  const port = args.value(portOption);
  const protocol = args.value(protocolOption);
  const baudRate = args.value(baudOption);
  const spiClockHz = args.value(spiClockOption);
  const chip = args.value(chipOption);
  const chipFile = args.value(chipFileOption);
  const chipSizeBytes = args.value(chipSizeOption);
  if (chipFile !== undefined && (chip !== undefined || chipSizeBytes !== undefined)) {
    throw usageError("--chip-file goes with neither --chip nor --size", "The file says name and size.");
  }
  const isParanoid = args.flag(paranoidFlag);
  const isFast = args.flag(fastFlag);
  if (isParanoid && isFast) throw usageError("--paranoid and --fast do not go together");
  const care = isParanoid ? "paranoid" : isFast ? "fast" : undefined;
  const isChecked = readChecked(args);
  const words = [
    ...(port === undefined ? [] : ["--port", port]),
    ...(protocol === undefined ? [] : ["--protocol", protocol]),
    ...(baudRate === undefined ? [] : ["--baud", String(baudRate)]),
    ...(spiClockHz === undefined ? [] : ["--spi-clock", `${spiClockHz}Hz`]),
    ...(chip === undefined ? [] : ["--chip", chip]),
    ...(chipFile === undefined ? [] : ["--chip-file", chipFile]),
    ...(chipSizeBytes === undefined ? [] : ["--size", String(chipSizeBytes)]),
    ...(care === undefined ? [] : [`--${care}`]),
    ...(isChecked === undefined ? [] : [isChecked ? "--checked" : "--unchecked"]),
  ];
  return {
    port: port === undefined ? undefined : parsePortSpec(port),
    words,
    protocol: protocol ?? "auto",
    baudRate,
    spiClockHz,
    chip,
    chipFile,
    chipSizeBytes,
    care,
    isChecked,
    unprotect: args.flag(unprotectFlag),
    recordFile: args.value(recordOption),
  };
}

function readChecked(args: Arguments): boolean | undefined {
  const isChecked = args.flag(checkedFlag);
  const isUnchecked = args.flag(uncheckedFlag);
  if (isChecked && isUnchecked) throw usageError("--checked and --unchecked do not go together");
  return isChecked ? true : isUnchecked ? false : undefined;
}
