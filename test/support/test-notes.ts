/** Run once before the tests by `npm test`: says how long they take and what is skipped. */
import { isInstalled, testNotes } from "./programs.ts";

export default function sayTestNotes(): void {
  // A run of a few files needs no introduction.
  if (process.env["npm_lifecycle_event"] === "test") process.stdout.write(`${testNotes(isInstalled).join("\n")}\n`);
}
