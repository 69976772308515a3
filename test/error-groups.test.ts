/** The category of every error code, what belongs to each group, and the walker of causes. */
import { expect, it } from "vitest";
import { causeIn, ERROR_GROUPS, type ErrorGroup, isOf } from "../src/error-groups.ts";
import { ERROR_TABLE, type ErrorCode, NorbridgeError } from "../src/errors.ts";

const CODES = Object.keys(ERROR_TABLE) as ErrorCode[];

function error(code: ErrorCode, cause?: unknown): NorbridgeError {
  return new NorbridgeError(code, code, { operation: "test", cause });
}

/** Every group with its codes, written out: a code that gets another category shows here which decisions change. */
const MEMBERS: Readonly<Record<ErrorGroup, readonly ErrorCode[]>> = {
  // BRIDGE_VERSION is left out: a new connection does not change the version of the firmware.
  linkLost: ["BRIDGE_SILENT", "BRIDGE_PROTOCOL", "BRIDGE_RESET", "ESHUTDOWN"],
  reappearing: [
    ...(["PORT_NOT_FOUND", "PORT_AMBIGUOUS", "PORT_DENIED", "PORT_BUSY", "PORT_FAILED"] as const),
    ...(["BRIDGE_SILENT", "BRIDGE_PROTOCOL", "BRIDGE_VERSION", "BRIDGE_RESET", "ESHUTDOWN"] as const),
  ],
  wayToChip: [
    ...(["PORT_NOT_FOUND", "PORT_AMBIGUOUS", "PORT_DENIED", "PORT_BUSY", "PORT_FAILED"] as const),
    ...(["BRIDGE_SILENT", "BRIDGE_PROTOCOL", "BRIDGE_RESET", "ESHUTDOWN"] as const),
    ...(["CHIP_MISSING", "CHIP_CHANGED", "ENODEV", "ECANCELED"] as const),
  ],
  // EBUSY is left out: a chip that stays busy was reached, and a slower clock does not end its work.
  chipFailed: ["CHIP_MISSING", "CHIP_CHANGED", "ENODEV", "EIO", "EFAULT"],
  changeFailed: ["EROFS", "EIO", "EFAULT", "EBUSY", "EAGAIN"],
  outOfSync: ["LINK_SLIPPED"],
  // CHIP_AMBIGUOUS: an erase has shown another size, and its own hint leads on.
  trueAfterChange: [
    ...(["CHIP_UNKNOWN", "CHIP_AMBIGUOUS", "EROFS", "EIO", "EFAULT", "ENOSPC", "EBUSY", "EAGAIN"] as const),
    ...(["INTERRUPTED", "INTERRUPTED_FINAL", "BUG"] as const),
  ],
  afterChange: ["INTERRUPTED", "INTERRUPTED_FINAL"],
  resumable: ["INTERRUPTED"],
};

it.each(CODES)("%s has a category, and its errors report it", (code) => {
  expect(ERROR_TABLE[code].category).toMatch(/^[a-z]+$/);
  expect(error(code).category).toBe(ERROR_TABLE[code].category);
});

it.each(Object.entries(MEMBERS) as [ErrorGroup, readonly ErrorCode[]][])("%s has these codes", (group, members) => {
  expect(CODES.filter((code) => isOf(error(code), group))).toEqual(CODES.filter((code) => members.includes(code)));
  expect(new Set(members).size).toBe(members.length);
});

it("each code but those of a person's input, of content and of the server belongs to a group", () => {
  const grouped = new Set<string>(Object.values(ERROR_GROUPS).flat());
  const alone = CODES.filter((code) => !grouped.has(ERROR_TABLE[code].category));
  expect(alone.map((code) => ERROR_TABLE[code].category).toSorted()).toEqual(
    ["data", "data", "file", "file", "server", "usage", "usage", "usage"].toSorted(),
  );
});

it("the class decides, not the shape: what is not a NorbridgeError belongs to no group", () => {
  for (const other of [new Error("EIO"), { code: "EIO", category: "cells" }, "EIO", undefined, null]) {
    expect(isOf(other, "chipFailed")).toBe(false);
    expect(causeIn(other, () => true)).toBeUndefined();
  }
});

it("finds the outermost cause that passes the test", () => {
  const inner = error("EIO");
  const outer = error("EFAULT", inner);
  const isCells = (one: NorbridgeError): boolean => isOf(one, "chipFailed");
  expect(causeIn(inner, isCells)).toBe(inner);
  expect(causeIn(error("FILE_INVALID", error("INTERRUPTED", outer)), isCells)).toBe(outer);
  expect(causeIn(error("INTERRUPTED"), isCells)).toBeUndefined();
  expect(causeIn(error("INTERRUPTED", new Error("of the system", { cause: inner })), isCells)).toBeUndefined();
});

it("looks through errors of one group alone if it is given", () => {
  const isLost = (one: NorbridgeError): boolean => isOf(one, "linkLost");
  const lost = error("BRIDGE_RESET");
  expect(causeIn(lost, isLost, "resumable")).toBe(lost);
  expect(causeIn(error("INTERRUPTED", error("INTERRUPTED", lost)), isLost, "resumable")).toBe(lost);
  expect(causeIn(error("INTERRUPTED_FINAL", lost), isLost, "afterChange")).toBe(lost);
  expect(causeIn(error("INTERRUPTED_FINAL", lost), isLost, "resumable")).toBeUndefined();
  // A chip that is protected says why it failed; it did not fail.
  expect(causeIn(error("EROFS", error("EIO")), (one) => isOf(one, "chipFailed"), "afterChange")).toBeUndefined();
});
