/**
 * `npm run bench -- noise [RUNS [BRIDGE...]]`: a line with errors. 1 MiB is written and verified at 2 Mbaud on a bridge with
 * little RAM and on one with much; the oracle compares the chip's cells with the image, whatever the job said. Over serprog,
 * which has no check of its own, it is 128 KiB over old data, and all other cells of the chip have to be as they were.
 */
import { isFilledWith, sameBytes } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { memoryImage } from "../files/image-source.ts";
import { writeImage } from "../jobs/write/write-image.ts";
import { createRandom } from "../sim/random.ts";
import { measure } from "./bench-world.ts";

/** One cell of the table. */
export interface NoiseCell {
  readonly label: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface NoiseResult {
  readonly runs: number;
  readonly completed: number;
  /** Runs that said done while the chip holds something else. */
  readonly silent: number;
  /** Of these, runs in which the image is right and another place of the chip has changed. */
  readonly elsewhere: number;
  /** Codes of the runs that did not complete. */
  readonly codes: readonly string[];
  /** Mean seconds of the completed ones; NaN if none. */
  readonly seconds: number;
}

export const NOISE_CELLS: readonly NoiseCell[] = [
  { label: "none", settings: {} },
  ...["1e-8", "1e-7", "1e-6", "1e-5", "1e-4", "3e-4", "1e-3", "1e-2"].map((rate) => ({
    label: `bit flips ${rate}`,
    settings: { flipRate: rate },
  })),
  ...["1e-7", "1e-6", "1e-5", "1e-4", "1e-3"].map((rate) => ({
    label: `bytes dropped ${rate}`,
    settings: { dropRate: rate },
  })),
  ...["1e-7", "1e-6", "1e-5", "1e-4", "1e-3"].map((rate) => ({
    label: `bytes duplicated ${rate}`,
    settings: { duplicateRate: rate },
  })),
];

const NATIVE_BYTES = 1024 * 1024;
const SERPROG_BYTES = 128 * 1024;

/** Runs one cell so often. */
export async function noiseCell(
  cell: NoiseCell,
  bridge: string,
  runs: number,
  protocol: "native" | "serprog" = "native",
): Promise<NoiseResult> {
  const isNative = protocol === "native";
  const sizeBytes = isNative ? NATIVE_BYTES : SERPROG_BYTES;
  const capacityBytes = isNative ? sizeBytes : 4 * 1024 * 1024;
  let completed = 0;
  let silent = 0;
  let elsewhere = 0;
  let total = 0;
  const codes = new Set<string>();
  for (let seed = 1; seed <= runs; seed++) {
    const data = createRandom(seed).branch("image").bytes(sizeBytes);
    const cells: { peek?: (() => Uint8Array) | undefined } = {};
    const settings = { bridge, baud: "2000000", times: "typical", seed: String(seed), ...cell.settings };
    try {
      const run = await measure(
        "AT25SF321",
        settings,
        ({ chip }) => {
          if (!isNative) chip.load(0, createRandom(seed).branch("old").bytes(sizeBytes));
          cells.peek = () => chip.peek(0, capacityBytes);
        },
        async ({ device, context }) => {
          await writeImage(device, memoryImage("noise", [{ address: 0, data }]), {}, context);
        },
        undefined,
        protocol,
      );
      completed++;
      total += run.seconds;
      const found = cells.peek?.() ?? new Uint8Array();
      const isRight = sameBytes(found.subarray(0, sizeBytes), data);
      const isElse = !isFilledWith(found.subarray(sizeBytes), 0xff);
      if (!isRight || isElse) silent++;
      if (isRight && isElse) elsewhere++;
    } catch (error) {
      if (!(error instanceof NorbridgeError)) throw error;
      codes.add(error.code);
    }
  }
  return { runs, completed, silent, elsewhere, codes: [...codes].sort(), seconds: total / completed };
}

/** Prints the table. */
export async function noiseTable(
  runs: number,
  print: (text: string) => void,
  bridges: readonly string[] = ["small", "large"],
): Promise<void> {
  print("| errors on the line | bridge | completed | time | otherwise | silently wrong |");
  print("| --- | --- | --- | --- | --- | --- |");
  for (const bridge of bridges) {
    const protocol = bridge === "small" || bridge === "large" ? "native" : "serprog";
    let clean = Number.NaN;
    for (const cell of NOISE_CELLS) {
      const { completed, seconds, codes, silent, elsewhere } = await noiseCell(cell, bridge, runs, protocol);
      if (Number.isNaN(clean)) clean = seconds;
      const factor = completed === 0 ? "" : `${(seconds / clean).toFixed(2)} x`;
      print(
        `| ${cell.label} | ${bridge} | ${completed} of ${runs} | ${factor} | ${codes.join(", ")} | ${silent}${elsewhere > 0 ? ` (${elsewhere} beside the image)` : ""} |`,
      );
    }
  }
}
