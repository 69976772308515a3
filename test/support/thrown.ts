/** What is thrown: for tests that look at an error. */
import { NorbridgeError } from "../../src/errors.ts";

/** The error of the library that `action` throws or rejects with. Throws if there is none, and any other error. */
export async function errorOf(action: () => unknown): Promise<NorbridgeError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof NorbridgeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The same for an action that does not wait. */
export function errorNow(action: () => unknown): NorbridgeError {
  try {
    action();
  } catch (error) {
    if (error instanceof NorbridgeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** What a promise rejects with, or "resolved". */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "resolved",
    (error: unknown) => error,
  );
}
