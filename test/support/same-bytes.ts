/**
 * Run before each test file: `toEqual` compares arrays of bytes as bytes. By itself it compares them as objects, a property for
 * each element, which took a twentieth of the time of all tests.
 */
import { expect } from "vitest";

/** Whether two arrays of bytes of one class are equal; `undefined` for anything else, which `toEqual` then compares itself. */
export function sameBytes(a: unknown, b: unknown): boolean | undefined {
  if (!(a instanceof Uint8Array && b instanceof Uint8Array)) return undefined;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return undefined;
  return Buffer.compare(a, b) === 0;
}

// Test files share a process, and what is added to `expect` stays.
const ADDED = Symbol.for("norbridge.sameBytes");
if (!Reflect.has(globalThis, ADDED)) {
  Reflect.set(globalThis, ADDED, true);
  expect.addEqualityTesters([sameBytes]);
}
