/** A command on its way: its bytes, the answer that belongs to it, and how long it may take. */
import { answerBytesOf } from "../../../firmware-protocol/serprog/answer.ts";
import { OPCODE, type Opcode, plainCommand } from "../../../firmware-protocol/serprog/command.ts";

export interface Command {
  readonly bytes: Uint8Array;
  /** Bytes after the ACK. */
  readonly answerBytes: number;
  /** SYNCNOP: the answer is NAK, ACK. */
  readonly isSync: boolean;
  /** How long the bridge is at work with it beside what travels, microseconds. */
  readonly workUs: number;
}

/** A command with its answer. */
export function command(bytes: Uint8Array, workUs = 0, answerBytes = answerBytesOf(bytes[0] ?? 0)): Command {
  return { bytes, answerBytes, isSync: bytes[0] === OPCODE.syncNop, workUs };
}

/** A command without parameters. */
export function plain(opcode: Opcode): Command {
  return command(plainCommand(opcode));
}

/** Changes nothing and has an answer that nothing else has: what stands before it was whole. */
export const FENCE: Command = plain(OPCODE.syncNop);
