/** How a command ends: exit codes, Ctrl-C once and more often, and a reader of stdout that leaves early. */
import { describe, expect, it } from "vitest";
import type { Action } from "../../../src/cli/arguments/command.ts";
import { runAction } from "../../../src/cli/program/run-action.ts";
import { whenAborted } from "../../../src/runner/when-aborted.ts";
import type { Session } from "../../../src/cli/program/session.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { fakeIo } from "../../support/fake-io.ts";

const plain = { json: false, quiet: false, verbose: false, command: "write" };
const never = (): Promise<never> => new Promise(() => undefined);
const STOPPING = "warning: stopping after the current step; press Ctrl-C again to exit at once\n";

/** Runs an action; `during` acts from outside once the action has begun. */
async function run(action: Action, during: (io: ReturnType<typeof fakeIo>) => void = () => undefined) {
  const io = fakeIo();
  const running = runAction(action, io, plain);
  await Promise.resolve();
  during(io);
  return { code: await running, stdout: io.stdout.text, stderr: io.stderr.text };
}

describe("how a command ends", () => {
  it.each([
    ["done", () => Promise.resolve({ kind: "done", summary: "all", fields: {} } as const), 0, "all\n", ""],
    ["no", () => Promise.resolve({ kind: "no", message: "differs", fields: {} } as const), 1, "differs\n", ""],
    [
      "a bug",
      () => Promise.reject(new TypeError("x is not a function")),
      70,
      "",
      "error: unexpected error: x is not a function\n" +
        "hint:  Please report it, with the output of the same command with -v.\n",
    ],
    [
      "a thrown string, at once",
      () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what foreign code may do
        throw "x";
      },
      70,
      "",
      "error: unexpected error: x\n" + "hint:  Please report it, with the output of the same command with -v.\n",
    ],
    [
      "resumable",
      () => Promise.reject(new NorbridgeError("INTERRUPTED", "cut", { operation: "write", hint: "again" })),
      10,
      "",
      "error: cut\nhint:  again\n",
    ],
    [
      "not resumable",
      () => Promise.reject(new NorbridgeError("INTERRUPTED_FINAL", "cut", { operation: "write", hint: "by hand" })),
      11,
      "",
      "error: cut\nhint:  by hand\n",
    ],
  ] satisfies [string, Action, number, string, string][])("%s", async (_name, action, code, stdout, stderr) => {
    expect(await run(action)).toEqual({ code, stdout, stderr });
  });
});

describe("Ctrl-C", () => {
  /** A job that ends as it should when asked to. */
  const obedient =
    (code: "ECANCELED" | "INTERRUPTED"): Action =>
    async (session) => {
      await whenAborted(session.signal);
      throw new NorbridgeError(code, "stopped", { operation: "write", hint: "h" });
    };

  it.each([
    ["ECANCELED", 130],
    ["INTERRUPTED", 10],
  ] as const)("once: the job ends by itself, %s is exit %d", async (name, code) => {
    expect(await run(obedient(name), (io) => io.interrupt())).toEqual({
      code,
      stdout: "",
      stderr: `${STOPPING}error: stopped\nhint:  h\n`,
    });
  });

  it("once, and the job was done anyway: that is success", async () => {
    const done: Action = async (session) => {
      await whenAborted(session.signal);
      return { kind: "done", summary: "all", fields: {} };
    };
    expect(await run(done, (io) => io.interrupt())).toEqual({ code: 0, stdout: "all\n", stderr: STOPPING });
  });

  it.each([
    ["before any change", () => undefined, 130, "exited before anything was changed"],
    ["after it", (session: Session) => session.chipMayChange(), 10, "exited in the middle of the job"],
  ])("twice leaves at once, %s", async (_name, prepare, code, message) => {
    let left = 0;
    const stubborn: Action = (session) => {
      prepare(session);
      session.leaving = () => {
        left++;
        return Promise.resolve();
      };
      return never();
    };
    const result = await run(stubborn, (io) => {
      io.interrupt();
      io.interrupt();
      io.interrupt();
    });
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(`error: ${message}\n`);
    expect(left).toBe(1);
  });

  it.each([
    ["hangs", never],
    ["fails", () => Promise.reject(new Error("no"))],
  ])("twice leaves also if closing %s", async (_name, leaving) => {
    const stubborn: Action = (session) => {
      session.leaving = leaving;
      return never();
    };
    const result = await run(stubborn, (io) => {
      io.interrupt();
      io.interrupt();
    });
    expect(result.code).toBe(130);
  });

  it("is given back to the system afterwards", async () => {
    const io = fakeIo();
    await runAction(() => Promise.resolve({ kind: "done", fields: {} }), io, plain);
    io.interrupt();
    expect(io.stderr.text).toBe("");
  });
});

describe("when the reader of stdout has gone", () => {
  it("a command that is for its output ends quietly", async () => {
    const dump: Action = async (session) => {
      session.endWithStdout();
      await whenAborted(session.signal);
      throw new NorbridgeError("ECANCELED", "stopped", { operation: "dump" });
    };
    expect(await run(dump, (io) => io.closeStdout())).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("a write goes on", async () => {
    const write: Action = async (session) => {
      await Promise.resolve();
      await Promise.resolve();
      return session.signal.aborted ? { kind: "no", message: "aborted", fields: {} } : { kind: "done", fields: {} };
    };
    expect((await run(write, (io) => io.closeStdout())).code).toBe(0);
  });

  it("an error that came all the same is told", async () => {
    const dump: Action = async (session) => {
      session.endWithStdout();
      await whenAborted(session.signal);
      throw new NorbridgeError("BRIDGE_SILENT", "gone", { operation: "dump" });
    };
    expect((await run(dump, (io) => io.closeStdout())).code).toBe(5);
  });
});
