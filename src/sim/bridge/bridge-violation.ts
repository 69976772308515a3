/** Rules of the wire that a host broke. Like those of the chip they are recorded by name, and a test fails on any. */

export type BridgeRule =
  /** Sent more than the bridge has room for (PROTOCOL.md section 4). */
  | "host-exceeds-credit"
  /** Acknowledged result bytes that were never sent. */
  | "host-acknowledges-unsent"
  /** Bytes in the step stream that are no record (section 5). */
  | "invalid-record"
  /** A frame whose payload is not what its type promises. */
  | "malformed-frame";

export interface BridgeViolation {
  readonly rule: BridgeRule;
  /** Virtual time, nanoseconds. */
  readonly atNs: number;
  readonly detail: string;
}
