/** Which output goes to stdout and which to stderr, for each of -q, -v and --json: scripts depend on it. */
import { describe, expect, it } from "vitest";
import { Report, type ReportOptions } from "../../../src/cli/output/report.ts";
import { failureOf } from "../../../src/cli/program/exit-code.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { fakeIo, handClock, jsonLines } from "../../support/fake-io.ts";

const plain = { json: false, quiet: false, verbose: false, command: "read" };
const geometry = {
  capacityBytes: 16,
  pageBytes: 4,
  erasedByte: 0xff,
  eraseUnits: [{ name: "sector", regions: [{ address: 0, unitBytes: 16, count: 1, typicalUs: 1, maximumUs: 1 }] }],
  programTypicalUs: 1,
  programMaximumUs: 1,
};

function everything(options: ReportOptions) {
  const io = fakeIo();
  const report = new Report(io, options);
  report.text("text\n");
  report.record("port", { path: "x" });
  report.note("a note \u001b[2J");
  report.warn("a warning");
  report.detail("a detail");
  const clock = handClock();
  const listener = report.watch(geometry, clock);
  listener({ kind: "phase", phase: "read", totalBytes: 16 });
  listener({ kind: "progress", phase: "read", doneBytes: 1, totalBytes: 16 });
  listener({ kind: "progress", phase: "read", doneBytes: 2, totalBytes: 16 });
  listener({ kind: "note", message: "from the job" });
  clock.us = 100_000;
  listener({ kind: "progress", phase: "read", doneBytes: 3, totalBytes: 16 });
  listener({ kind: "progress", phase: "read", doneBytes: 16, totalBytes: 16 });
  report.outcome({ kind: "done", summary: "all done", fields: { bytes: 16 } }, 0);
  return io;
}

describe("who sees what", () => {
  it("people: what was asked for on stdout, the rest on stderr", () => {
    const io = everything(plain);
    expect(io.stdout.text).toBe("text\nall done\n");
    expect(io.stderr.text).toBe(
      "note: a note \\x1b[2J\nwarning: a warning\nnote: from the job\nread 100 %  0.2 KiB/s\n",
    );
  });

  it("-q: no notes, no progress, no summary", () => {
    const io = everything({ ...plain, quiet: true });
    expect(io.stdout.text).toBe("text\n");
    expect(io.stderr.text).toBe("warning: a warning\n");
  });

  it("-v: details too", () => {
    expect(everything({ ...plain, verbose: true }).stderr.text).toContain("detail: a detail\n");
  });

  it("--json: one object a line on stdout, the result last, nothing on stderr", () => {
    const io = everything({ ...plain, json: true });
    expect(io.stderr.text).toBe("");
    expect(jsonLines(io.stdout.text)).toEqual([
      { v: 1, type: "port", path: "x" },
      { v: 1, type: "note", level: "note", message: "a note \\x1b[2J" },
      { v: 1, type: "note", level: "warning", message: "a warning" },
      { v: 1, type: "progress", phase: "read", doneBytes: 1, totalBytes: 16 },
      { v: 1, type: "note", level: "note", message: "from the job" },
      { v: 1, type: "progress", phase: "read", doneBytes: 3, totalBytes: 16 },
      { v: 1, type: "progress", phase: "read", doneBytes: 16, totalBytes: 16 },
      { v: 1, type: "result", ok: true, ran: "read", exit: 0, bytes: 16 },
    ]);
  });

  it("--json -q: the result, and what is not as it should be", () => {
    const io = everything({ ...plain, json: true, quiet: true });
    expect(jsonLines(io.stdout.text).map((line) => line["type"])).toEqual(["port", "note", "result"]);
  });

  it("a check that says no", () => {
    const no = { kind: "no", message: "differs", hint: "write it", fields: { bytes: 1 } } as const;
    const people = fakeIo();
    new Report(people, plain).outcome(no, 1);
    expect([people.stdout.text, people.stderr.text]).toEqual(["differs\n", "hint:  write it\n"]);
    const machine = fakeIo();
    new Report(machine, { ...plain, json: true }).outcome(no, 1);
    expect(machine.stdout.text).toBe(
      '{"v":1,"type":"result","ok":false,"code":"CHECK_FAILED","message":"differs","hint":"write it","ran":"read","exit":1,"bytes":1}\n',
    );
  });

  it("a failure", () => {
    const failure = failureOf(new NorbridgeError("PORT_DENIED", "no", { operation: "open", hint: "ask" }));
    const people = fakeIo();
    people.stderr.colour = true;
    new Report(people, plain).failure(failure, 4);
    expect([people.stdout.text, people.stderr.text]).toEqual(["", "\u001b[31merror:\u001b[39m no\nhint:  ask\n"]);
    const machine = fakeIo();
    new Report(machine, { ...plain, json: true }).failure(failure, 4);
    expect(machine.stderr.text).toBe("");
    expect(machine.stdout.text).toBe(
      '{"v":1,"type":"result","ok":false,"code":"PORT_DENIED","message":"no","hint":"ask","ran":"read","exit":4}\n',
    );
  });

  it("stdout that carries a file carries nothing else", () => {
    const io = fakeIo();
    const report = new Report(io, plain);
    report.stdoutCarriesData();
    report.outcome({ kind: "done", summary: "read 16 bytes", fields: {} }, 0);
    expect([io.stdout.text, io.stderr.text]).toEqual(["", "read 16 bytes\n"]);
  });
});

describe("says that it waits", () => {
  const beatOver = (say: (report: Report) => void): string => {
    const io = fakeIo();
    const report = new Report(io, plain);
    report.waitsFor("the chip");
    io.clock.us = 10_000_000;
    say(report);
    const before = io.stderr.text;
    report.beat(4_000_000);
    return io.stderr.text.slice(before.length);
  };

  it("where nothing came for a while", () => {
    expect(beatOver(() => undefined)).toBe("note: waiting for the chip, 10 s so far; Ctrl-C cancels\n");
    // Nothing was said by these: the lines are empty, the record is for --json.
    expect(beatOver((report) => report.lines(""))).toContain("waiting for the chip");
    expect(beatOver((report) => report.record("port", {}))).toContain("waiting for the chip");
  });

  it.each<[string, (report: Report) => void]>([
    ["text", (report) => report.text("00000000  ff\n")],
    ["lines", (report) => report.lines("00000000  ff\n")],
    ["bytes", (report) => report.bytes(Uint8Array.of(1))],
    ["an image", (report) => report.outputFile.write(Uint8Array.of(1))],
    ["a note", (report) => report.note("a note")],
    ["an announcement", (report) => report.announce("listening on 1")],
  ])("not while output comes: %s", (_, say) => {
    expect(beatOver(say)).toBe("");
  });
});
