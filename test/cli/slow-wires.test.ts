/** Wires that do not bear the clock, through the whole command: the job continues at a slower one by itself, and says so. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createRandom } from "../../src/sim/random.ts";
import { effort } from "../support/effort.ts";
import { runQuickly as runCli } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-wires-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const OFFSET = 0x1080;
const random = createRandom("slow wires");
const old = random.bytes(512 * 1024);
const data = random.bytes(20_000);
const image = join(folder, "image.bin");
writeFileSync(image, data);
writeFileSync(join(folder, "old.bin"), old);
const expected = Buffer.from(old);
expected.set(data, OFFSET);

/** Writes into the middle of a full chip. */
async function write(name: string, wires: string): Promise<string> {
  const cells = join(folder, `${name}.bin`);
  copyFileSync(join(folder, "old.bin"), cells);
  const port = `sim:AT25SF041?${wires}&file=${cells}`;
  const done = await runCli(["write", image, "--offset", String(OFFSET), "-p", port, "--json"]);
  expect(done.code, done.stderr).toBe(0);
  expect(Buffer.compare(readFileSync(cells), expected), wires).toBe(0);
  return done.stdout;
}

it("wires that never bear it: found before anything is changed", async () => {
  const said = await write("never", "soundClock=6MHz");
  expect(said).toContain('"type":"recovery","reason":"spi-clock","fromHz":30000000,"toHz":3750000');
  expect(said).toMatch(
    /does not support an SPI clock of 30 MHz \(4 of 4 .* wrong\); continuing at 3\.75 MHz\. Add --spi-clock 3\.75MHz\./,
  );
});

it("wires that do not bear it now and then: whenever it shows, and no byte is wrong", { timeout: 60_000 }, async () => {
  let inTheMiddle = 0;
  for (let seed = 1; seed <= effort(4, 12); seed++) {
    const said = await write(`seed ${seed}`, `soundClock=6MHz&lateShare=0.3&seed=${seed}`);
    if (/\d+ of 200 reads of the ID/.test(said)) inTheMiddle++;
  }
  expect(inTheMiddle).toBeGreaterThan(0);
});
