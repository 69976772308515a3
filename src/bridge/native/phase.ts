/** Where a native machine is between its first HELLO and the end, and what becomes due by the clock there. */
import type { BaudClimb } from "./baud-climb.ts";
import type { Greeting } from "./greeting.ts";
import { isWaiting, type LinkSession } from "./session.ts";

const NEVER = Number.POSITIVE_INFINITY;
const KEEP_ALIVE_US = 500_000;

export type NativePhase =
  | { readonly kind: "new" }
  /** HELLO was sent; `untilUs`: when the next one is. */
  | { readonly kind: "greeting"; readonly greeting: Greeting; readonly untilUs: number }
  | { readonly kind: "climbing"; readonly session: LinkSession; readonly climb: BaudClimb }
  | { readonly kind: "open"; readonly session: LinkSession }
  /** BYE was sent. Its time is its own: a bridge that keeps talking must not put off the end. */
  | { readonly kind: "closing"; readonly session: LinkSession; readonly tries: number; readonly untilUs: number }
  | { readonly kind: "over" };

/** What can become due. */
export type Due = "hello" | "part" | "climb" | "silence" | "resend" | "credit" | "keep-alive" | "ack" | "room" | "bye";

/**
 * What is due in which phase, in the order in which it is handled. Goodbye is all that is done at the end: what else is
 * due stays undone, and would only wake us again and again.
 */
export const DUE_IN: { readonly [kind in NativePhase["kind"]]: readonly Due[] } = {
  new: [],
  greeting: ["hello"],
  climbing: ["part", "climb"],
  open: ["part", "silence", "resend", "credit", "keep-alive", "ack", "room"],
  closing: ["bye"],
  over: [],
};

/** When it is due in this phase, microseconds; Infinity: not at all. */
export function dueUs(due: Due, phase: NativePhase): number {
  if (phase.kind === "greeting" || phase.kind === "closing") return phase.untilUs;
  if (!("session" in phase)) return NEVER;
  const { session } = phase;
  switch (due) {
    case "part":
      return session.receiver.dueUs;
    case "climb":
      return phase.kind === "climbing" ? phase.climb.untilUs : NEVER;
    case "silence":
      return isWaiting(session) ? session.patience.endUs : NEVER;
    case "resend":
      return session.transmission.resendDueUs;
    case "credit":
      return session.transmission.creditDueUs(session.receiver.lastByteUs);
    case "keep-alive":
      return isWaiting(session) ? session.pace.lastWriteUs + KEEP_ALIVE_US : NEVER;
    case "ack":
      return session.acks.dueUs(session.transmission.ackDelayUs);
    case "room":
      return session.transmission.roomDueUs;
    case "hello":
    case "bye":
      return NEVER;
  }
}
