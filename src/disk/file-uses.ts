/** What files are read whole for, and how long each may be. Longer than anything honest, and short enough for any host. */

/** A use of a file: its name in messages, and the most that it may hold. */
export interface FileUse {
  readonly what: string;
  readonly mostBytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const FILE_USES = {
  /** `--chip-file`: a few hundred bytes. */
  chipFile: { what: "a chip file", mostBytes: MIB },
  /** norbridge.config.json: a few hundred bytes. */
  config: { what: "a configuration file", mostBytes: MIB },
  /** `--struct`: a few hundred bytes. */
  struct: { what: "a struct file", mostBytes: MIB },
  /** `--layout`: a text of a few lines, or the image of a whole flash. */
  layout: { what: "a layout", mostBytes: 256 * MIB },
  /** `sfdp FILE`: an area is 64 KiB at most, as hex digits with comments a few times that. */
  sfdp: { what: "a dump of SFDP", mostBytes: MIB },
  /** `--progress-file`: one line. */
  progress: { what: "a progress file", mostBytes: 64 * KIB },
  /** `@FILE` and `--data`: an entry of a store. */
  value: { what: "a value", mostBytes: 16 * MIB },
  /** `log append --input`: records as JSON lines. */
  records: { what: "a list of records", mostBytes: 64 * MIB },
  /** `replay FILE`: recordings end at 128 MiB, and say so in one line more. */
  recording: { what: "a recording", mostBytes: 129 * MIB },
  /** `station`: a few hundred lines. */
  recipe: { what: "a recipe", mostBytes: MIB },
  /** A table of values of a recipe, and lists of numbers. */
  table: { what: "a table of values", mostBytes: 64 * MIB },
  /** The approved state of a recipe: a line for each file. */
  lock: { what: "a recipe's lock file", mostBytes: MIB },
} as const satisfies Record<string, FileUse>;
