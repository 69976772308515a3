/** `--record FILE`: a new file that everything on the wire goes to, as it goes. */
import type { Clock } from "../clock.ts";
import { type AppendFile, createAppendFile } from "../disk/append-file.ts";
import { systemReason } from "../disk/file-problem.ts";
import { NorbridgeError } from "../errors.ts";
import { printable } from "../bytes.ts";
import type { ByteDuplex } from "../transport/byte-duplex.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import type { RunHost } from "./run-host.ts";

/** Options with paths and ports, which are private to the user. */
const PRIVATE_OPTIONS = new Set(["--port", "-p", "--record", "--journal", "--report"]);

/** Begins the recording of this command, if one is asked for; returns what to put around each port. Throws FILE_EXISTS. */
export async function recording(
  host: RunHost,
  { recordFile }: ConnectionRequest,
): Promise<(duplex: ByteDuplex, clock: Clock) => ByteDuplex> {
  if (recordFile === undefined) return (duplex) => duplex;
  if (host.recorder === undefined) {
    const { Recorder, withoutFolders } = await import("../recording/recorder.ts");
    const file = newFile(recordFile);
    // Written at once: of a program that dies the recording is wanted most.
    host.recorder = new Recorder(publicWords(host.words).map(withoutFolders), (text) => {
      try {
        file.append(Buffer.from(text), false);
        return true;
      } catch (error) {
        const why = `the recording ${printable(recordFile)} is incomplete: ${systemReason(error)}`;
        host.recordingProblem = why;
        host.report.warn(`${why}; the command continues`);
        return false;
      }
    });
  }
  const { recorder } = host;
  return (duplex, clock) => recorder.wrap(duplex, clock);
}

function newFile(path: string): AppendFile {
  try {
    return createAppendFile(path);
  } catch (error) {
    throw new NorbridgeError(
      "FILE_EXISTS",
      `the recording ${printable(path)} cannot be written: ${systemReason(error)}`,
      {
        operation: "record",
        hint: "Specify a file that does not exist yet.",
      },
    );
  }
}

function publicWords(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (PRIVATE_OPTIONS.has(word)) index++;
    else if (![...PRIVATE_OPTIONS].some((option) => word.startsWith(`${option}=`))) kept.push(word);
  }
  return kept;
}
