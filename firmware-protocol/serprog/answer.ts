/**
 * serprog version 1, the bridge's half: what follows which command, and how the answers to questions are read and made.
 *
 * An answer is ACK and a number of bytes that the command fixes, or NAK alone; SYNCNOP is answered NAK, ACK. Nothing in
 * an answer says which command it belongs to: only their order does.
 */
import { MAX_LENGTH, OPCODE, littleEndian } from "./command.ts";

export const ACK = 0x06;
export const NAK = 0x15;
export const COMMAND_MAP_BYTES = 32;
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

/** Bytes behind the ACK; an SPI operation has as many as it asked for. */
export function answerBytesOf(opcode: number): number {
  return ANSWER_BYTES[opcode] ?? 0;
}

/** Which commands a bridge says it knows. */
export class CommandMap {
  readonly #bytes: Uint8Array;

  /** `bytes`: 32 of them; bit n of byte n/8 stands for command n. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  has(opcode: number): boolean {
    return ((this.#bytes[opcode >> 3] ?? 0) & (1 << (opcode & 7))) !== 0;
  }
}

/** The bytes of a command map. */
export function commandMap(opcodes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(COMMAND_MAP_BYTES);
  for (const opcode of opcodes) bytes[opcode >> 3] = (bytes[opcode >> 3] ?? 0) | (1 << (opcode & 7));
  return bytes;
}

/** Limit of 24 bits; 0 stands for 2^24, which no command can use up. */
export function limitOf(bytes: Uint8Array): number {
  const value = littleEndian(bytes, 0, 3);
  return value === 0 ? MAX_LENGTH : value;
}

/** Name of the programmer up to the first NUL, other than printable ASCII as `?`. */
export function nameOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  return Array.from(text, (byte) => (byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : "?")).join("");
}

/** Sixteen bytes of a name, NUL behind it. */
export function nameBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(NAME_BYTES);
  for (let i = 0; i < Math.min(name.length, NAME_BYTES); i++) bytes[i] = name.charCodeAt(i) & 0x7f;
  return bytes;
}
