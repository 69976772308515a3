/**
 * What an option is, and how its text becomes a value. yargs only takes the command line apart: its own numbers let
 * `4k` through as NaN and make an array of an option given twice, which is no way to aim an eraser. So every value
 * arrives here as text, once, and leaves typed or as a USAGE error that names the option and what it takes.
 *
 * Help, man page, completion, the schema of the configuration file and the documents are made of these fields.
 */
import { printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { nearestName } from "./nearest-name.ts";
import type { Configuration } from "../config/setting.ts";

/** What a command does with a file that is named to it. */
export type FileRole = "input" | "output" | "state";

/** What completion lists for a value, beside the values of a closed list and names of files. */
export type Offer = "ports" | "chips" | "simulated-chips" | "jobs" | "profiles";

/** `--name VALUE`. */
export interface ValueOption<T> {
  readonly kind: "value";
  /** Without dashes, kebab-case. */
  readonly name: string;
  readonly alias?: string | undefined;
  /** Stands for the value in help, in capitals: "SIZE". */
  readonly placeholder: string;
  /** Short sentences without the last full stop; neither the values of a closed list nor the default. */
  readonly describe: string;
  /** What holds without it: "115200", "up to the end of the chip". Undefined: nothing does. */
  readonly byDefault?: string | undefined;
  /** What it takes, as the end of "... takes": "a size such as 4096, 0x1000, 64k or 2M". */
  readonly accepts: string;
  /** It names a file: one that is read, one that is made, or one that is read and changed. */
  readonly file?: FileRole | undefined;
  /** The whole list of values, if there is one. */
  readonly values?: readonly string[] | undefined;
  readonly offers?: Offer | undefined;
  /** A bare number is such a value, so in a configuration file it needs no quotes. */
  readonly takesNumber?: boolean | undefined;
  /** Undefined for text that is not such a value. */
  read(text: string): T | undefined;
}

/** `--name`, there or not. */
export interface FlagOption {
  readonly kind: "flag";
  readonly name: string;
  readonly alias?: string | undefined;
  readonly describe: string;
}

export type Option = FlagOption | ValueOption<unknown>;

/** One command line, taken apart and with unknown words already refused. */
export class Arguments {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #positionals: readonly string[];
  /** Values of a configuration file, which were not typed; undefined if none was read. */
  readonly configuration: Configuration | undefined;

  /** `values`: option name to what yargs made of it, or to its setting; `positionals`: the words after the command. */
  constructor(values: ReadonlyMap<string, unknown>, positionals: readonly string[], configuration?: Configuration) {
    this.#values = values;
    this.#positionals = positionals;
    this.configuration = configuration;
  }

  /** The option as a message names it: by what was typed, or by the variable or file that its value comes from. */
  nameOf({ name }: Option): string {
    return this.configuration?.settings.get(name)?.source.where ?? `--${name}`;
  }

  /** Whether the value was typed with the command. */
  isTyped({ name }: Option): boolean {
    const value = this.#values.get(name);
    return value !== undefined && value !== false && this.configuration?.settings.has(name) !== true;
  }

  /** The value of an option as text, unread; undefined if it was not given. */
  text({ name }: Option): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  /** Whether a flag was given. */
  flag(option: FlagOption): boolean {
    return this.#values.get(option.name) === true;
  }

  /** The value of an option, or undefined if it was not given. Throws USAGE for text it does not take. */
  value<T>(option: ValueOption<T>): T | undefined {
    const raw = this.#values.get(option.name);
    if (raw === undefined) return undefined;
    if (Array.isArray(raw)) throw usageError(`--${option.name} is given more than once`);
    return this.#read(option, raw);
  }

  /** The values of an option that may be given more than once, in their order. Throws USAGE as `value`. */
  values<T>(option: ValueOption<T>): readonly T[] {
    const raw = this.#values.get(option.name);
    const given: readonly unknown[] = Array.isArray(raw) ? raw : raw === undefined ? [] : [raw];
    return given.map((one) => this.#read(option, one));
  }

  #read<T>(option: ValueOption<T>, raw: unknown): T {
    const text = typeof raw === "string" ? raw : "";
    const value = text === "" ? undefined : option.read(text);
    if (value !== undefined) return value;
    throw usageError(
      text === ""
        ? `${this.nameOf(option)} needs a value: it takes ${option.accepts}`
        : `${this.nameOf(option)} ${printable(text)} is not valid: it takes ${option.accepts}`,
      nearestHint(text, option.values),
    );
  }

  /** The value of an option that must be there. */
  required<T>(option: ValueOption<T>): T {
    const value = this.value(option);
    if (value === undefined) throw usageError(`--${option.name} is needed: it takes ${option.accepts}`);
    return value;
  }

  /** All words after the command; that there are enough was checked before. */
  get words(): readonly string[] {
    return this.#positionals;
  }

  /** The word at `index` after the command; its being there was checked before. */
  positional(index: number): string {
    return this.#positionals[index] ?? "";
  }
}

function nearestHint(text: string, values: readonly string[] = []): string | undefined {
  const nearest = nearestName(text, values);
  return nearest === undefined ? undefined : `Did you mean ${nearest}?`;
}

/** A wrong command line. */
export function usageError(message: string, hint?: string): NorbridgeError {
  return new NorbridgeError("USAGE", message, {
    operation: "read the command line",
    hint,
  });
}
