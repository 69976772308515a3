/** When a chip counts as there, and when as gone. */
import { describe, expect, it } from "vitest";
import { Presence, type PresenceChange } from "../../src/station/presence.ts";

/** Changes with their times in looks; a look is 100 ms, "." nothing, "?" unsteady, a letter an ID. */
function changes(looks: string, stepUs = 100_000): readonly string[] {
  const presence = new Presence();
  return Array.from(looks).flatMap((look, index) => {
    const id = look === "." ? undefined : look === "?" ? "" : look;
    const change: PresenceChange = presence.look(id, index * stepUs);
    return change === undefined ? [] : [`${index} ${change}`];
  });
}

describe("presence", () => {
  it.each<[string, string, readonly string[]]>([
    ["nothing", "......", []],
    ["five equal IDs", "..aaaaaa", ["2 settling", "6 present"]],
    ["an ID that changes in between", "aabaaaaa", ["0 settling", "7 present"]],
    ["contact that bounces", "a.a?aaaaa", ["0 settling", "8 present"]],
    ["contact that never becomes steady", "a?a?a?a?a?a?a?a?a?a?a?a?", ["0 settling", "20 unsteady"]],
    ["a finger that slips", "aa....aaaaa", ["0 settling", "5 gone", "6 settling", "10 present"]],
    ["a chip that is taken out", "aaaaa....", ["0 settling", "4 present", "8 gone"]],
    ["a moment without contact", "aaaaa..aa", ["0 settling", "4 present", "7 returned"]],
    [
      "another kind of chip in its place",
      "aaaaabbbbbbbbb",
      ["0 settling", "4 present", "8 gone", "9 settling", "13 present"],
    ],
  ])("%s", (_what, looks, expected) => {
    expect(changes(looks)).toEqual(expected);
  });

  it("takes 250 ms at least, however fast the looks are", () => {
    expect(changes("a".repeat(40), 10_000)).toEqual(["0 settling", "25 present"]);
    expect(changes(`${"a".repeat(26)}${".".repeat(40)}`, 10_000)).toEqual(["0 settling", "25 present", "56 gone"]);
  });

  it("looks anew after it was told that the chip is another", () => {
    const presence = new Presence();
    for (let look = 0; look < 5; look++) presence.look("a", look * 100_000);
    expect(presence.id).toBe("a");
    presence.forget();
    expect(presence.id).toBeUndefined();
    const again = [5, 6, 7, 8, 9].map((look) => presence.look("a", look * 100_000));
    expect(again.at(-1)).toBe("present");
  });
});
