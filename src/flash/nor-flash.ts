/**
 * A chip on a bridge as a `FlashDevice`: operations become step programs, their steps go to the bridge, and their results
 * return in the same order and are decoded by their programs.
 *
 * Always holds: one result for each operation, in order, as soon as the bridge has returned its last step result; nothing of an
 * operation is sent before all of it was checked; after a failure the result of everything else is `skipped`.
 *
 * Chips that program from one buffer while the other is loaded (`ChipDriver.settle`): a page is known to be done only when
 * the next page's program has waited for it, or a settle has. So the result of the last page is held back until then. A
 * settle is sent before any other kind of operation, at the end, and whenever the next operation is not there yet when the
 * bridge asks: a consumer that waits for the result of its last program before it continues must get it.
 *
 * One at a time: a call waits for those before it. A run gives way between two operations, if another call requires the
 * chip: a read during a run that waits for its next operation, or for its consumer, does not wait without end.
 */
import type { ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import type { ChipDriver, ChipOutcome, StepProgram } from "../../drivers/chip-driver.ts";
import type { EraseBlock, FlashGeometry } from "../../drivers/geometry.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { NorbridgeError } from "../errors.ts";
import type { Clock } from "../clock.ts";
import type { RunOptions, Stream } from "../stream.ts";
import { type Turn, Turns } from "../turns.ts";
import { chipFailed, doneOr, valueOf } from "./chip-failure.ts";
import { chipServices, type ChipServices } from "./chip-services.ts";
import type { FlashDevice, FlashIdentity, FlashOp, FlashProtection, FlashResult, LinkTraits } from "./flash-device.ts";
import { guardBridge, type GuardedBridge } from "./guarded-bridge.ts";
import { EraseTrust } from "./erase-trust.ts";
import { checkOp, checkRun, erasePieces, rangeOfOp } from "./op-parts.ts";
import { OpRun } from "./run/op-run.ts";
import { OpSource } from "./run/op-source.ts";
import { PageProof } from "./page-proof.ts";
import { runProgram } from "./run-program.ts";
import { setClock, SLOWEST_HZ } from "./spi-clock.ts";
import { SingleOperations } from "./single-operations.ts";
import { SizeProof } from "./size-proof.ts";
import { Stretch, unsent } from "./run/stretch.ts";
import { type WatchedEnd, watchedErase } from "./watched-erase.ts";

/** What `createNorFlash` gets besides bridge and driver. */
export interface NorFlashOptions {
  /** Reads the identification again; throws CHIP_CHANGED or CHIP_MISSING. */
  readonly checkIdentity: () => Promise<void>;
  /** Reads the ID of the chip: `no-answer` if it is not as it was when the chip was found. */
  readonly presence: StepProgram<ChipOutcome>;
  /** Waits for a chip that is busy, and not at all if the status reports that no chip is there. */
  readonly waitWhileBusy: (how: RunOptions) => Promise<void>;
  /** Make every read twice, in other pieces, and compare. */
  readonly readsTwice: boolean;
  /** SPI clock in use, Hz; 0 if the bridge has one that cannot be set. */
  readonly spiClockHz: number;
  /** Knows which commands change the chip permanently. */
  readonly descriptor: ChipDescriptor;
  /** The size is more than what an ID and an SFDP area claim: it was specified, or the contents have shown it. */
  readonly isSizeSettled: boolean;
}

/** A device from a bridge, a driver and what identification found. */
export function createNorFlash(
  bridge: Bridge,
  driver: ChipDriver,
  identity: FlashIdentity,
  options: NorFlashOptions,
): FlashDevice {
  return new NorFlash(bridge, driver, identity, options);
}

class NorFlash extends SingleOperations implements FlashDevice {
  readonly identity: FlashIdentity;
  readonly #bridge: Bridge;
  readonly #driver: ChipDriver;
  readonly #options: NorFlashOptions;
  readonly #guarded: GuardedBridge;
  /** SPI clock in use, Hz; 0 if it is not known. */
  #clockHz: number;
  readonly #trust: EraseTrust;
  readonly services: ChipServices;
  /** Which call uses the chip: runs in stretches, everything else as a whole. */
  readonly #turns = new Turns();
  /** The last run did not end well: the chip may still be busy with what was stopped. */
  #isUncertain: boolean;
  readonly #sizeProof: SizeProof;
  readonly #pageProof: PageProof;
  /** The chip may be in its mode of four address bytes. */
  #mayBeInMode: boolean;

  constructor(bridge: Bridge, driver: ChipDriver, identity: FlashIdentity, options: NorFlashOptions) {
    super();
    this.#bridge = bridge;
    this.#driver = driver;
    this.identity = identity;
    this.#options = options;
    // It may be in the mode that a program before this one has left it in.
    this.#mayBeInMode = driver.addressMode !== undefined;
    // It may be busy with what a program before this one has left: a busy AT45 returns its ID all the same, an AT25 does not.
    this.#isUncertain = options.descriptor.family === "at45" || this.#mayBeInMode;
    this.#clockHz = options.spiClockHz;
    this.#guarded = guardBridge(bridge, options.descriptor);
    this.#trust = new EraseTrust(options.descriptor, driver.geometry);
    this.#pageProof = new PageProof(options.descriptor, driver.geometry);
    this.#sizeProof = new SizeProof(driver, {
      // The status of an AT45 reports its size a second time.
      isSettled: options.isSizeSettled || options.descriptor.family === "at45",
      digestsTravel: !bridge.info.features.includes("blockCheck"),
      isUnchecked: bridge.info.isUnchecked,
    });
    this.services = chipServices(this.#guarded, driver, {
      presence: options.presence,
      inTurn: (call) =>
        this.#turns.run(async () => {
          await this.#waitUntilIdle({});
          return call();
        }),
      isUnchecked: bridge.info.isUnchecked,
    });
  }

  get geometry(): FlashGeometry {
    return this.#driver.geometry;
  }

  get clock(): Clock | undefined {
    return this.#bridge.clock;
  }

  get queueBytes(): number | undefined {
    return this.link.digestsTravel ? undefined : this.#bridge.info.bufferBytes;
  }

  get link(): LinkTraits {
    const { features, isUnchecked } = this.#bridge.info;
    return { digestsTravel: !features.includes("blockCheck"), isUnchecked, readsTwice: this.#options.readsTwice };
  }

  async *run(ops: Stream<FlashOp>, options: RunOptions = {}): AsyncGenerator<FlashResult> {
    checkRun(ops, options);
    const source = new OpSource(ops);
    try {
      while (!source.isOver) {
        const turn = await this.#turns.take(options.signal);
        if (turn === undefined) {
          yield* unsent(source, "aborted", options.signal);
          return;
        }
        const watched = source.heldBack;
        if (watched?.kind === "erase") {
          source.takeNow();
          const result = await this.#watchedErase(watched, turn, options);
          yield result;
          if (result.kind === "failed") yield* unsent(source, "skipped", options.signal);
          continue;
        }
        const stretch = await this.#begin(source, turn, options);
        yield* stretch.results();
        if (stretch.hasFailed) yield* unsent(source, "skipped", options.signal);
      }
    } finally {
      source.close();
    }
  }

  /** Erases block by block, and looks at each whose command has not yet shown what it erases. */
  async #watchedErase(op: FlashOp & { readonly kind: "erase" }, turn: Turn, options: RunOptions): Promise<FlashResult> {
    const { digestsTravel } = this.link;
    const tools = { bridge: this.#guarded, driver: this.#driver, trust: this.#trust, digestsTravel };
    try {
      await this.#waitUntilIdle(options);
      this.#isUncertain = true;
      await this.#enterMode(options);
      const reason = await this.#proveSize(op, options);
      if (reason !== undefined) return { kind: "failed", outcome: "refused", range: rangeOfOp(op), reason };
      for (const block of erasePieces(this.geometry, rangeOfOp(op))) {
        if (options.signal?.aborted === true) return { kind: "failed", outcome: "aborted", range: block };
        const end = this.#trust.isOpen(block)
          ? await watchedErase(block, op.around, { ...tools, presence: this.#options.presence }, options)
          : await this.#plainErase(block, options);
        if (end.outcome === "done") continue;
        if (end.outcome === "skipped") return { kind: "skipped" };
        return { kind: "failed", ...end, outcome: end.outcome };
      }
      await this.#leaveMode(options);
      this.#isUncertain = false;
      return { kind: "erase" };
    } finally {
      turn.end();
    }
  }

  /** Before the first change above half of the chip. Returns CHIP_AMBIGUOUS if its addresses start again there. */
  async #proveSize(op: FlashOp, how: RunOptions): Promise<NorbridgeError | undefined> {
    const proof = this.#sizeProof;
    if (!proof.needsLook(op)) return undefined;
    const operation = "check the size";
    let verdict = valueOf(await runProgram(this.#guarded, proof.look(op), how), operation);
    if (verdict === "alike") verdict = valueOf(await runProgram(this.#guarded, proof.lookCloser(), how), operation);
    return proof.take(verdict);
  }

  async #plainErase(block: EraseBlock, how: RunOptions): Promise<WatchedEnd> {
    const { address, lengthBytes, unit } = block;
    const outcome = await runProgram(this.#guarded, this.#driver.erase(address, unit), how);
    return outcome === "done" ? { outcome } : { outcome, range: { address, lengthBytes } };
  }

  /** A stretch of a run, which ends with its operations or if another call requires the chip. */
  async #begin(source: OpSource, turn: Turn, options: RunOptions): Promise<Stretch> {
    try {
      await this.#waitUntilIdle(options);
    } catch (error) {
      turn.end();
      throw error;
    }
    const { digestsTravel, readsTwice } = this.link;
    const triedPieceBytes = readsTwice ? this.#bridge.info.maxReceiveBytes : 0;
    const { presence } = this.#options;
    const proofs = { trust: this.#trust, sizeProof: this.#sizeProof, pageProof: this.#pageProof };
    const run = new OpRun(this.#driver, { digestsTravel, triedPieceBytes, presence, ...proofs }, turn);
    this.#isUncertain = true;
    this.#mayBeInMode = this.#driver.addressMode !== undefined;
    const results = this.#guarded.run(run.steps(source), options)[Symbol.asyncIterator]();
    return new Stretch(run, results, turn, options.signal, (isCertain) => {
      this.#isUncertain = !isCertain;
      this.#mayBeInMode &&= !run.isModeLeft;
    });
  }

  async protectedRanges(): Promise<FlashProtection> {
    const { ranges, heldBy } = await this.services.protection.read();
    return { ranges, heldBy: ranges.length === 0 ? "" : heldBy };
  }

  halveClock(): Promise<number | undefined> {
    return this.#turns.run(async () => {
      if (this.#clockHz < 2 * SLOWEST_HZ) return undefined;
      const clockHz = await setClock(this.#bridge, Math.floor(this.#clockHz / 2));
      // 0: it cannot be set.
      if (clockHz === 0 || clockHz >= this.#clockHz) return undefined;
      this.#clockHz = clockHz;
      return clockHz;
    });
  }

  checkIdentity(): Promise<void> {
    return this.#turns.run(() => this.#options.checkIdentity());
  }

  async close(): Promise<void> {
    // A bridge that is gone cannot be changed; the next opening of the chip finds the mode.
    if (this.#mayBeInMode) await this.#turns.run(() => this.#waitUntilIdle({})).catch(() => undefined);
    await this.#bridge.close();
  }

  /** Waits until the chip accepts commands, if the last run left that open. */
  async #waitUntilIdle(how: RunOptions): Promise<void> {
    if (!this.#isUncertain) return;
    // Without supply the status reads FF, which looks busy, and would be waited for as long as the longest erase takes.
    const { presence, waitWhileBusy, descriptor } = this.#options;
    if ((await runProgram(this.#guarded, presence, how)) !== "done") {
      await waitWhileBusy(how);
      doneOr(await runProgram(this.#guarded, presence, how), "wait for the chip");
    }
    let woken = await runProgram(this.#guarded, this.#driver.wake(), how);
    if (woken.outcome === "timeout" && descriptor.family === "at25") {
      await waitWhileBusy(how);
      woken = await runProgram(this.#guarded, this.#driver.wake(), how);
    }
    valueOf(woken, "wait for the chip");
    await this.#leaveMode(how);
    this.#isUncertain = false;
  }

  async #enterMode(how: RunOptions): Promise<void> {
    const { addressMode } = this.#driver;
    if (addressMode === undefined) return;
    this.#mayBeInMode = true;
    doneOr(await runProgram(this.#guarded, addressMode.enter(), how), "enter 4-byte address mode");
  }

  /** A run that stopped early has left the chip in the mode that its operations need. */
  async #leaveMode(how: RunOptions): Promise<void> {
    const { addressMode } = this.#driver;
    if (addressMode === undefined || !this.#mayBeInMode) return;
    doneOr(await runProgram(this.#guarded, addressMode.leave(), how), "leave 4-byte address mode");
    this.#mayBeInMode = false;
  }

  protected override check(op: FlashOp): void {
    checkOp(this.geometry, op);
  }

  protected override async one(op: FlashOp): Promise<FlashResult> {
    for await (const result of this.run([op])) {
      if (result.kind !== "failed") return result;
      if (result.outcome === "refused") throw result.reason;
      throw chipFailed(op.kind, result.outcome, result.range, result);
    }
    throw new NorbridgeError("BUG", "a run ended without a result", { operation: op.kind });
  }
}
