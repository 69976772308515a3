/**
 * serprog version 1, the host's half: what each command is called, what it carries and how its bytes are made. Both ends
 * share this table, so that they can only agree. Facts: SERPROG.md.
 *
 * All numbers are little-endian; lengths of an SPI operation have 24 bits.
 */

/** Command bytes an SPI bridge can meet. */
export const OPCODE = {
  nop: 0x00,
  queryInterface: 0x01,
  queryCommandMap: 0x02,
  queryName: 0x03,
  querySerialBuffer: 0x04,
  queryBusTypes: 0x05,
  queryOperationBuffer: 0x07,
  queryMaxSend: 0x08,
  initOperations: 0x0b,
  delay: 0x0e,
  execute: 0x0f,
  syncNop: 0x10,
  queryMaxReceive: 0x11,
  setBusType: 0x12,
  spiOperation: 0x13,
  setSpiClock: 0x14,
  setPinState: 0x15,
} as const;

export type Opcode = (typeof OPCODE)[keyof typeof OPCODE];

/** Bus types are bits; this is the one for SPI. */
export const BUS_SPI = 0x08;
/** The only version of the protocol there is. */
export const INTERFACE_VERSION = 1;
/** Opcode, two lengths: what an SPI operation costs on the wire beside its `send`. */
export const SPI_OPERATION_HEAD_BYTES = 7;
/** A length of 24 bits; a bridge that answers 0 for a limit means one more than this. */
export const MAX_LENGTH = 0xffffff;
/** What a serial buffer of this size means: there is flow control, do not count. */
export const FLOW_CONTROLLED = 0xffff;

/** Parameter bytes behind the opcode; an SPI operation has its `send` behind these. */
const PARAMETER_BYTES: Readonly<Record<number, number>> = {
  [OPCODE.delay]: 4,
  [OPCODE.setBusType]: 1,
  [OPCODE.spiOperation]: 6,
  [OPCODE.setSpiClock]: 4,
  [OPCODE.setPinState]: 1,
};

/** Fixed parameter bytes of a command; 0 for all that have none. */
export function parameterBytesOf(opcode: number): number {
  return PARAMETER_BYTES[opcode] ?? 0;
}

/** A command without parameters. */
export function plainCommand(opcode: Opcode): Uint8Array {
  return Uint8Array.of(opcode);
}

export function setBusType(busTypes: number): Uint8Array {
  return Uint8Array.of(OPCODE.setBusType, busTypes);
}

/** `driven` false releases the pins, for the board's own master. */
export function setPinState(driven: boolean): Uint8Array {
  return Uint8Array.of(OPCODE.setPinState, driven ? 1 : 0);
}

/** Asks for a clock at or below this; 1 to 2^32 - 1 Hz. */
export function setSpiClock(clockHz: number): Uint8Array {
  return Uint8Array.of(OPCODE.setSpiClock, ...u32(clockHz));
}

/** Puts a pause into the operation buffer, microseconds; it happens at `execute`. */
export function delay(durationUs: number): Uint8Array {
  return Uint8Array.of(OPCODE.delay, ...u32(durationUs));
}

/** One chip-select window. Throws RangeError for a length that 24 bits do not hold. */
export function spiOperation(send: Uint8Array, receiveBytes: number): Uint8Array {
  if (send.length > MAX_LENGTH || receiveBytes > MAX_LENGTH || receiveBytes < 0) {
    throw new RangeError(`an SPI operation sends and receives 0 to ${MAX_LENGTH} bytes`);
  }
  const bytes = new Uint8Array(SPI_OPERATION_HEAD_BYTES + send.length);
  bytes[0] = OPCODE.spiOperation;
  bytes.set(u24(send.length), 1);
  bytes.set(u24(receiveBytes), 4);
  bytes.set(send, SPI_OPERATION_HEAD_BYTES);
  return bytes;
}

/** Reads `count` bytes, least significant first; bytes that are missing count as 0. */
export function littleEndian(bytes: Uint8Array, offset: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[offset + i] ?? 0);
  return value;
}

export function u16(value: number): readonly number[] {
  return [value & 0xff, (value >>> 8) & 0xff];
}

export function u24(value: number): readonly number[] {
  return [...u16(value), (value >>> 16) & 0xff];
}

export function u32(value: number): readonly number[] {
  return [...u24(value), (value >>> 24) & 0xff];
}
