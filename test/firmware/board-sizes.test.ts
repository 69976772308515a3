/** Sizes of a board that the core cannot work with do not compile: core/limits.h. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { describeUnless } from "../support/needs.ts";

const FIRMWARE = fileURLToPath(new URL("../../firmware-protocol/firmware", import.meta.url));
const board = readFileSync(join(FIRMWARE, "ports/host/board.h"), "utf8");
const missing =
  spawnSync("cc", ["--version"], { stdio: "ignore" }).error === undefined ? undefined : "there is no C compiler";
const folder = mkdtempSync(join(tmpdir(), "norbridge-limits-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the compiler reports of the core with this board.h; "" if it takes it. */
function compile(text: string): string {
  writeFileSync(join(folder, "board.h"), text);
  const includes = ["-I", folder, "-I", join(FIRMWARE, "core")];
  const { status, stderr } = spawnSync(
    "cc",
    ["-std=c99", "-fsyntax-only", ...includes, join(FIRMWARE, "core/hello.c")],
    {
      encoding: "utf8",
    },
  );
  return status === 0 ? "" : stderr;
}

describeUnless(missing)("a board", () => {
  it("as the others are is taken", () => {
    expect(compile(board)).toBe("");
  });

  it.each([
    ["BOARD_SERIAL_BYTES", "33"],
    ["BOARD_STEP_BUFFER_BYTES", "255u"],
    ["BOARD_RESULT_BUFFER_BYTES", "127u"],
    ["BOARD_RESULT_BUFFER_BYTES", "32705u"],
    ["BOARD_MAX_FRAME_UNITS", "15"],
    ["BOARD_MAX_FRAME_UNITS", "93"],
    ["BOARD_MAX_SEND_BYTES", "(BOARD_STEP_BUFFER_BYTES - 11)"],
    ["BOARD_MAX_RECEIVE_BYTES", "268435457ul"],
    ["BOARD_SPI_MIN_HZ", "(BOARD_SPI_MAX_HZ + 1)"],
    ["BOARD_SLOTS", "0"],
    ["BOARD_SLOTS", "9"],
    ["BOARD_SLOT_BYTES", "15"],
    ["BOARD_SLOT_BYTES", "256"],
    ["BOARD_STRETCHES", "17"],
    ["BOARD_PIECES", "1"],
    ["BOARD_SLICE_BYTES", "257"],
    ["BOARD_TURN_US", "0"],
    ["BOARD_READ_BYTES", "65"],
  ])("with %s %s is refused by name", (name, value) => {
    expect(board).toContain(`#define ${name} `);
    const changed = board.replace(new RegExp(`#define ${name} .*`), `#define ${name} ${value}`);
    expect(compile(changed)).toContain(`${name} must be`);
  });

  it("whose ring_at_t is too small for a buffer is refused", () => {
    expect(compile(board.replace(/typedef \w+ ring_at_t;/, "typedef unsigned char ring_at_t;"))).toContain(
      "ring_at_holds",
    );
  });
});
