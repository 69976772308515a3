/**
 * What a host asks a serprog bridge before it works with it, and what follows from the answers: one question at a time,
 * and only such as the bridge's map lists, since some never answer what they do not know.
 */
import { CommandMap, limitOf, nameOf } from "../../../firmware-protocol/serprog/answer.ts";
import {
  BUS_SPI,
  FLOW_CONTROLLED,
  INTERFACE_VERSION,
  littleEndian,
  OPCODE,
  type Opcode,
  setBusType,
  setPinState,
  setSpiClock,
} from "../../../firmware-protocol/serprog/command.ts";
import { printable } from "../../bytes.ts";
import type { Advice } from "../../advice.ts";
import type { LinkFailure } from "../link-machine.ts";
import { command, plain } from "./command.ts";
import { type DialogueScript, request } from "./dialogue.ts";
import { type BridgeRule, type KnownBridge, knownBridge } from "./known-bridges.ts";

/** What a bridge can do, by its own answers. */
export interface Capabilities {
  readonly map: CommandMap;
  readonly name: string;
  readonly known: KnownBridge | undefined;
  /** Bytes of commands that may be unanswered. */
  readonly bufferBytes: number;
  readonly maxSendBytes: number;
  readonly maxReceiveBytes: number;
  /** Slowest and fastest clock it answered; 0 if it cannot set one. */
  readonly clockMinHz: number;
  readonly clockMaxHz: number;
}

/** What helps when an unchecked link loses bytes. */
export const NOISY_LINK =
  "Lower the baud rate, use a shorter cable and check ground. The serprog protocol has no checksum.";

/** A bridge that norbridge cannot use. */
export class IncompatibleBridge {
  readonly failure: LinkFailure;

  constructor(message: string, hint: string | Advice) {
    this.failure = { code: "BRIDGE_PROTOCOL", message, hint };
  }
}

/**
 * Safe for a bridge that names no limits: a page of 256 with opcode and address, and a read of 4 KiB. The pico-serprog
 * line has arrays of 4096 bytes without a check, and builds that hang in long reads.
 */
const CAREFUL_SEND_BYTES = 261;
const CAREFUL_RECEIVE_BYTES = 4096;
/** Bounds what one answer may allocate; longer reads gain nothing. */
const MAX_RECEIVE_BYTES = 65_536;
const MAX_SEND_BYTES = 65_536;
/** With flow control nothing is lost; more than this under way gains nothing. */
const FLOW_CONTROLLED_BYTES = 4096;
const MIN_LIMIT_BYTES = 16;
/** Asked for the fastest and the slowest clock. Beyond these some firmwares lose their SPI unit. */
const MAX_CLOCK_HZ = 40_000_000;
const MIN_CLOCK_HZ = 100_000;
/** Until a chip is known. */
const FIRST_CLOCK_HZ = 4_000_000;

/** Asks everything; returns what is known, or why the bridge cannot be used. */
export function* probeCapabilities(bridges: readonly KnownBridge[]): DialogueScript<Capabilities | IncompatibleBridge> {
  const version = yield* ask(OPCODE.queryInterface);
  if (version === undefined || littleEndian(version, 0, 2) !== INTERFACE_VERSION) {
    const reported = version === undefined ? "none" : String(littleEndian(version, 0, 2));
    return new IncompatibleBridge(
      `the bridge supports serprog version ${reported}, norbridge supports ${INTERFACE_VERSION}`,
      "Update its firmware.",
    );
  }
  const mapBytes = yield* ask(OPCODE.queryCommandMap);
  if (mapBytes === undefined)
    return new IncompatibleBridge("the bridge does not report which commands it supports", "Update its firmware.");
  const map = new CommandMap(mapBytes);
  if (!map.has(OPCODE.spiOperation)) {
    return new IncompatibleBridge(
      "the bridge has no SPI operation (O_SPIOP): it is for parallel flash only",
      "Use a bridge for SPI.",
    );
  }
  const noSpi = yield* selectSpi(map);
  if (noSpi !== undefined) return noSpi;
  const nameReply = yield* askIfKnown(map, OPCODE.queryName);
  const buffer = yield* askIfKnown(map, OPCODE.querySerialBuffer);
  const serialBufferBytes = buffer === undefined ? undefined : littleEndian(buffer, 0, 2);
  const name = nameReply === undefined ? undefined : nameOf(nameReply);
  const known = knownBridge({ name, serialBufferBytes }, bridges);
  const maxSend = yield* askIfKnown(map, OPCODE.queryMaxSend);
  const maxReceive = yield* askIfKnown(map, OPCODE.queryMaxReceive);
  const clocks = map.has(OPCODE.setSpiClock) ? yield* askClocks() : { clockMinHz: 0, clockMaxHz: 0 };
  const maxSendBytes = Math.min(maxSend === undefined ? CAREFUL_SEND_BYTES : limitOf(maxSend), MAX_SEND_BYTES);
  const maxReceiveBytes = Math.min(
    maxReceive === undefined ? CAREFUL_RECEIVE_BYTES : limitOf(maxReceive),
    ruleOf(known, "receive-at-most")?.bytes ?? MAX_RECEIVE_BYTES,
    MAX_RECEIVE_BYTES,
  );
  if (maxSendBytes < MIN_LIMIT_BYTES || maxReceiveBytes < MIN_LIMIT_BYTES) {
    const limits = `${maxSendBytes} bytes out and ${maxReceiveBytes} in`;
    return new IncompatibleBridge(
      `the bridge supports operations of at most ${limits}: that is too short`,
      "Update its firmware.",
    );
  }
  if (map.has(OPCODE.setPinState) && ruleOf(known, "pins-stay") === undefined)
    yield* request(command(setPinState(true)));
  return {
    map,
    name: name === undefined || name === "" ? "serprog" : printable(name),
    known,
    bufferBytes: bufferBytesOf(serialBufferBytes),
    maxSendBytes,
    maxReceiveBytes,
    ...clocks,
  };
}

/** Selects the SPI bus of a bridge that has several; returns why it cannot be used if it has none. */
function* selectSpi(map: CommandMap): DialogueScript<IncompatibleBridge | undefined> {
  const busTypes = yield* askIfKnown(map, OPCODE.queryBusTypes);
  if (busTypes !== undefined && ((busTypes[0] ?? 0) & BUS_SPI) === 0) {
    return new IncompatibleBridge("the bridge reports that it has no SPI bus", "Use a bridge for SPI.");
  }
  if (!map.has(OPCODE.setBusType)) return undefined;
  const accepted = yield* request(command(setBusType(BUS_SPI)));
  return accepted === undefined
    ? new IncompatibleBridge("the bridge rejects the SPI bus type", "Use a bridge for SPI.")
    : undefined;
}

function* askIfKnown(map: CommandMap, opcode: Opcode): DialogueScript<Uint8Array | undefined> {
  return map.has(opcode) ? yield* ask(opcode) : undefined;
}

/** The rule of a kind, if the bridge is known for it. */
export function ruleOf<K extends BridgeRule["kind"]>(
  known: KnownBridge | undefined,
  kind: K,
): Extract<BridgeRule, { kind: K }> | undefined {
  return known?.rules.find((rule): rule is Extract<BridgeRule, { kind: K }> => rule.kind === kind);
}

function ask(opcode: Opcode): DialogueScript<Uint8Array | undefined> {
  return request(plain(opcode));
}

function* askClocks(): DialogueScript<{ readonly clockMinHz: number; readonly clockMaxHz: number }> {
  const answered: number[] = [];
  for (const requestedHz of [MAX_CLOCK_HZ, MIN_CLOCK_HZ, FIRST_CLOCK_HZ]) {
    const reply = yield* request(command(setSpiClock(requestedHz)));
    answered.push(reply === undefined ? 0 : littleEndian(reply, 0, 4));
  }
  const [clockMaxHz = 0, clockMinHz = 0] = answered;
  return clockMinHz > 0 && clockMaxHz >= clockMinHz ? { clockMinHz, clockMaxHz } : { clockMinHz: 0, clockMaxHz: 0 };
}

function bufferBytesOf(serialBufferBytes: number | undefined): number {
  if (serialBufferBytes === undefined || serialBufferBytes === FLOW_CONTROLLED) return FLOW_CONTROLLED_BYTES;
  return Math.min(serialBufferBytes, FLOW_CONTROLLED_BYTES);
}
