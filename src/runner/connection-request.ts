/** Which chip a job is for, and how to get to it: what a face of the program has made of options, checked. */
import type { LiftedProtection } from "../jobs/lift-protection.ts";
import type { PortSpec } from "../transport/port-spec.ts";

export interface ConnectionRequest {
  /** Undefined: NORBRIDGE_PORT decides, else the one bridge that is plugged in. */
  readonly port: PortSpec | undefined;
  /** The connection options that hold, as words: for commands that a message proposes, and for the journal. */
  readonly words: readonly string[];
  /** Whether any of them was typed with this command; undefined: all were. */
  readonly hasTypedWords?: boolean | undefined;
  readonly protocol: "auto" | "native" | "serprog";
  readonly baudRate: number | undefined;
  readonly spiClockHz: number | undefined;
  readonly chip: string | undefined;
  /** Name of a file that describes the chip. */
  readonly chipFile: string | undefined;
  readonly chipSizeBytes: number | undefined;
  /** Size that this job, or its journal, found the chip to have, bytes; see `OpenFlashOptions`. */
  readonly settledBytes?: number | undefined;
  /** How much to trust an unchecked link; undefined: as the link is. */
  readonly care: "paranoid" | "fast" | undefined;
  /** What the user specified: whether the bytes are checked all the way to the bridge; undefined: as the port reports. */
  readonly isChecked: boolean | undefined;
  /** Lift protection before the job and restore it after it. */
  readonly unprotect: boolean;
  /** What it was before a run of this program that was killed; undefined: what the chip reports now. */
  readonly protection?: LiftedProtection | undefined;
  /** File that every byte on the wire is written to. */
  readonly recordFile: string | undefined;
  /** Settings that a dump gets where its port does not give them: no chip, and for its shape no erase block either. */
  readonly imageDefaults?: ReadonlyMap<string, string> | undefined;
}

/** The parts of a connection that were specified. */
export interface GivenConnection extends Partial<Pick<ConnectionRequest, "baudRate" | "spiClockHz" | "chip">> {
  readonly port?: string | undefined;
  readonly protocol?: ConnectionRequest["protocol"] | undefined;
  readonly chipFile?: string | undefined;
  readonly chipSizeBytes?: number | undefined;
  readonly care?: ConnectionRequest["care"] | undefined;
  readonly isChecked?: boolean | undefined;
}

/** The same in the words of the command line, which is how journals keep it. */
export function connectionWords(given: GivenConnection): readonly string[] {
  const { port, protocol, baudRate, spiClockHz, chip, chipFile, chipSizeBytes, care, isChecked } = given;
  return [
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
}

/** What `openBridge` gets of the request, whatever the port is. */
export function bridgeOptionsOf({ protocol, isChecked }: ConnectionRequest): {
  readonly protocol: ConnectionRequest["protocol"];
  readonly isChecked?: boolean | undefined;
} {
  return isChecked === undefined ? { protocol } : { protocol, isChecked };
}
