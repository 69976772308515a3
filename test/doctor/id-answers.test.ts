/** What the pattern of an ID says of the wires. */
import { expect, it } from "vitest";
import { judgeIds } from "../../src/doctor/id-answers.ts";

const ID = Uint8Array.of(0x1f, 0x84, 0x01);
const times = (count: number, id: Uint8Array): Uint8Array[] => Array.from({ length: count }, () => id);

it.each<[string, Uint8Array[], string, RegExp]>([
  ["a chip", times(20, ID), "ok", /all 1f8401/],
  ["all FF", times(20, Uint8Array.of(255, 255, 255)), "fault", /no chip drives MISO/],
  ["all 00", times(20, Uint8Array.of(0, 0, 0)), "fault", /held low/],
  ["one bit too late", times(20, Uint8Array.of(0x0f, 0xc2, 0x00)), "fault", /one clock too early or too late/],
  ["one bit too early", times(20, Uint8Array.of(0x3f, 0x08, 0x02)), "fault", /one clock too early or too late/],
  ["floating", [...times(19, ID), Uint8Array.of(0x9f, 0x84, 0x01)], "fault", /floats/],
  ["an unknown maker", times(3, Uint8Array.of(0x33, 0x44, 0x55)), "warning", /does not know/],
  ["nothing", [], "skipped", /^$/],
])("%s", (_, answers, state, cause) => {
  const finding = judgeIds(answers, "at 1 MHz");
  expect(finding.state).toBe(state);
  expect(`${finding.cause ?? ""}${state === "ok" ? finding.evidence : ""}`).toMatch(cause);
});
