/**
 * Options that need not be typed: an environment variable or a configuration file may hold them. One rule gives their names:
 * `--spi-clock` is NORBRIDGE_SPI_CLOCK, and the key "spi-clock" in norbridge.config.json.
 */
import type { Option } from "../arguments/option.ts";
import {
  checkedFlag,
  chipFileOption,
  chipOption,
  chipSizeOption,
  connectionOptions,
  fastFlag,
  journalOption,
  noConfigFlag,
  noJournalFlag,
  paranoidFlag,
  profileOption,
  recordOption,
  uncheckedFlag,
} from "../options/options.ts";

/**
 * How a bridge and a chip are reached, and where journals go. Nothing that agrees to a loss (--unprotect, --permanent) and no
 * file that is written: those are typed. --record is among the connection options, but names a new file every time.
 */
export const configurableOptions: readonly Option[] = [
  ...connectionOptions.filter((option) => option !== recordOption),
  journalOption,
];

/** What a configuration file may set: all of these, but not which file is read. */
export const fileOptions: readonly Option[] = configurableOptions.filter(
  (option) => option !== profileOption && option !== noConfigFlag,
);

/** By name, so that an option that comes later has to be thought about here. Nothing that trusts more than the default does. */
const FROM_A_FOLDER: ReadonlySet<string> = new Set([
  ...["port", "protocol", "baud", "spi-clock", "chip", "size"],
  ...["paranoid", "unchecked"],
]);

/** Whether a file in the working folder may set it; its source is untrusted. */
export function mayComeWithFolder({ name }: Option): boolean {
  return FROM_A_FOLDER.has(name);
}

/** Each pair contradicts itself. */
const CONFLICTS: readonly (readonly [Option, Option])[] = [
  [paranoidFlag, fastFlag],
  [checkedFlag, uncheckedFlag],
  [chipFileOption, chipOption],
  [chipFileOption, chipSizeOption],
  [journalOption, noJournalFlag],
];

/** Options that an option contradicts: one that is chosen closer to the command line puts them out of force. */
export function conflictsOf(option: Option): readonly Option[] {
  return CONFLICTS.flatMap(([one, other]) => (one === option ? [other] : other === option ? [one] : []));
}

/** NORBRIDGE_SPI_CLOCK for --spi-clock; undefined for an option that has to be typed. */
export function environmentNameOf(option: Option): string | undefined {
  if (!configurableOptions.includes(option)) return undefined;
  return `NORBRIDGE_${option.name.toUpperCase().replaceAll("-", "_")}`;
}
