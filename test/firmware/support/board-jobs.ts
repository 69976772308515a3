/**
 * What a user does with a board: the real command line in child processes, over a pseudo terminal (or TCP where there are
 * none), to the real firmware in an emulator and a strict chip on it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { realClock } from "../../../src/clock.ts";
import type { ChipModel } from "../../../src/sim/chip/core/chip-model.ts";
import { parseSimParameters } from "../../../src/sim/sim-parameters.ts";
import { serveSimulation } from "../../../src/sim/sim-server.ts";
import { runCli } from "../../support/cli.ts";
import { effort } from "../../support/effort.ts";
import { makePty, ptyMissing } from "../../support/pty.ts";
import { FirmwareModel, type Processor } from "./processor.ts";

const BYTES = effort(4000, 12_000);
const BOARD_CHIPS = ["AT25SF041", "AT45DB041E"] as const;
export type BoardChip = (typeof BOARD_CHIPS)[number];

/** `quickChip`: the chip that is tried unless it is CI, which tries both. */
export function boardJobs(
  name: string,
  boardName: string,
  quickChip: BoardChip,
  make: (chip: ChipModel) => Processor,
): void {
  describe(`${name}, used from the command line`, { timeout: 120_000 }, () => {
    it.each(effort<readonly BoardChip[]>([quickChip], BOARD_CHIPS))(
      "info, write, verify, read and erase of %s",
      async (chipName) => {
        const folder = mkdtempSync(join(tmpdir(), "norbridge-board-"));
        const file = (fileName: string): string => join(folder, fileName);
        let processor: Processor | undefined;
        const server = await serveSimulation({
          params: parseSimParameters(chipName, new Map([["usb", "fs"]])),
          wire: (chip) => new FirmwareModel((processor = make(chip)), false),
          host: "127.0.0.1",
          port: 0,
          // On a busy machine no emulator is as fast as its processor.
          realtime: false,
          clock: realClock,
        });
        const pty = ptyMissing === undefined ? await makePty() : undefined;
        pty?.peer.relay(connect(server.address.port, "127.0.0.1"));
        const port = pty?.path ?? `tcp://127.0.0.1:${server.address.port}`;
        const run = async (...args: string[]): Promise<Record<string, unknown>> => {
          const result = await runCli([...args, "-p", port, "--json"]);
          expect(result.code, result.stderr).toBe(0);
          return JSON.parse(result.stdout.trim().split("\n").at(-1)!) as Record<string, unknown>;
        };
        try {
          expect(await run("info")).toMatchObject({
            bridge: { protocol: "native", boardName },
            chip: { name: chipName },
          });
          const image = new Uint8Array(BYTES).map((_, i) => (i * 7 + (i >> 8)) & 255);
          writeFileSync(file("image.bin"), image);
          const { chip } = server.simulation;
          const old = new Uint8Array(20_000).fill(0x5a);
          chip.load(0, old);
          await run("write", file("image.bin"), "--offset", "2112");
          expect(Buffer.compare(chip.peek(2112, BYTES), image)).toBe(0);
          expect(Buffer.compare(chip.peek(0, 2112), old.subarray(0, 2112))).toBe(0);
          expect(Buffer.compare(chip.peek(2112 + BYTES, 1000), old.subarray(0, 1000))).toBe(0);
          await run("verify", file("image.bin"), "--offset", "2112");
          await run("read", file("back.bin"), "--offset", "2112", "--length", String(BYTES));
          expect(Buffer.compare(readFileSync(file("back.bin")), image)).toBe(0);
          const unit = chip.geometry.eraseUnits[0]!.regions[0]!.unitBytes;
          await run("erase", "--range", `${unit},${unit}`);
          expect(chip.peek(unit, unit).every((byte) => byte === 0xff)).toBe(true);
          expect(server.simulation.violations).toEqual([]);
          expect(processor!.complaints).toEqual([]);
        } finally {
          await pty?.peer.vanish();
          await server.close();
          rmSync(folder, { recursive: true, force: true });
        }
      },
    );
  });
}
