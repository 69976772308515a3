/**
 * serprog version 1, the host's half: what each command is called, what it carries and how its bytes are made. Both ends
 * share this table, so that they can only agree. Facts: SERPROG.md.
 *
 * All numbers are little-endian; lengths of an SPI operation have 24 bits.
 */

/** Opcodes of serprog version 1 that concern an SPI bridge (SERPROG.md, Bytes). */
export const OPCODE = {
  /** NOP: does nothing; the response is ACK. */
  nop: 0x00,
  /** Q_IFACE: returns the version of serprog. */
  queryInterface: 0x01,
  /** Q_CMDMAP: returns the supported commands, one bit each. */
  queryCommandMap: 0x02,
  /** Q_PGMNAME: returns the programmer name. */
  queryName: 0x03,
  /** Q_SERBUF: returns the size of the serial buffer in bytes; FFFFh: flow control. */
  querySerialBuffer: 0x04,
  /** Q_BUSTYPE: returns the supported bus types. */
  queryBusTypes: 0x05,
  /** Q_OPBUF: returns the size of the operation buffer. */
  queryOperationBuffer: 0x07,
  /** Q_WRNMAXLEN: returns the longest `send`, bytes. */
  queryMaxSend: 0x08,
  /** O_INIT: clears the operation buffer. */
  initOperations: 0x0b,
  /** O_DELAY: adds a pause to the operation buffer. */
  delay: 0x0e,
  /** O_EXEC: runs the operation buffer; the ACK is sent after the pause. */
  execute: 0x0f,
  /** SYNCNOP: the response is NAK, ACK. Used to synchronize. */
  syncNop: 0x10,
  /** Q_RDNMAXLEN: returns the longest read, bytes. */
  queryMaxReceive: 0x11,
  /** S_BUSTYPE: selects a bus type. */
  setBusType: 0x12,
  /** O_SPIOP: one chip-select window. */
  spiOperation: 0x13,
  /** S_SPI_FREQ: sets the SPI clock. */
  setSpiClock: 0x14,
  /** S_PIN_STATE: drives or releases the pins of the bridge. */
  setPinState: 0x15,
} as const;

/** One of the opcodes of `OPCODE`. */
export type Opcode = (typeof OPCODE)[keyof typeof OPCODE];

/** The bit for SPI in the bus types of Q_BUSTYPE and S_BUSTYPE. */
export const BUS_SPI = 0x08;
/** The serprog version that Q_IFACE must return. */
export const INTERFACE_VERSION = 1;
/** Bytes of an SPI operation before its `send`: the opcode and two lengths of 24 bits. */
export const SPI_OPERATION_HEAD_BYTES = 7;
/** The largest 24-bit length. If a bridge reports 0 as a limit, it means one more than this. */
export const MAX_LENGTH = 0xffffff;
/** The serial buffer size that means: the link has flow control, and no size applies. */
export const FLOW_CONTROLLED = 0xffff;

/** Parameter bytes after the opcode; an SPI operation has its `send` after these. */
const PARAMETER_BYTES: Readonly<Record<number, number>> = {
  [OPCODE.delay]: 4,
  [OPCODE.setBusType]: 1,
  [OPCODE.spiOperation]: 6,
  [OPCODE.setSpiClock]: 4,
  [OPCODE.setPinState]: 1,
};

/**
 * Number of parameter bytes after an opcode; 0 if it has none. The `send` bytes of an SPI operation follow in addition.
 */
export function parameterBytesOf(opcode: number): number {
  return PARAMETER_BYTES[opcode] ?? 0;
}

/** Encodes a command without parameters. */
export function plainCommand(opcode: Opcode): Uint8Array {
  return Uint8Array.of(opcode);
}

/** Encodes S_BUSTYPE. `busTypes` is a set of bits; `BUS_SPI` selects SPI. */
export function setBusType(busTypes: number): Uint8Array {
  return Uint8Array.of(OPCODE.setBusType, busTypes);
}

/**
 * Encodes S_PIN_STATE. If `driven` is false, the bridge releases its pins, so that another SPI master on the board can
 * use the bus.
 */
export function setPinState(driven: boolean): Uint8Array {
  return Uint8Array.of(OPCODE.setPinState, driven ? 1 : 0);
}

/**
 * Encodes S_SPI_FREQ: requests the fastest clock that is not above `clockHz`, 1 to 2^32 - 1 Hz. The response contains
 * the clock that was set.
 */
export function setSpiClock(clockHz: number): Uint8Array {
  return Uint8Array.of(OPCODE.setSpiClock, ...u32(clockHz));
}

/** Encodes O_DELAY: adds a pause of `durationUs` microseconds to the operation buffer. It takes effect at O_EXEC. */
export function delay(durationUs: number): Uint8Array {
  return Uint8Array.of(OPCODE.delay, ...u32(durationUs));
}

/**
 * Encodes O_SPIOP: one chip-select window that sends `send` and then receives `receiveBytes`. Throws RangeError if a
 * length exceeds 24 bits.
 */
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

/** Reads an unsigned number of `count` bytes, little-endian. Missing bytes count as 0. */
export function littleEndian(bytes: Uint8Array, offset: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[offset + i] ?? 0);
  return value;
}

/** The low 16 bits of a number as two bytes, little-endian. */
export function u16(value: number): readonly number[] {
  return [value & 0xff, (value >>> 8) & 0xff];
}

/** The low 24 bits of a number as three bytes, little-endian. */
export function u24(value: number): readonly number[] {
  return [...u16(value), (value >>> 16) & 0xff];
}

/** The low 32 bits of a number as four bytes, little-endian. */
export function u32(value: number): readonly number[] {
  return [...u24(value), (value >>> 24) & 0xff];
}
