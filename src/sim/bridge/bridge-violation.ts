/** Rules of the wire that a host broke. Like those of the chip they are recorded by name, and a test fails on any. */

/** A rule of the wire that a host can break. */
export type BridgeRule =
  /** The host sent more than its credit: the step buffer has no space for it (PROTOCOL.md section 4). */
  | "host-exceeds-credit"
  /** The host acknowledged result bytes that were never sent. */
  | "host-acknowledges-unsent"
  /** The step stream contains bytes that are not a record (PROTOCOL.md section 5). */
  | "invalid-record"
  /** The payload of a frame does not match its type. */
  | "malformed-frame"
  /** serprog: more bytes than the input buffer holds; they were lost. */
  | "input-overrun"
  /** serprog: a command that the map does not list. */
  | "command-not-in-map"
  /** serprog: an operation that is longer than the bridge supports. */
  | "operation-too-long"
  /** serprog: bytes of a next command in the packet that ends an operation's data. */
  | "command-shares-packet"
  /**
   * serprog: parameters in the same packet as their opcode, or bytes after a command in its packet; the bridge drops
   * them.
   */
  | "packet-holds-more";

/** One broken rule of the wire. A test expects none. */
export interface BridgeViolation {
  /** The rule. */
  readonly rule: BridgeRule;
  /** Virtual time, nanoseconds. */
  readonly atNs: number;
  /** What was sent and what the bridge did with it, for display. */
  readonly detail: string;
}
