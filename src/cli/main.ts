#!/usr/bin/env node
/** The program `norbridge`. Ends the process itself once stdout is flushed, so that no forgotten handle can hold it. */
import { processIo } from "./process-io.ts";
import { runCli } from "./run-cli.ts";

const exitCode = await runCli(process.argv.slice(2), processIo());
process.stdout.write("", () => process.exit(exitCode));
