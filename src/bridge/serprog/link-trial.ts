/**
 * What is tried before the first byte is written: whether the line carries bytes whole, and, of an unknown bridge,
 * whether it accepts commands in a row, and as many as it reports.
 *
 * NOP and SYNCNOP do nothing to the chip, and every bit of them counts: a flipped, lost or doubled byte gives another
 * row of answers. Reading the chip's ID does nothing to it either.
 */
import { ACK } from "../../../firmware-protocol/serprog/answer.ts";
import { OPCODE, spiOperation } from "../../../firmware-protocol/serprog/command.ts";
import { advice } from "../../advice.ts";
import { command, type Command, FENCE, plain } from "./command.ts";
import { type Capabilities, IncompatibleBridge, NOISY_LINK, ruleOf } from "./capability-probe.ts";
import type { DialogueScript } from "./dialogue.ts";

const NOP = plain(OPCODE.nop);
const READ_ID = Uint8Array.of(0x9f);
/** A test of the line lasts about so long each way, and is at least and at most this many bytes. */
const TEST_SECONDS = 0.25;
const TEST_BYTES_MIN = 1024;
const TEST_BYTES_MAX = 65_536;
/** Turns of a bridge that takes one command at a time. */
const TEST_TURNS = 48;
const MIN_WINDOW_BYTES = 128;
const TIMED_COMMANDS = 16;
const MIN_COMMAND_US = 100;
/** Many commands take at least this part of what a few were measured to take, if they are slow. */
const SLOW_COMMAND_SHARE = 0.9;

/** How a bridge accepts commands, as measured. */
export interface TimingProfile {
  /** Bytes of commands that may be unanswered; 0: one command at a time. */
  readonly windowBytes: number;
  /** What it needs for a command beside its bytes, microseconds. */
  readonly usPerCommand: number;
  /** The shortest time from a question to its answer, microseconds. */
  readonly turnUs: number;
  /** Line time of a byte as it was measured, microseconds; undefined if nothing long was sent or commands are slow. */
  readonly measuredUsPerByte: number | undefined;
}

/** How long the test of the line took, its turns included, and what the bridge sent for it: more than it was sent. */
interface Timed {
  readonly elapsedUs: number;
  readonly commands: number;
  readonly bytes: number;
  readonly turns: number;
}

export interface TrialOptions {
  /** The bytes are not checked on this line. */
  readonly isUnchecked: boolean;
  /** Bytes a second, each way; 0 if that is not known. */
  readonly bytesPerSecond: number;
  readonly nowUs: () => number;
}

/** Tries what has to be tried; returns how the bridge accepts commands, or why it cannot be used. */
export function* tryLink(
  capabilities: Capabilities,
  options: TrialOptions,
): DialogueScript<TimingProfile | IncompatibleBridge> {
  const { known } = capabilities;
  let windowBytes = 0;
  const isSingle = ruleOf(known, "one-at-a-time") !== undefined || ruleOf(known, "opcode-alone") !== undefined;
  if (!isSingle)
    windowBytes = ruleOf(known, "pipelines") === undefined ? yield* tryWindow(capabilities) : capabilities.bufferBytes;
  const timed = options.isUnchecked ? yield* testLine(windowBytes, options) : undefined;
  if (timed instanceof IncompatibleBridge) return timed;
  if (windowBytes === 0) return { windowBytes, usPerCommand: 0, turnUs: 0, measuredUsPerByte: undefined };
  const times = yield* measureCommand(options);
  return { windowBytes, ...times, measuredUsPerByte: usPerByteOf(timed, times) };
}

/**
 * If commands are slow, they and not the line took the time of the test. A few commands may travel as one piece and so
 * look slow on a slow line; many of them do not.
 */
function usPerByteOf(
  timed: Timed | undefined,
  { usPerCommand, turnUs }: Pick<TimingProfile, "usPerCommand" | "turnUs">,
): number | undefined {
  if (timed === undefined) return undefined;
  const us = Math.max(0, timed.elapsedUs - timed.turns * turnUs);
  const isCommandSlow = usPerCommand > 0 && us / timed.commands >= usPerCommand * SLOW_COMMAND_SHARE;
  return isCommandSlow ? undefined : us / timed.bytes;
}

/** What many NOP take longer than one, each; a bridge that sleeps after every command shows here. */
function* measureCommand({
  bytesPerSecond,
  nowUs,
}: TrialOptions): DialogueScript<Pick<TimingProfile, "usPerCommand" | "turnUs">> {
  const startUs = nowUs();
  yield { commands: [NOP], isTrial: true };
  const oneUs = nowUs() - startUs;
  yield { commands: Array.from({ length: TIMED_COMMANDS }, () => NOP), isTrial: true };
  const manyUs = nowUs() - startUs - oneUs;
  const lineUs = bytesPerSecond > 0 ? 1e6 / bytesPerSecond : 0;
  const us = (manyUs - oneUs) / (TIMED_COMMANDS - 1) - lineUs;
  // A busy machine is not a reason to believe in a slow bridge.
  return { usPerCommand: us >= MIN_COMMAND_US ? us : 0, turnUs: oneUs };
}

/** Sends and receives enough to see a line that changes or loses bytes. */
function* testLine(
  windowBytes: number,
  { bytesPerSecond, nowUs }: TrialOptions,
): DialogueScript<IncompatibleBridge | Timed> {
  const startUs = nowUs();
  let bytes = 0;
  const testBytes = Math.min(Math.max(bytesPerSecond * TEST_SECONDS, TEST_BYTES_MIN), TEST_BYTES_MAX);
  const rowBytes = Math.max(1, windowBytes);
  const rows = windowBytes === 0 ? TEST_TURNS : Math.ceil(testBytes / rowBytes);
  for (let row = 0; row < rows; row++) {
    // SYNCNOP and NOP in a pattern that a shift by one does not map onto itself.
    const commands = Array.from({ length: rowBytes }, (_, i) => ((i * 7 + row) % 5 === 0 ? FENCE : NOP));
    if (!areIntact(yield { commands, isTrial: true }, commands)) return badLine(row * rowBytes, rowBytes);
    bytes += sentFor(commands);
  }
  return { elapsedUs: nowUs() - startUs, bytes, commands: rows * rowBytes, turns: rows };
}

function badLine(before: number, rowBytes: number): IncompatibleBridge {
  return new IncompatibleBridge(
    `the link to the bridge loses or changes bytes: the link test failed within ${before + rowBytes} bytes`,
    advice(`Nothing was written. ${NOISY_LINK}`, "set-baud-rate"),
  );
}

/** How many bytes of commands an unknown bridge accepts in a row; 0: only one command at a time. */
function* tryWindow(capabilities: Capabilities): DialogueScript<number> {
  const few = [NOP, NOP, NOP, FENCE];
  if (!areIntact(yield { commands: few, isTrial: true }, few)) return 0;
  const ids = [idOf(3), idOf(3), FENCE];
  if (!areIntact(yield { commands: ids, isTrial: true }, ids)) return 0;
  for (let windowBytes = capabilities.bufferBytes; windowBytes >= MIN_WINDOW_BYTES; windowBytes >>= 1) {
    // While the bridge sends two long answers the rest has to lie in its buffer.
    const long = idOf(Math.min(windowBytes, capabilities.maxReceiveBytes));
    const nopCount = windowBytes - 2 * long.bytes.length - 1;
    const commands = [long, long, ...Array.from({ length: nopCount }, () => NOP), FENCE];
    if (areIntact(yield { commands, isTrial: true }, commands)) return windowBytes;
  }
  return 0;
}

/** Bytes that the bridge sends for these: ACK, or NAK and ACK, and what follows. */
function sentFor(commands: readonly Command[]): number {
  return commands.reduce((total, { isSync, answerBytes }) => total + (isSync ? 2 : 1) + answerBytes, 0);
}

function idOf(receiveBytes: number): Command {
  return command(spiOperation(READ_ID, receiveBytes), 0, receiveBytes);
}

/** Every command got the answer that is its own. */
function areIntact(replies: readonly (Uint8Array | undefined)[] | "failed", commands: readonly Command[]): boolean {
  if (replies === "failed" || replies.length !== commands.length) return false;
  return replies.every((reply, index) => reply !== undefined && (commands[index]?.isSync !== true || reply[0] === ACK));
}
