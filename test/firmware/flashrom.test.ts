/** flashrom drives our boards as well: serprog of the real firmware in emulators, with a strict chip on it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { flashromMissing, runFlashrom } from "../../src/bench/flashrom-program.ts";
import { realClock } from "../../src/clock.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation } from "../../src/sim/sim-server.ts";
import { effort } from "../support/effort.ts";
import { BOARDS, type BoardKind } from "./support/firmware-world.ts";
import { FirmwareModel, type Processor } from "./support/processor.ts";

const SIZE_BYTES = 524_288;
const PART_BYTES = 8192;
const boards: readonly BoardKind[] = [BOARDS.core, BOARDS.avr, BOARDS.rp2040];
const missing = effort(0, 1) === 0 ? "it is run in CI" : flashromMissing;

describe.skipIf(missing !== undefined)(
  `flashrom on our firmware (${missing ?? "it is there"})`,
  { timeout: 180_000 },
  () => {
    it.each(boards)("$name: identify, write with verify, read, erase of a part", async (board) => {
      const folder = mkdtempSync(join(tmpdir(), "norbridge-flashrom-"));
      const file = (name: string): string => join(folder, name);
      let processor: Processor | undefined;
      const server = await serveSimulation({
        params: parseSimParameters("AT25SF041", new Map([["usb", "fs"]])),
        wire: (chip) => new FirmwareModel((processor = board.make(chip)), false),
        host: "127.0.0.1",
        port: 0,
        realtime: true,
        clock: realClock,
      });
      // The clock is set before the pins are driven: the order in which boards have lost it.
      const programmer = `serprog:ip=127.0.0.1:${server.address.port},spispeed=2M`;
      const flashrom = async (...args: string[]): Promise<string> => {
        for (let tries = 1; ; tries++) {
          const { code, output } = await runFlashrom(programmer, ["-c", "AT25SF041", ...args], 100);
          // It allows 50 ms for a byte when it begins; an emulator on a busy machine may need more, and then the answers that
          // come late are treated as those of the next question.
          if (tries < 20 && output.includes("Programmer initialization failed")) continue;
          expect(code, output).toBe(0);
          return output;
        }
      };
      try {
        const image = Buffer.alloc(SIZE_BYTES, 0xff);
        for (let i = 0; i < PART_BYTES; i++) image[i] = (i * 31 + (i >> 8) * 7) & 0xff;
        writeFileSync(file("image"), image);
        writeFileSync(file("layout"), `00000000:${(PART_BYTES - 1).toString(16).padStart(8, "0")} part\n`);
        const part = ["-l", file("layout"), "-i", "part", "-N"];
        const { chip } = server.simulation;
        chip.load(0, new Uint8Array(PART_BYTES).fill(0x33));
        expect(await flashrom()).toContain("AT25SF041");
        expect(await flashrom("-w", file("image"), ...part)).toContain("VERIFIED");
        expect(Buffer.compare(chip.peek(0, PART_BYTES), image.subarray(0, PART_BYTES))).toBe(0);
        await flashrom("-r", file("read"), ...part);
        expect(Buffer.compare(readFileSync(file("read")).subarray(0, PART_BYTES), image.subarray(0, PART_BYTES))).toBe(
          0,
        );
        await flashrom("-E", ...part);
        expect(chip.peek(0, PART_BYTES).every((byte) => byte === 0xff)).toBe(true);
        // flashrom asks for identifications that this chip does not have.
        expect(server.simulation.violations.filter(({ rule }) => rule !== "unknown-opcode")).toEqual([]);
        expect(processor!.complaints).toEqual([]);
      } finally {
        await server.close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);
