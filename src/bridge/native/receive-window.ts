/**
 * The result stream as it comes in: hands on what is in order, keeps what came early, knows what is missing.
 *
 * What always holds: kept pieces lie after `expected`, do not touch it, and are sorted and disjoint.
 */
import { offsetDistance } from "../../../firmware-protocol/frame.ts";
import type { Stretch } from "../../../firmware-protocol/status.ts";

interface Kept {
  readonly start: number;
  readonly bytes: Uint8Array;
}

export class ReceiveWindow {
  readonly #bufferBytes: number;
  #expected = 0;
  #kept: Kept[] = [];

  /** `bufferBytes`: most the bridge may have under way; what lies farther ahead is refused. */
  constructor(bufferBytes: number) {
    this.#bufferBytes = bufferBytes;
  }

  /** First offset still missing, absolute. */
  get expected(): number {
    return this.#expected;
  }

  get hasGap(): boolean {
    return this.#kept.length > 0;
  }

  /** What came early, for STATUS. */
  get stretches(): readonly Stretch[] {
    const merged: { start: number; end: number }[] = [];
    for (const { start, bytes } of this.#kept) {
      const last = merged.at(-1);
      if (last?.end === start) last.end = start + bytes.length;
      else merged.push({ start, end: start + bytes.length });
    }
    return merged;
  }

  /**
   * Takes a piece; returns the bytes that are in order now (maybe none). Repeated bytes and those too far ahead are
   * dropped.
   */
  push(offset: number, payload: Uint8Array): readonly Uint8Array[] {
    const start = this.#expected + offsetDistance(this.#expected & 0xffff, offset);
    const end = start + payload.length;
    if (payload.length === 0 || end <= this.#expected || start > this.#expected + this.#bufferBytes) return [];
    if (start > this.#expected) {
      this.#keep(start, payload);
      return [];
    }
    const inOrder = [payload.subarray(this.#expected - start)];
    this.#expected = end;
    this.#handOnKept(inOrder);
    return inOrder;
  }

  #handOnKept(inOrder: Uint8Array[]): void {
    for (;;) {
      const first = this.#kept[0];
      if (first === undefined || first.start > this.#expected) return;
      this.#kept.shift();
      const end = first.start + first.bytes.length;
      if (end <= this.#expected) continue;
      inOrder.push(first.bytes.subarray(this.#expected - first.start));
      this.#expected = end;
    }
  }

  #keep(start: number, bytes: Uint8Array): void {
    const index = this.#kept.findIndex((kept) => kept.start >= start);
    const at = index < 0 ? this.#kept.length : index;
    const before = this.#kept[at - 1];
    const after = this.#kept[at];
    // Overlap is only possible when a piece was cut again; the bridge then sends it all again in order.
    if (before !== undefined && before.start + before.bytes.length > start) return;
    if (after !== undefined && after.start < start + bytes.length) {
      if (after.start === start && bytes.length > after.bytes.length) this.#kept.splice(at, 1);
      else return;
      const next = this.#kept[at];
      if (next !== undefined && next.start < start + bytes.length) return;
    }
    this.#kept.splice(at, 0, { start, bytes });
  }
}
