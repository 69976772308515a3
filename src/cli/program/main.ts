/**
 * The program `norbridge`. Ends the process itself once both outputs are with their readers, so that no forgotten handle can
 * hold it.
 */
import { realClock, withDeadline } from "../../clock.ts";
import { processIo } from "./process-io.ts";
import { runCli } from "./run-cli.ts";

const EXIT_BUG = 70;
/** How long the last message may take to be out. */
const LAST_WORDS_US = 1_000_000;

// An unforeseen error is a bug of norbridge and is reported as one. The system closes the port; the journal is on the disk.
process.on("uncaughtException", (error) => {
  const why = error.message.replace(/[^\x20-\x7e]/g, "?");
  const text =
    `error: unexpected error: ${why}\n` +
    "hint:  Please report it. `norbridge jobs` shows whether a job was interrupted.\n";
  // A terminal of Windows takes text later than it is written; what is not out when the process exits is lost.
  const written = new Promise<void>((resolve) => {
    process.stderr.write(text, () => {
      resolve();
    });
  });
  void withDeadline(realClock, written, LAST_WORDS_US).finally(() => process.exit(EXIT_BUG));
});

void main();

// No `await` at the top of this file: the bundled program is a script.
async function main(): Promise<void> {
  const io = processIo();
  const exitCode = await runCli(process.argv.slice(2), io);
  // Node 20 restores the terminal at its end and aborts with a core dump if that terminal went away. Everything is done by now.
  if (io.isHungUp()) process.kill(process.pid, "SIGHUP");
  process.exit(exitCode);
}
