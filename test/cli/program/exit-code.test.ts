/** How an error becomes an exit code, text and JSON fields. Every code through the real program: every-exit-code.test.ts. */
import { describe, expect, it } from "vitest";
import { failureFields, failureOf, failureText } from "../../../src/cli/program/exit-code.ts";
import { hintText } from "../../../src/cli/output/remedy-text.ts";
import { ERROR_TABLE, type ErrorCode, NorbridgeError } from "../../../src/errors.ts";

const codes = Object.keys(ERROR_TABLE) as ErrorCode[];

describe("failures", () => {
  it.each(codes)("%s keeps its exit code and is told in at most three lines", (code) => {
    const range = { address: 0x1000, lengthBytes: 4096 };
    const error = new NorbridgeError(code, "it went\nwrong \u001b[31m", { operation: "test", range });
    const failure = failureOf(error);
    const hint = hintText(error.advice);
    expect(hint.startsWith(ERROR_TABLE[code].hint)).toBe(true);
    expect(failure.exitCode).toBe(ERROR_TABLE[code].exitCode);
    expect(failureText(failure, false)).toBe(
      "error: it went; wrong \\x1b[31m\n" + "where: test, 0x001000..0x001fff (4 KiB)\n" + `hint:  ${hint}\n`,
    );
    expect(failureFields(failure, false)).toEqual({
      ok: false,
      code,
      message: "it went; wrong \\x1b[31m",
      hint,
      address: 0x1000,
      lengthBytes: 4096,
    });
  });

  it.each([
    [new TypeError("x is undefined"), "x is undefined"],
    ["a string", "a string"],
    [undefined, "a thrown undefined"],
    [null, "a thrown null"],
    [{ code: 3 }, "a thrown object"],
  ])("%s is a bug, exit 70", (thrown, text) => {
    const failure = failureOf(thrown);
    expect(failure.exitCode).toBe(70);
    expect(failure.code).toBe("BUG");
    expect(failureText(failure, false)).toBe(
      `error: unexpected error: ${text}\n` + "hint:  Please report it, with the output of the same command with -v.\n",
    );
  });

  it("shows stack and causes with -v only, also where causes go in a circle", () => {
    const inner = new Error("inner");
    const outer = new NorbridgeError("EIO", "outer", { operation: "test", cause: inner });
    inner.cause = outer;
    const failure = failureOf(outer);
    expect(failureText(failure, true)).toMatch(/outer[\s\S]*caused by: Error: inner/);
    expect(failureText(failure, false)).not.toMatch(/inner/);
    expect(failureFields(failure, true)["details"]).toContain("inner");
  });
});
