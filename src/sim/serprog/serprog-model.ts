/**
 * A serprog bridge without any I/O, as firmware is: a loop that takes a command's bytes, does it, answers, and waits
 * wherever firmware would wait. Its quirks come from a profile. Written from SERPROG.md and the firmwares named in
 * `serprog-profile.ts`; it shares with the client only the table of commands.
 */
import { ACK, answerBytesOf, commandMap, NAK, nameBytes } from "../../../firmware-protocol/serprog/answer.ts";
import {
  BUS_SPI,
  INTERFACE_VERSION,
  littleEndian,
  OPCODE,
  parameterBytesOf,
  u16,
  u24,
  u32,
} from "../../../firmware-protocol/serprog/command.ts";
import { concatBytes } from "../../bytes.ts";
import type { BridgeRule, BridgeViolation } from "../bridge/bridge-violation.ts";
import { SpiPort, type SpiTarget } from "../bridge/spi-port.ts";
import type { WireModel } from "../bridge/wire-model.ts";
import { MAX_VIOLATIONS } from "../most-violations.ts";
import { InputBytes } from "./input-bytes.ts";
import { OutputBytes } from "./output-bytes.ts";
import type { SerprogProfile } from "./serprog-profile.ts";

/** Bytes handed to the line at once. */
const OUTPUT_PIECE_BYTES = 256;
/** A bridge stops to read the chip while this much waits for the line. */
const OUTPUT_ROOM_BYTES = 64;
/** Longest stretch on SPI that is one event of the simulation. */
const SPI_PIECE_BYTES = 256;
const NOTHING = new Uint8Array(0);
// The most frequent answer; it is copied when it is sent.
const ANSWER_ACK = Uint8Array.of(ACK);
const ANSWER_NAK = Uint8Array.of(NAK);
const ANSWER_SYNC = Uint8Array.of(NAK, ACK);
/** SPI operation's largest dummy buffer that the protocol wants a number for. */
const OPERATION_BUFFER_BYTES = 32;

/** What the loop waits for. */
type Wait =
  | { readonly kind: "input"; readonly untilNs: number }
  | { readonly kind: "time"; readonly untilNs: number }
  | { readonly kind: "room" }
  | { readonly kind: "ever" };

const FOR_INPUT: Wait = { kind: "input", untilNs: Infinity };

export interface SerprogModelParts {
  readonly profile: SerprogProfile;
  readonly target: SpiTarget;
  /** SPI clock after power-up, if it is not the profile's. */
  readonly spiClockHz?: number | undefined;
  /** Line rate, baud; 0: the link has none. */
  readonly baudRate: number;
}

export class SerprogModel implements WireModel {
  readonly profile: SerprogProfile;
  readonly baudRate: number;
  readonly violations: BridgeViolation[] = [];
  readonly #spi: SpiPort;
  readonly #commands: ReadonlySet<number>;
  readonly #input: InputBytes;
  #nowNs = 0;
  #loop: Generator<Wait, void, void>;
  #wait: Wait = { kind: "time", untilNs: 0 };
  readonly #output = new OutputBytes();
  #pulledBytes = 0;
  #silentUntilNs = 0;
  #deafUntilNs = 0;
  #delayUs = 0;
  #isDriven = true;
  /** A host has selected SPI since it last asked for the command map: from then on it has to keep to the map. */
  #isInSession = false;
  #isIdle = true;

  constructor(parts: SerprogModelParts) {
    const { profile, target, spiClockHz, baudRate } = parts;
    this.profile = profile;
    this.baudRate = baudRate;
    this.#commands = new Set(profile.commands.filter((opcode) => profile.missing?.includes(opcode) !== true));
    this.#spi = new SpiPort(target, { ...profile, spiClockHz: spiClockHz ?? profile.spiClockHz });
    this.#input = new InputBytes(profile.link === "usb", profile.ringBytes);
    this.#loop = this.#run();
  }

  /** Between two commands: the next byte is an opcode. */
  get isIdle(): boolean {
    return this.#isIdle && this.#input.length === 0;
  }

  /** Whether the bridge holds its pins, so that the chip's own master cannot use them. */
  get drivesPins(): boolean {
    return this.#isDriven;
  }

  get spiClockHz(): number {
    return this.#spi.clockHz;
  }

  receive(bytes: Uint8Array, nowNs: number): void {
    if (nowNs < this.#deafUntilNs) return;
    this.#work(nowNs);
    // One that hangs takes nothing any more, and nothing that waits for it would ever be seen.
    if (this.#wait.kind === "ever") return;
    const lost = this.#input.push(bytes);
    if (lost > 0) this.#violate("input-overrun", `${lost} bytes lost`);
    this.#work(nowNs);
  }

  wake(nowNs: number): void {
    this.#work(nowNs);
  }

  workWakeNs(nowNs: number): number {
    const silentNs = this.#silentUntilNs > nowNs && this.#output.length > 0 ? this.#silentUntilNs : Infinity;
    return Math.min(silentNs, "untilNs" in this.#wait ? this.#wait.untilNs : Infinity);
  }

  readonly hostWakeNs = Number.POSITIVE_INFINITY;

  pull(nowNs: number): Uint8Array | undefined {
    if (this.#output.length === 0 || nowNs < this.#silentUntilNs) return undefined;
    const piece = this.#output.take(OUTPUT_PIECE_BYTES);
    this.#pulledBytes = piece.length;
    this.#work(nowNs);
    return piece;
  }

  sent(nowNs: number): void {
    this.#silentUntilNs = nowNs + this.#pulledBytes * (this.profile.pauseNs ?? 0);
    this.#pulledBytes = 0;
    this.#work(nowNs);
  }

  get backlogBytes(): number {
    return this.#input.length + this.#output.length;
  }

  reset(nowNs: number, bootNs = 0): void {
    this.#nowNs = nowNs;
    this.#input.clear();
    this.#output.clear();
    this.#silentUntilNs = 0;
    this.#pulledBytes = 0;
    this.#spi.reset(nowNs);
    this.#delayUs = 0;
    this.#isDriven = true;
    this.#isInSession = false;
    this.#isIdle = true;
    this.#deafUntilNs = nowNs + bootNs;
    this.#loop = this.#run();
    this.#wait = { kind: "time", untilNs: nowNs };
  }

  #violate(rule: BridgeRule, detail: string): void {
    if (this.violations.length >= MAX_VIOLATIONS) return;
    this.violations.push({ rule, atNs: this.#nowNs, detail });
  }

  /** Lets the loop go as far as input, time and room allow. */
  #work(nowNs: number): void {
    while (this.#isOver(this.#wait, nowNs)) {
      if (this.#wait.kind === "time") this.#nowNs = Math.max(this.#nowNs, this.#wait.untilNs);
      else if (this.#wait.kind === "input" && this.#input.length === 0) this.#nowNs = this.#wait.untilNs;
      else this.#nowNs = Math.max(this.#nowNs, nowNs);
      const next = this.#loop.next();
      this.#wait = next.done === true ? { kind: "ever" } : next.value;
    }
  }

  #isOver(wait: Wait, nowNs: number): boolean {
    switch (wait.kind) {
      case "time":
        return nowNs >= wait.untilNs;
      case "input":
        return this.#input.length > 0 || nowNs >= wait.untilNs;
      case "room":
        return this.#output.length < Math.max(OUTPUT_ROOM_BYTES, this.profile.chunkBytes);
      case "ever":
        return false;
    }
  }

  #answer(bytes: Uint8Array): void {
    this.#output.push(bytes);
  }

  // --- the firmware -------------------------------------------------------------------------------------------------

  *#run(): Generator<Wait, void, void> {
    const { sleepNs } = this.profile;
    for (;;) {
      this.#isIdle = true;
      if (this.#input.length === 0) yield FOR_INPUT;
      const opcode = this.#input.takeByte();
      this.#isIdle = false;
      if (this.profile.opcodeAlone === true) this.#dropRest("after the opcode");
      // A host may send long rows of these to synchronise. That needs no time and no input.
      if (opcode === OPCODE.syncNop && this.#commands.has(opcode)) this.#answer(ANSWER_SYNC);
      else yield* this.#command(opcode);
      if (sleepNs !== undefined) yield { kind: "time", untilNs: this.#nowNs + sleepNs };
    }
  }

  #dropRest(where: string): void {
    const lost = this.#input.dropPacket();
    if (lost > 0) this.#violate("packet-holds-more", `${lost} bytes ${where}`);
  }

  *#command(opcode: number): Generator<Wait, void, void> {
    if (!this.#commands.has(opcode)) return yield* this.#unknown(opcode);
    const acksEarly = this.profile.acksEarly === true && opcode !== OPCODE.spiOperation;
    if (acksEarly && parameterBytesOf(opcode) > 0) this.#answer(ANSWER_ACK);
    const parameters = yield* this.#bytes(parameterBytesOf(opcode));
    if (opcode === OPCODE.spiOperation) return yield* this.#spiOperation(parameters);
    if (this.profile.opcodeAlone === true && parameters.length > 0) this.#dropRest("after the parameters");
    if (opcode === OPCODE.execute) yield { kind: "time", untilNs: this.#nowNs + this.#takeDelayUs() * 1000 };
    const answer = this.#do(opcode, parameters);
    if (answer === undefined) {
      this.#answer(ANSWER_NAK);
      return;
    }
    if (!acksEarly || parameters.length === 0) this.#answer(ANSWER_ACK);
    this.#answer(answer);
  }

  #takeDelayUs(): number {
    const delayUs = this.#delayUs;
    this.#delayUs = 0;
    return delayUs;
  }

  *#unknown(opcode: number): Generator<Wait, void, void> {
    // FF is what a host feeds to a command that is stuck: it is in no map, and no mistake. Before a session begins, the
    // bytes may be those of another protocol: a host that does not know the protocol of the bridge yet, or has the
    // wrong one.
    if (opcode !== 0xff && this.#isInSession) this.#violate("command-not-in-map", opcode.toString(16));
    switch (this.profile.unknown) {
      case "nak": {
        this.#answer(ANSWER_NAK);
        return;
      }
      case "ack": {
        this.#answer(ANSWER_ACK);
        return;
      }
      case "silent":
        return;
      case "hang":
        yield { kind: "ever" };
    }
  }

  /** What follows the ACK; undefined for NAK. */
  #do(opcode: number, parameters: Uint8Array): Uint8Array | undefined {
    const { profile } = this;
    switch (opcode) {
      case OPCODE.queryInterface:
        return Uint8Array.from(u16(INTERFACE_VERSION));
      case OPCODE.queryCommandMap:
        this.#isInSession = false;
        return commandMap(profile.commands);
      case OPCODE.queryName:
        return nameBytes(profile.programmerName ?? "");
      case OPCODE.querySerialBuffer:
        return Uint8Array.from(u16(profile.serialBufferBytes));
      case OPCODE.queryBusTypes:
        return Uint8Array.of(BUS_SPI);
      case OPCODE.queryOperationBuffer:
        return Uint8Array.from(u16(OPERATION_BUFFER_BYTES));
      case OPCODE.queryMaxSend:
        return Uint8Array.from(u24(profile.maxSendBytes ?? 0));
      case OPCODE.queryMaxReceive:
        return Uint8Array.from(u24(profile.maxReceiveBytes ?? 0));
      case OPCODE.initOperations:
        this.#delayUs = 0;
        return NOTHING;
      case OPCODE.delay:
        this.#delayUs += littleEndian(parameters, 0, 4);
        return NOTHING;
      case OPCODE.setBusType:
        this.#isInSession = true;
        return parameters[0] === BUS_SPI ? NOTHING : undefined;
      case OPCODE.setPinState:
        if (profile.ignoresPinState !== true) this.#isDriven = parameters[0] !== 0;
        return NOTHING;
      case OPCODE.setSpiClock:
        return this.#setClock(littleEndian(parameters, 0, 4));
      default:
        return answerBytesOf(opcode) === 0 ? NOTHING : undefined;
    }
  }

  #setClock(requestedHz: number): Uint8Array | undefined {
    if (requestedHz === 0) return undefined;
    const set = this.#spi.setClockHz(requestedHz);
    return Uint8Array.from(u32(this.profile.returnsRequestedClock === true ? requestedHz : set));
  }

  *#spiOperation(parameters: Uint8Array): Generator<Wait, void, void> {
    const { profile } = this;
    const sendBytes = littleEndian(parameters, 0, 3);
    const receiveBytes = littleEndian(parameters, 3, 3);
    if (sendBytes + receiveBytes > (profile.sumLimitBytes ?? Infinity)) {
      this.#violate("operation-too-long", `${sendBytes} and ${receiveBytes} bytes`);
      this.#answer(ANSWER_NAK);
      return;
    }
    const hangs =
      sendBytes > (profile.sendHangsAbove ?? Infinity) || receiveBytes > (profile.receiveHangsAbove ?? Infinity);
    if (hangs) {
      this.#violate("operation-too-long", `${sendBytes} and ${receiveBytes} bytes`);
      yield { kind: "ever" };
    }
    if (profile.buffersWhole === true) return yield* this.#bufferedOperation(sendBytes, receiveBytes);
    this.#select();
    const untilNs = profile.dataTimeoutNs === undefined ? Infinity : this.#nowNs + profile.dataTimeoutNs;
    for (let left = sendBytes; left > 0; ) {
      const most = profile.sendsWholePackets === true ? Infinity : Math.min(left, SPI_PIECE_BYTES);
      const piece = yield* this.#someBytes(most, untilNs);
      if (piece.length === 0) {
        this.#deselect();
        this.#answer(ANSWER_NAK);
        return;
      }
      yield* this.#exchange(piece, 0);
      left -= piece.length;
      if (left < 0) {
        // The counter has wrapped: everything that comes goes to the chip, and no answer ever.
        this.#violate("command-shares-packet", `${-left} bytes of it went to the chip`);
        yield { kind: "ever" };
      }
    }
    this.#answer(ANSWER_ACK);
    yield* this.#receive(receiveBytes);
    this.#deselect();
  }

  /** All data first, then the chip, then the answer. */
  *#bufferedOperation(sendBytes: number, receiveBytes: number): Generator<Wait, void, void> {
    const send = yield* this.#bytes(sendBytes);
    if (this.profile.opcodeAlone === true) this.#dropRest("after the data");
    const isWhole = receiveBytes <= this.profile.chunkBytes;
    this.#select();
    for (let at = 0; at < send.length; at += SPI_PIECE_BYTES) {
      yield* this.#exchange(send.subarray(at, at + SPI_PIECE_BYTES), 0);
    }
    if (!isWhole) {
      this.#answer(ANSWER_ACK);
      yield* this.#receive(receiveBytes);
      this.#deselect();
      return;
    }
    const received: Uint8Array[] = [];
    for (let at = 0; at < receiveBytes; at += SPI_PIECE_BYTES) {
      received.push(yield* this.#exchange(NOTHING, Math.min(SPI_PIECE_BYTES, receiveBytes - at)));
    }
    this.#deselect();
    this.#answer(ANSWER_ACK);
    this.#answer(concatBytes(received));
  }

  *#receive(receiveBytes: number): Generator<Wait, void, void> {
    const pieceBytes = Math.min(SPI_PIECE_BYTES, this.profile.chunkBytes);
    for (let left = receiveBytes; left > 0; ) {
      yield { kind: "room" };
      const piece = yield* this.#exchange(NOTHING, Math.min(left, pieceBytes));
      this.#answer(piece);
      left -= piece.length;
    }
  }

  #select(): void {
    if (this.#isDriven) this.#spi.select(this.#nowNs);
  }

  #deselect(): void {
    if (this.#isDriven) this.#spi.deselect(this.#nowNs);
  }

  *#exchange(send: Uint8Array, receiveBytes: number): Generator<Wait, Uint8Array, void> {
    if (send.length + receiveBytes === 0) return NOTHING;
    if (!this.#isDriven) return new Uint8Array(receiveBytes).fill(0xff);
    yield { kind: "time", untilNs: this.#spi.begin(send, receiveBytes, this.#nowNs) };
    return this.#spi.finish();
  }

  *#bytes(count: number): Generator<Wait, Uint8Array, void> {
    if (count === 0) return NOTHING;
    const parts: Uint8Array[] = [];
    for (let left = count; left > 0; ) {
      const part = yield* this.#someBytes(left, Infinity);
      parts.push(part);
      left -= part.length;
    }
    return concatBytes(parts);
  }

  /** At least one byte and at most `most`, of one packet; none if time runs out first. */
  *#someBytes(most: number, untilNs: number): Generator<Wait, Uint8Array, void> {
    if (this.#input.length === 0) yield { kind: "input", untilNs };
    return this.#input.take(most);
  }
}
