/**
 * Events in a chain: each has the SHA-256 over itself and the hash of the one before, so a changed or removed event
 * shows.
 */
import { toHex } from "../bytes.ts";
import { hashOf } from "../node-hashes.ts";

/** What happened. */
export interface LedgerEvent {
  /** From 1, without gaps. */
  readonly seq: number;
  /** UUID, version 7. */
  readonly id: string;
  /** Wall clock of the station, ISO 8601. The order is that of `seq`, never of this. */
  readonly at: string;
  readonly kind: EventKind;
  /** What belongs to it, as JSON. */
  readonly body: string;
  /** Hash of the event before; of the first one 64 zeros. */
  readonly prev: string;
  /** SHA-256, 64 hex digits. */
  readonly hash: string;
}

/** What events are about. */
export type EventKind =
  | "ledger"
  | "recipe"
  | "pool"
  | "widened"
  | "joined"
  | "leased"
  | "given-up"
  | "session-begin"
  | "reserved"
  | "composed"
  | "exposed"
  | "issued"
  | "returned"
  | "burned"
  | "retired"
  | "session-end";

/** The hash before the first event. */
export const NO_HASH = "0".repeat(64);

/** The hash of an event: over a JSON list of its fields but the hash itself. */
export function eventHash({
  prev,
  seq,
  id,
  at,
  kind,
  body,
}: Omit<LedgerEvent, "hash" | "kind"> & { readonly kind: string }): string {
  return toHex(hashOf("sha256", new TextEncoder().encode(JSON.stringify([prev, seq, id, at, kind, body]))));
}

/** Checks events in order as they come; a sentence for the first that is wrong. */
export class ChainCheck {
  #prev = NO_HASH;
  #seq = 0;

  /** Takes the next event. */
  next(event: Omit<LedgerEvent, "kind"> & { readonly kind: string }): string | undefined {
    const { seq, prev, hash } = event;
    if (seq !== this.#seq + 1) return `event ${this.#seq + 1} is missing`;
    if (prev !== this.#prev) return `event ${seq} does not follow the one before it`;
    if (eventHash(event) !== hash) return `event ${seq} was changed`;
    this.#prev = hash;
    this.#seq = seq;
    return undefined;
  }
}
