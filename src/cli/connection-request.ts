/** What the connection options say, checked; connect.ts acts on it. */
import type { LiftedProtection } from "../jobs/lift-protection.ts";
import { parsePortSpec, type PortSpec } from "../transport/port-spec.ts";
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

export interface ConnectionRequest {
  /** Undefined: NORBRIDGE_PORT decides, else the one bridge that is plugged in. */
  readonly port: PortSpec | undefined;
  /** The connection options as typed, for commands that a message proposes. */
  readonly words: readonly string[];
  readonly protocol: "auto" | "native" | "serprog";
  readonly baudRate: number | undefined;
  readonly spiClockHz: number | undefined;
  readonly chip: string | undefined;
  /** Name of a file that describes the chip. */
  readonly chipFile: string | undefined;
  readonly chipSizeBytes: number | undefined;
  /** How much to trust a line that nobody checks; undefined: as the link is. */
  readonly care: "paranoid" | "fast" | undefined;
  /** The user's word on whether somebody checks the bytes all the way to the bridge; undefined: as the port says. */
  readonly isChecked: boolean | undefined;
  /** Lift protection before the job and put it back behind it. */
  readonly unprotect: boolean;
  /** What it was before a run of this program that was killed; undefined: what the chip says now. */
  readonly protection?: LiftedProtection | undefined;
  /** File that every byte on the wire is written to. */
  readonly recordFile: string | undefined;
  /** Settings that a dump gets where its port does not give them: no chip, and for its shape no erase block either. */
  readonly imageDefaults?: ReadonlyMap<string, string>;
}

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

/** What `openBridge` is told of the request, whatever the port is. */
export function bridgeOptionsOf({ protocol, isChecked }: ConnectionRequest): {
  readonly protocol: ConnectionRequest["protocol"];
  readonly isChecked?: boolean;
} {
  return isChecked === undefined ? { protocol } : { protocol, isChecked };
}
