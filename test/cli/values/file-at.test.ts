/** FILE@ADDRESS on the command line. An @ may be part of a file name, so the files that exist decide. */
import { describe, expect, it } from "vitest";
import { fileAt } from "../../../src/cli/values/file-at.ts";

const there =
  (...names: readonly string[]) =>
  (path: string): boolean =>
    names.includes(path);

describe("FILE@ADDRESS", () => {
  it.each([
    ["boot.bin", [], { file: "boot.bin" }],
    ["boot.bin@0x1000", [], { file: "boot.bin", place: 0x1000 }],
    ["boot.bin@64k", ["boot.bin"], { file: "boot.bin", place: 65_536 }],
    ["a@b@2M", [], { file: "a@b", place: 2 * 1024 * 1024 }],
    ["-@0x100", [], { file: "-", place: 0x100 }],
    ["me@home.bin", [], { file: "me@home.bin" }],
    ["@0x100", [], { file: "@0x100" }],
    // The whole name is there.
    ["fw@2", ["fw@2"], { file: "fw@2" }],
    ["fw@2@", ["fw@2"], { file: "fw@2" }],
    ["fw@2@", ["fw@2", "fw@2@"], { file: "fw@2@" }],
    ["fw@2@0x10", ["fw@2"], { file: "fw@2", place: 0x10 }],
    ["123", ["123"], { file: "123" }],
  ])("%s with %j there", (word, names, expected) => {
    expect(fileAt(word, there(...names))).toEqual(expected);
  });

  it.each([
    ["fw@2", ["fw@2", "fw"], "fw@2 is the name of a file, and could be fw at address 2"],
    ["fw@0x1g", ["fw"], "0x1g is not an address, in fw@0x1g"],
    ["0x1000", [], "0x1000 is an address, and no file has this name"],
  ])("%s with %j there is refused", (word, names, message) => {
    expect(() => fileAt(word, there(...names))).toThrow(message);
  });
});
