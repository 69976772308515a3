/**
 * Options that need not be typed: an environment variable or a configuration file may hold them. One rule gives their names:
 * `--spi-clock` is NORBRIDGE_SPI_CLOCK, and the key "spi-clock" in norbridge.config.json.
 */
import type { Option } from "./option.ts";
import { connectionOptions, journalOption, recordOption } from "./options.ts";

/**
 * How a bridge and a chip are reached, and where journals go. Nothing that agrees to a loss (--unprotect, --permanent) and no
 * file that is written: those are typed. --record is among the connection options, but names a new file every time.
 */
export const configurableOptions: readonly Option[] = [
  ...connectionOptions.filter((option) => option !== recordOption),
  journalOption,
];

/** NORBRIDGE_SPI_CLOCK for --spi-clock; undefined for an option that has to be typed. */
export function environmentNameOf(option: Option): string | undefined {
  if (!configurableOptions.includes(option)) return undefined;
  return `NORBRIDGE_${option.name.toUpperCase().replaceAll("-", "_")}`;
}
