/** Test files that take long, and their place among all: see longest-first.ts. */

/** The files that take longest in full mode, the longest first; after them those that take longest by default. */
export const LONG: readonly string[] = [
  "test/windows/windows.test.ts",
  "test/package/follow-readme.test.ts",
  "test/bridge/serprog/serprog-bridge.test.ts",
  "test/flashrom/flashrom.test.ts",
  "test/firmware/flashrom.test.ts",
  "test/firmware/rp2040-bridge.test.ts",
  "test/firmware/avr-bridge.test.ts",
  "test/package/installed.test.ts",
  "test/station-page/page.test.ts",
  "test/firmware/faults.test.ts",
  "test/bridge/native-bridge.test.ts",
  "test/storage/circular-buffer/cuts.test.ts",
  "test/storage/settings/cuts.test.ts",
  "test/bridge/liars.test.ts",
  "test/documents/consoles.test.ts",
  "test/firmware/rp2040-board.test.ts",
  "test/firmware/avr-board.test.ts",
  "test/end-to-end/round-trip.test.ts",
  "test/cli/resume.test.ts",
  "test/cli/surroundings.test.ts",
  "test/faults/campaign.test.ts",
  "test/bridge/serprog/faults.test.ts",
  "test/cli/every-exit-code.test.ts",
  "test/examples/examples.test.ts",
  "test/cli/output-loss.test.ts",
  "test/jobs/write/erase-size.test.ts",
  "test/jobs/write/write-image.test.ts",
  "test/firmware/measure.test.ts",
  "test/storage/limits.test.ts",
  "test/incidents/link-and-chip.test.ts",
  "test/launcher/start.test.ts",
  "test/architecture/public-types.test.ts",
];

/** Where a file stands in the order; all that are not named come after. */
export function placeOf(path: string): number {
  const at = LONG.findIndex((name) => path.replaceAll("\\", "/").endsWith(`/${name}`));
  return at < 0 ? LONG.length : at;
}
