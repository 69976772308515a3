/**
 * What a journal may contain of the connection. It may come from another host, so it names a real port of this machine and words
 * about the chip, and no file: neither a dump nor a simulated chip's file, no recording, no description of a chip. Those the
 * user types.
 *
 * `tcp://` is among the real ports. Before the chip is proved, only a greeting of fixed words is sent there; after
 * that, only what the journal holds. If it were refused, a job on a bridge on a socket could not be resumed without
 * typing the port again. What is taken from a journal is reported before the port is opened.
 */
import { printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { parsePortSpec } from "../../transport/port-spec.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { readConnection } from "../options/connection-request.ts";
import { Arguments, type Option, usageError } from "../arguments/option.ts";
import { connectionOptions, portOption } from "../options/options.ts";
import { isRealPort } from "./real-port.ts";
import { shellWords } from "../output/shell-words.ts";

/** By name, so that an option that comes later has to be thought about here. */
const ALLOWED: ReadonlySet<string> = new Set([
  ...["port", "protocol", "baud", "spi-clock", "chip", "size"],
  ...["paranoid", "fast", "checked", "unchecked"],
]);

/** An unfinished job, as a message has to name it. */
export interface NamedJob {
  readonly id: string;
  readonly path: string;
  /** What was typed to name its folder: `--journal FOLDER`, or nothing. */
  readonly folderWords: readonly string[];
}

/**
 * Reads the words of a journal. Throws USAGE, with what to type, for those that a journal must not contain; FILE_INVALID for
 * words that no command line has.
 */
export function connectionOfJournal(job: NamedJob, command: string, words: readonly string[]): ConnectionRequest {
  const values = valuesOf(job, words);
  const port = values.get(portOption.name);
  const spec = typeof port === "string" ? understood(job, () => parsePortSpec(port)) : undefined;
  const isAllowed = [...values.keys()].every((name) => ALLOWED.has(name));
  if (!isAllowed || (spec !== undefined && !isRealPort(spec))) throw toBeTyped(job, command, words);
  return understood(job, () => readConnection(new Arguments(values, [])));
}

/** As the table of options takes words apart, for the one form in which they are written down. */
function valuesOf(job: NamedJob, words: readonly string[]): ReadonlyMap<string, unknown> {
  const options: readonly Option[] = connectionOptions;
  const values = new Map<string, unknown>();
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const option = options.find(({ name }) => word === `--${name}`);
    if (option === undefined) throw damaged(job, `${shortened(word)} is not a connection option`);
    if (values.has(option.name)) throw damaged(job, `--${option.name} is given more than once`);
    if (option.kind === "flag") {
      values.set(option.name, true);
      continue;
    }
    const value = words[++index];
    if (value === undefined || value.startsWith("--")) throw damaged(job, `--${option.name} has no value`);
    values.set(option.name, value);
  }
  return values;
}

/** What reading a word throws as a mistake of the user's is damage here. */
function understood<T>(job: NamedJob, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NorbridgeError)) throw error;
    throw damaged(job, error.message);
  }
}

const MAX_SHOWN_CHARACTERS = 1000;

function shortened(text: string): string {
  const shown = printable(text.slice(0, MAX_SHOWN_CHARACTERS));
  return text.length > MAX_SHOWN_CHARACTERS ? `${shown}...` : shown;
}

function damaged({ path }: NamedJob, why: string): NorbridgeError {
  const message = `the journal ${printable(path)} cannot be used: line 1: connection: ${shortened(why)}`;
  return new NorbridgeError("FILE_INVALID", message, {
    operation: "read journal",
    hint: "Nothing was opened. Specify the connection on the command line (--port and what else is needed); then it is not read from the journal.",
  });
}

function toBeTyped({ id, folderWords }: NamedJob, command: string, words: readonly string[]): NorbridgeError {
  const whole = shellWords(["norbridge", command, id, ...folderWords, ...words]);
  return usageError(
    `the job ${printable(id)} used connection options that are not accepted from a journal: ${shortened(shellWords(words))}`,
    `Nothing was opened. If you trust them, type them: ${shortened(whole)}`,
  );
}
