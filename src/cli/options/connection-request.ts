/** What the connection options specify, checked; src/runner acts on it. */
import { printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { parsePortSpec, type PortSpec } from "../../transport/port-spec.ts";
import { type ConnectionRequest, connectionWords } from "../../runner/connection-request.ts";
import { type Arguments, type FlagOption, usageError } from "../arguments/option.ts";
import {
  baudOption,
  checkedFlag,
  chipFileOption,
  chipOption,
  chipSizeOption,
  connectionOptions,
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
    throw usageError(
      `${args.nameOf(chipFileOption)} cannot be used with --chip or --size`,
      "The file contains the name and the size.",
    );
  }
  const isParanoid = args.flag(paranoidFlag);
  const isFast = args.flag(fastFlag);
  if (isParanoid && isFast) throw together(args, paranoidFlag, fastFlag);
  const care = isParanoid ? "paranoid" : isFast ? "fast" : undefined;
  const isChecked = readChecked(args);
  const given = { port, protocol, baudRate, spiClockHz, chip, chipFile, chipSizeBytes, care, isChecked } as const;
  return {
    port: port === undefined ? undefined : portOf(args, port),
    words: connectionWords(given),
    hasTypedWords: connectionOptions.some((option) => option !== recordOption && args.isTyped(option)),
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

/** flashrom's `-p serprog:dev=/dev/ttyACM0:115200` and `-p serprog:ip=HOST:PORT`. */
const FLASHROM_PORT = /^serprog:(?:dev=([^,:]+)(?::([0-9]+))?|ip=([^,]+))/;

/** A port that cannot be read is named by where it stands. */
function portOf(args: Arguments, text: string): PortSpec {
  const [whole, device, baud, address] = FLASHROM_PORT.exec(text) ?? [];
  if (whole !== undefined) {
    const rate = baud === undefined ? "" : ` --baud ${baud}`;
    throw usageError(
      `${args.nameOf(portOption)} ${printable(text)} is the name of a programmer in flashrom`,
      `Here it is \`--port ${printable(device ?? `tcp://${address ?? ""}`)}${rate} --protocol serprog\`.`,
    );
  }
  try {
    return parsePortSpec(text);
  } catch (error) {
    if (!(error instanceof NorbridgeError) || args.isTyped(portOption)) throw error;
    throw usageError(error.message.replace("--port", args.nameOf(portOption)), error.hint);
  }
}

function together(args: Arguments, one: FlagOption, other: FlagOption): NorbridgeError {
  return usageError(`${args.nameOf(one)} and ${args.nameOf(other)} cannot be used together`);
}

function readChecked(args: Arguments): boolean | undefined {
  const isChecked = args.flag(checkedFlag);
  const isUnchecked = args.flag(uncheckedFlag);
  if (isChecked && isUnchecked) throw together(args, checkedFlag, uncheckedFlag);
  return isChecked ? true : isUnchecked ? false : undefined;
}
