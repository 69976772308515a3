/**
 * The program `norbridge`. Ends the process itself once both outputs are with their readers, so that no forgotten handle can
 * hold it.
 */
import { processIo } from "./process-io.ts";
import { runCli } from "./run-cli.ts";

const EXIT_BUG = 70;

// What nobody has foreseen is a bug of ours and is said as one. The system closes the port; the journal is on the disk.
process.on("uncaughtException", (error) => {
  const why = error.message.replace(/[^\x20-\x7e]/g, "?");
  process.stderr.write(`error: something happened that norbridge did not expect: ${why}\n`);
  process.stderr.write("hint:  Please report it. `norbridge jobs` shows whether a job was left behind.\n");
  process.exit(EXIT_BUG);
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
