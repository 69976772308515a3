/**
 * What a journal may say of the connection. It may come from another laptop, so it names a real port and words about the chip,
 * and no file: neither a dump nor a simulated chip's file, no recording, no description of a chip. Those the user types.
 */
import { printable } from "../bytes.ts";
import { parsePortSpec } from "../transport/port-spec.ts";
import { type ConnectionRequest, readConnection } from "./connection-request.ts";
import { Arguments, type Option, usageError } from "./option.ts";
import {
  baudOption,
  checkedFlag,
  chipOption,
  chipSizeOption,
  fastFlag,
  paranoidFlag,
  portOption,
  protocolOption,
  spiClockOption,
  uncheckedFlag,
} from "./options.ts";
import { shellWords } from "./shell-words.ts";

const ALLOWED: readonly Option[] = [
  portOption,
  protocolOption,
  baudOption,
  spiClockOption,
  chipOption,
  chipSizeOption,
  paranoidFlag,
  fastFlag,
  checkedFlag,
  uncheckedFlag,
];
const REAL_PORTS: ReadonlySet<string> = new Set(["serial", "usb", "tcp"]);
const MOST_WORDS = 2 * ALLOWED.length;

/** Reads the words of a journal. Throws USAGE, with what to type, for those that a journal may not say. */
export function connectionOfJournal(id: string, words: readonly string[]): ConnectionRequest {
  const values = new Map<string, unknown>();
  for (let index = 0; index < words.length; index++) {
    const name = (words[index] ?? "").slice(2);
    const option = ALLOWED.find((one) => words[index] === `--${one.name}`);
    if (option === undefined || values.has(name) || words.length > MOST_WORDS) throw toBeTyped(id, words);
    values.set(name, option.kind === "flag" ? true : words[++index]);
  }
  const port = values.get(portOption.name);
  if (typeof port === "string" && !REAL_PORTS.has(parsePortSpec(port).kind)) throw toBeTyped(id, words);
  return readConnection(new Arguments(values, []));
}

const MOST_SHOWN_CHARACTERS = 500;

function toBeTyped(id: string, words: readonly string[]): Error {
  const shown = printable(shellWords(words).slice(0, MOST_SHOWN_CHARACTERS));
  return usageError(
    `the job ${printable(id)} was connected by words that a journal may not choose: ${shown}`,
    "Nothing was opened. If they are yours, type them behind the command: --port and what else is needed.",
  );
}
