/** Rules of the wire that a host broke. Like those of the chip they are recorded by name, and a test fails on any. */

export type BridgeRule =
  /** Sent more than the bridge has room for (PROTOCOL.md section 4). */
  | "host-exceeds-credit"
  /** Acknowledged result bytes that were never sent. */
  | "host-acknowledges-unsent"
  /** Bytes in the step stream that are no record (section 5). */
  | "invalid-record"
  /** A frame whose payload is not what its type promises. */
  | "malformed-frame"
  /** serprog: bytes beyond what the input holds; they were lost. */
  | "input-overrun"
  /** serprog: a command that the map does not list. */
  | "command-not-in-map"
  /** serprog: an operation longer than the bridge can bear. */
  | "operation-too-long"
  /** serprog: bytes of a next command in the packet that ends an operation's data. */
  | "command-shares-packet"
  /** serprog: parameters in the packet of their opcode, or behind a packet's command, where the bridge drops them. */
  | "packet-holds-more";

export interface BridgeViolation {
  readonly rule: BridgeRule;
  /** Virtual time, nanoseconds. */
  readonly atNs: number;
  readonly detail: string;
}
