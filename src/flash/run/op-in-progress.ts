/** One operation in progress: what its programs have returned, and the result that it will have. */
import type { ChipOutcome } from "../../../drivers/chip-driver.ts";
import type { ByteRange } from "../../../drivers/geometry.ts";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { concatBytes } from "../../bytes.ts";
import type { NorbridgeError } from "../../errors.ts";
import type { ChipFailure } from "../chip-failure.ts";
import type { FlashOp, FlashResult } from "../flash-device.ts";
import { rangeOfOp } from "../op-parts.ts";
import type { PageFinding } from "../page-proof.ts";
import type { ReadTrials } from "./read-trials.ts";

/** How an operation failed. */
export interface OpFailure {
  readonly outcome: ChipFailure;
  /** Place of the failure within the operation. */
  readonly range: ByteRange;
  /** For the outcome `refused`. */
  readonly reason?: NorbridgeError | undefined;
  /** For the outcome `wrong-page`. */
  readonly page?: PageFinding | undefined;
}

/** Owner of the state of one operation. */
export class OpInProgress {
  readonly op: FlashOp;
  /** Bytes of the chip that it concerns. */
  readonly range: ByteRange;
  /** Reads that are compared with each other: the result waits until two agree. */
  readonly trials: ReadTrials | undefined;
  readonly #data: Uint8Array[] = [];
  #check = 0;
  #sentBytes = 0;
  /** Programs handed to the bridge whose results are not complete. */
  #openPrograms = 0;
  #isHandedOver = false;
  #isUnsettled = false;
  #isRefused = false;
  #failure: OpFailure | undefined;
  #isSkipped = false;

  constructor(op: FlashOp, trials?: ReadTrials) {
    this.op = op;
    this.range = rangeOfOp(op);
    this.trials = trials;
  }

  /** An error of the run stands for its result. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined || this.#isSkipped;
  }

  /** Its trials have not agreed yet. */
  get isUnsure(): boolean {
    return this.trials !== undefined && this.trials.agreed === undefined && !this.hasFailed;
  }

  get isComplete(): boolean {
    if (!this.#isHandedOver || this.#openPrograms > 0) return false;
    return this.hasFailed || (!this.#isUnsettled && !this.isUnsure);
  }

  /** One more of its programs is handed to the bridge. */
  noteProgram(): void {
    this.#openPrograms++;
  }

  /** All results of one of its programs are there. */
  noteProgramEnd(): void {
    this.#openPrograms--;
  }

  /** All of its programs are handed over. */
  noteHandedOver(): void {
    this.#isHandedOver = true;
  }

  /** Its last page is programmed by itself, and its end is not known yet. */
  noteUnsettled(): void {
    this.#isUnsettled = true;
  }

  /** The end of its last page is known. */
  noteSettled(outcome: ChipOutcome): void {
    this.#isUnsettled = false;
    this.noteOutcome(outcome, this.range);
  }

  noteSent(lengthBytes: number): void {
    this.#sentBytes += lengthBytes;
  }

  addData(data: Uint8Array): void {
    this.#data.push(data);
  }

  /** The block check that the bridge has returned. */
  setCheck(check: number): void {
    this.#check = check;
  }

  /** Continues the block check with bytes that were read. */
  addToCheck(data: Uint8Array): void {
    this.#check = blockCheck(data, this.#check);
  }

  /** Nothing fails after the first failure. */
  noteOutcome(outcome: ChipOutcome, range: ByteRange): void {
    if (outcome === "done") return;
    if (outcome === "skipped") this.#isSkipped = true;
    else this.fail({ outcome, range });
  }

  /** The first failure of an operation is its result. */
  fail(failure: OpFailure): void {
    this.#failure ??= failure;
  }

  refuse(): void {
    this.#isRefused = true;
  }

  get result(): FlashResult {
    if (this.#failure !== undefined) return { kind: "failed", ...this.#failure };
    if (this.#isSkipped) return { kind: "skipped" };
    const { op } = this;
    switch (op.kind) {
      case "read":
        return { kind: "read", data: this.trials?.agreed ?? concatBytes(this.#data) };
      case "digest":
        return { kind: "digest", check: this.#check };
      case "program":
        return { kind: "program", sentBytes: this.#sentBytes === op.data.length ? undefined : this.#sentBytes };
      default:
        return { kind: op.kind };
    }
  }
}
