/**
 * `npm run bench -- reads`: what it costs that `read` compares every byte with a second reading, where the SPI clock limits
 * it or not.
 */
import { readFlash } from "../jobs/read-flash.ts";
import { createRandom } from "../sim/random.ts";
import { type BenchSettings, measure } from "./bench-world.ts";

const CAPACITY = 512 * 1024;
const RANDOM = createRandom("reads").bytes(CAPACITY);
const CONTENTS = [
  { name: "random", bytes: RANDOM },
  { name: "blank", bytes: new Uint8Array(CAPACITY).fill(0xff) },
] as const;
const LINKS: readonly { readonly name: string; readonly settings: BenchSettings }[] = [
  { name: "2 Mbaud", settings: { baud: "2000000" } },
  { name: "USB FS", settings: { usb: "fs" } },
];
/** Both are clocks of the simulated bridge. */
const CLOCKS_HZ = [8_000_000, 15_000_000] as const;

/** Prints the table. */
export async function readProofTable(print: (text: string) => void): Promise<void> {
  print("| 512 KiB, large bridge | SPI clock | `--fast`, s | compared, s | ratio |");
  print("| --- | --- | --- | --- | --- |");
  for (const { name: content, bytes } of CONTENTS) {
    for (const { name: link, settings } of LINKS) {
      for (const clockHz of CLOCKS_HZ) {
        const seconds = async (fast: boolean): Promise<number> => {
          const run = await measure(
            "AT25SF041",
            { bridge: "large", times: "typical", latencyMs: "0.5", ...settings },
            ({ chip }) => chip.load(0, bytes),
            async ({ device, context }) => {
              await readFlash(device, { address: 0, lengthBytes: CAPACITY }, () => undefined, context, { fast });
            },
            clockHz,
          );
          return run.seconds;
        };
        const [once, compared] = [await seconds(true), await seconds(false)];
        const ratio = (compared / once).toFixed(2);
        print(
          `| ${content}, ${link} | ${clockHz / 1e6} MHz | ${once.toFixed(2)} | ${compared.toFixed(2)} | ${ratio} |`,
        );
      }
    }
  }
}
