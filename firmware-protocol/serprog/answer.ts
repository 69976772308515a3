/**
 * serprog version 1, the bridge's half: what follows which command, and how the answers to questions are read and made.
 *
 * An answer is ACK and a number of bytes that the command fixes, or NAK alone; SYNCNOP is answered NAK, ACK. Nothing in
 * an answer shows which command it belongs to: only their order does.
 */
import { MAX_LENGTH, OPCODE, littleEndian } from "./command.ts";

/** The response of a bridge that has accepted a command. The data of the response follows (SERPROG.md). */
export const ACK = 0x06;
/** The response of a bridge that has refused a command. Nothing follows (SERPROG.md). */
export const NAK = 0x15;
/** Length of the command map in bytes: one bit per opcode. */
export const COMMAND_MAP_BYTES = 32;
/** Length of the programmer name in bytes, padded with NUL. */
export const NAME_BYTES = 16;

const ANSWER_BYTES: Readonly<Record<number, number>> = {
  [OPCODE.queryInterface]: 2,
  [OPCODE.queryCommandMap]: COMMAND_MAP_BYTES,
  [OPCODE.queryName]: NAME_BYTES,
  [OPCODE.querySerialBuffer]: 2,
  [OPCODE.queryBusTypes]: 1,
  [OPCODE.queryOperationBuffer]: 2,
  [OPCODE.queryMaxSend]: 3,
  [OPCODE.queryMaxReceive]: 3,
  [OPCODE.setSpiClock]: 4,
};

/**
 * Number of bytes after the ACK for an opcode. 0 for an SPI operation: its response has as many bytes as it requested.
 */
export function answerBytesOf(opcode: number): number {
  return ANSWER_BYTES[opcode] ?? 0;
}

/** The commands that a bridge supports, as it returned them for Q_CMDMAP. */
export class CommandMap {
  readonly #bytes: Uint8Array;

  /** `bytes`: the 32 bytes of the response; bit n of byte n/8 stands for opcode n. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether the map lists this opcode, 0 to 255. */
  has(opcode: number): boolean {
    return ((this.#bytes[opcode >> 3] ?? 0) & (1 << (opcode & 7))) !== 0;
  }
}

/** Encodes a command map of these opcodes, 32 bytes. */
export function commandMap(opcodes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(COMMAND_MAP_BYTES);
  for (const opcode of opcodes) bytes[opcode >> 3] = (bytes[opcode >> 3] ?? 0) | (1 << (opcode & 7));
  return bytes;
}

/**
 * Decodes the 24-bit limit of Q_WRNMAXLEN and Q_RDNMAXLEN, in bytes. 0 means 2^24; the result is then `MAX_LENGTH`, the
 * longest length that a command can specify.
 */
export function limitOf(bytes: Uint8Array): number {
  const value = littleEndian(bytes, 0, 3);
  return value === 0 ? MAX_LENGTH : value;
}

/** Decodes the programmer name up to the first NUL. Bytes that are not printable ASCII become "?". */
export function nameOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  return Array.from(text, (byte) => (byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : "?")).join("");
}

/** Encodes a programmer name: 16 bytes, cut or padded with NUL. */
export function nameBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(NAME_BYTES);
  for (let i = 0; i < Math.min(name.length, NAME_BYTES); i++) bytes[i] = name.charCodeAt(i) & 0x7f;
  return bytes;
}
