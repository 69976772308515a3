/** Where the state of a user is kept on each system. A journal in another place would not be found by the next run. */
import { describe, expect, it } from "vitest";
import { hostUser, stateFolders } from "../../src/disk/user-folders.ts";

describe("the folders of our state", () => {
  it("on Linux and other Unix", () => {
    for (const platform of ["linux", "unix"] as const) {
      expect(stateFolders({}, { platform, home: "/home/ann" })).toEqual({
        ...{ current: "/home/ann/.local/state/norbridge", former: [] },
      });
    }
  });

  it("on macOS, and where earlier versions had them", () => {
    expect(stateFolders({}, { platform: "macos", home: "/Users/ann" })).toEqual({
      current: "/Users/ann/Library/Application Support/norbridge",
      former: ["/Users/ann/.local/state/norbridge"],
    });
  });

  it.each([
    [{ LOCALAPPDATA: "D:\\Data" }, "D:\\Data\\norbridge"],
    [{}, "C:\\Users\\ann\\AppData\\Local\\norbridge"],
    [{ LOCALAPPDATA: "Data" }, "C:\\Users\\ann\\AppData\\Local\\norbridge"],
  ])("on Windows with %j", (env, current) => {
    expect(stateFolders(env, { platform: "windows", home: "C:\\Users\\ann" })).toEqual({
      ...{ current, former: ["C:\\Users\\ann\\.local\\state\\norbridge"] },
    });
  });

  it("XDG_STATE_HOME decides everywhere, unless it is relative or empty", () => {
    const user = { platform: "macos", home: "/Users/ann" } as const;
    expect(stateFolders({ XDG_STATE_HOME: "/x" }, user)).toEqual({ current: "/x/norbridge", former: [] });
    for (const path of ["", "x", "./x"]) {
      expect(stateFolders({ XDG_STATE_HOME: path }, user)).toEqual(stateFolders({}, user));
    }
  });

  it("the home of this user is a whole path", () => {
    const before = process.env["HOME"];
    try {
      process.env["HOME"] = "relative";
      expect(hostUser().home).toMatch(/^([/\\]|[A-Z]:)/i);
    } finally {
      process.env["HOME"] = before;
    }
  });
});
