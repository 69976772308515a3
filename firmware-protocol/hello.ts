/**
 * How a session begins: HELLO from the host, WELCOME from the bridge.
 *
 * HELLO payload, 12 bytes. Every byte of the whole frame is at least 20h and none is 7Fh: a serprog bridge, a modem or
 * a shell that gets it finds no command in it. The nonce is drawn until that holds for the CRC as well.
 *
 *   offset  bytes  field
 *   0       4      "NORB"
 *   4       1      80h + lowest protocol version the host speaks
 *   5       1      80h + highest
 *   6       1      80h + largest frame the host takes, units
 *   7       1      80h (reserved; a bridge ignores it)
 *   8       4      nonce, each byte 80h..FFh
 *
 * WELCOME payload, 48 bytes and three strings:
 *
 *   0       4      the nonce of the HELLO it answers
 *   4       1      version chosen, 0: none in common
 *   5       1      lowest version of the bridge     6  1  highest
 *   7       1      largest frame the bridge takes, units
 *   8       4      boot number: changes with every restart
 *   12      4      step buffer, bytes: credit at the start
 *   16      4      result buffer, bytes: most it sends without acknowledgement
 *   20      4      longest `send` of a step, bytes
 *   24      4      longest `receiveBytes` of a transfer
 *   28      4      slowest SPI clock, Hz            32 4  fastest
 *   36      4      feature bits
 *   40      4      fastest line rate, baud; 0: the link has none
 *   44      1      slots for short steps            45 1  bytes a slot holds
 *   46      2      reserved, 0
 *   48      ...    board name, firmware version, serial number: length (0..32), printable ASCII
 *
 * A decoder accepts a longer payload and ignores what follows: later versions may append.
 */
import { encodeFrame, type Frame, FRAME_TYPE, MAX_FRAME_UNITS, MIN_FRAME_UNITS, readU32, writeU32 } from "./frame.ts";

/** Versions this code speaks. */
export const PROTOCOL_VERSION = { lowest: 1, highest: 1 } as const;

/** Meaning of the feature bits; a set bit that is not here is ignored. */
export const FEATURE_BITS = {
  digest: 0,
  spiClock: 1,
  baud: 2,
  resetPin: 3,
  writeProtectPin: 4,
  holdPin: 5,
  targetPower: 6,
  chipSelects: 7,
} as const;

export type FeatureName = keyof typeof FEATURE_BITS;

const TAG = [0x4e, 0x4f, 0x52, 0x42];
const BIAS = 0x80;
const FILL = 0x55;
const HELLO_BYTES = 12;
const WELCOME_FIXED_BYTES = 48;
const MAX_NAME_BYTES = 32;

export interface Hello {
  readonly session: number;
  readonly lowestVersion: number;
  readonly highestVersion: number;
  readonly maxFrameUnits: number;
  readonly nonce: number;
}

export interface Welcome {
  readonly nonce: number;
  readonly version: number;
  readonly lowestVersion: number;
  readonly highestVersion: number;
  readonly maxFrameUnits: number;
  readonly bootNumber: number;
  readonly stepBufferBytes: number;
  readonly resultBufferBytes: number;
  readonly maxSendBytes: number;
  readonly maxReceiveBytes: number;
  readonly spiClockMinHz: number;
  readonly spiClockMaxHz: number;
  readonly features: number;
  readonly maxBaud: number;
  readonly slotCount: number;
  readonly slotBytes: number;
  readonly boardName: string;
  readonly firmwareVersion: string;
  readonly serialNumber: string;
}

/** Whether no byte of a frame could be a command to a serprog bridge, a modem, a shell or a terminal. */
function isHarmless(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte !== 0x7f);
}

/**
 * Makes the HELLO frame; `random` answers 32 random bits and is asked until the frame is harmless to strangers
 * (about twice).
 */
export function encodeHello(random: () => number): { readonly bytes: Uint8Array; readonly hello: Hello } {
  for (;;) {
    const nonce = (random() | 0x80808080) >>> 0;
    const session = 0x20 + ((random() >>> 0) % 0xdf);
    const payload = Uint8Array.from([
      ...TAG,
      BIAS + PROTOCOL_VERSION.lowest,
      BIAS + PROTOCOL_VERSION.highest,
      BIAS + MAX_FRAME_UNITS,
      BIAS,
      ...[0, 8, 16, 24].map((shift) => (nonce >>> shift) & 0xff),
    ]);
    const fill = FILL | (FILL << 8);
    const bytes = encodeFrame({ type: FRAME_TYPE.hello, session, offset: fill, ack: fill, payload });
    if (!isHarmless(bytes)) continue;
    const { lowest, highest } = PROTOCOL_VERSION;
    return {
      bytes,
      hello: { session, lowestVersion: lowest, highestVersion: highest, maxFrameUnits: MAX_FRAME_UNITS, nonce },
    };
  }
}

/** Reads a HELLO; undefined if the payload is not one. */
export function decodeHello(frame: Frame): Hello | undefined {
  const { payload, session } = frame;
  if (payload.length < HELLO_BYTES || TAG.some((byte, index) => payload[index] !== byte)) return undefined;
  const maxFrameUnits = (payload[6] ?? 0) - BIAS;
  if (session < 0x20 || maxFrameUnits < MIN_FRAME_UNITS) return undefined;
  return {
    session,
    lowestVersion: (payload[4] ?? 0) - BIAS,
    highestVersion: (payload[5] ?? 0) - BIAS,
    maxFrameUnits: Math.min(maxFrameUnits, MAX_FRAME_UNITS),
    nonce: readU32(payload, 8),
  };
}

/** The highest version both sides speak, 0 if there is none. */
export function chooseVersion(a: { lowest: number; highest: number }, b: { lowest: number; highest: number }): number {
  const version = Math.min(a.highest, b.highest);
  return version >= a.lowest && version >= b.lowest ? version : 0;
}

/** Writes the payload of a WELCOME. Names are cut to 32 characters. */
export function encodeWelcome(welcome: Welcome): Uint8Array {
  const fixed = new Uint8Array(WELCOME_FIXED_BYTES);
  writeU32(fixed, 0, welcome.nonce);
  fixed[4] = welcome.version;
  fixed[5] = welcome.lowestVersion;
  fixed[6] = welcome.highestVersion;
  fixed[7] = welcome.maxFrameUnits;
  writeU32(fixed, 8, welcome.bootNumber);
  writeU32(fixed, 12, welcome.stepBufferBytes);
  writeU32(fixed, 16, welcome.resultBufferBytes);
  writeU32(fixed, 20, welcome.maxSendBytes);
  writeU32(fixed, 24, welcome.maxReceiveBytes);
  writeU32(fixed, 28, welcome.spiClockMinHz);
  writeU32(fixed, 32, welcome.spiClockMaxHz);
  writeU32(fixed, 36, welcome.features);
  writeU32(fixed, 40, welcome.maxBaud);
  fixed[44] = welcome.slotCount;
  fixed[45] = welcome.slotBytes;
  const names = [welcome.boardName, welcome.firmwareVersion, welcome.serialNumber].flatMap((name) => {
    const bytes = Array.from(name.slice(0, MAX_NAME_BYTES), (character) => character.charCodeAt(0));
    return [bytes.length, ...bytes];
  });
  return Uint8Array.from([...fixed, ...names]);
}

/** Reads a WELCOME; undefined where it is too short or a name does not fit. Foreign bytes in names become "?". */
export function decodeWelcome(payload: Uint8Array): Welcome | undefined {
  if (payload.length < WELCOME_FIXED_BYTES + 3) return undefined;
  let at = WELCOME_FIXED_BYTES;
  const names: string[] = [];
  for (let i = 0; i < 3; i++) {
    const length = payload[at] ?? 0xff;
    if (length > MAX_NAME_BYTES || at + 1 + length > payload.length) return undefined;
    const bytes = payload.subarray(at + 1, at + 1 + length);
    names.push([...bytes].map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : "?")).join(""));
    at += 1 + length;
  }
  const [boardName = "", firmwareVersion = "", serialNumber = ""] = names;
  return {
    nonce: readU32(payload, 0),
    version: payload[4] ?? 0,
    lowestVersion: payload[5] ?? 0,
    highestVersion: payload[6] ?? 0,
    maxFrameUnits: payload[7] ?? 0,
    bootNumber: readU32(payload, 8),
    stepBufferBytes: readU32(payload, 12),
    resultBufferBytes: readU32(payload, 16),
    maxSendBytes: readU32(payload, 20),
    maxReceiveBytes: readU32(payload, 24),
    spiClockMinHz: readU32(payload, 28),
    spiClockMaxHz: readU32(payload, 32),
    features: readU32(payload, 36),
    maxBaud: readU32(payload, 40),
    slotCount: payload[44] ?? 0,
    slotBytes: payload[45] ?? 0,
    boardName,
    firmwareVersion,
    serialNumber,
  };
}

/** Names of the feature bits that are set and known. */
export function featureNames(features: number): FeatureName[] {
  const known: FeatureName[] = [];
  for (const [name, bit] of Object.entries(FEATURE_BITS)) {
    if (((features >>> bit) & 1) === 1 && isFeatureName(name)) known.push(name);
  }
  return known;
}

function isFeatureName(name: string): name is FeatureName {
  return name in FEATURE_BITS;
}
