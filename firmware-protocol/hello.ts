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

/** The protocol versions that this code supports. */
export const PROTOCOL_VERSION = {
  /** The oldest version. */
  lowest: 1,
  /** The newest version. */
  highest: 1,
} as const;

/** Bit numbers of the features in WELCOME (PROTOCOL.md section 8). A set bit that is not listed here is ignored. */
export const FEATURE_BITS = {
  /** Retired: firmware 1.0 returned a CRC-32 for a record of its own. Hosts of today do not ask for it. */
  digest: 0,
  /** SPI CLOCK records work. */
  spiClock: 1,
  /** BAUD frames work: the line rate can change. */
  baud: 2,
  /** PINS bit 0 controls the reset pin. */
  resetPin: 3,
  /** PINS bit 1 controls WP#. */
  writeProtectPin: 4,
  /** PINS bit 2 controls HOLD#. */
  holdPin: 5,
  /** PINS bit 3 switches the supply of the target. */
  targetPower: 6,
  /** The bridge has more than one chip select. */
  chipSelects: 7,
  /** DIGEST steps work: they return the block check. */
  blockCheck: 8,
} as const;

/** Name of a feature of a bridge (PROTOCOL.md section 8). */
export type FeatureName = keyof typeof FEATURE_BITS;

/** Why a bridge started, by the value of byte 46 of WELCOME. Other values mean what the first one means. */
export const RESTART_REASONS = ["none", "watchdog", "fault"] as const;

/**
 * Why a bridge started. `none`: power, its reset pin, a new image, or a bridge that cannot know. `watchdog`: its
 * program stood still. `fault`: its program ran into an exception.
 */
export type RestartReason = (typeof RESTART_REASONS)[number];

const TAG = [0x4e, 0x4f, 0x52, 0x42];
const BIAS = 0x80;
const FILL = 0x55;
const HELLO_BYTES = 12;
const WELCOME_FIXED_BYTES = 48;
const MAX_NAME_BYTES = 32;

/** The content of a HELLO frame: the host starts a session (PROTOCOL.md section 3). */
export interface Hello {
  /** Number of the new session, 20h to FEh. */
  readonly session: number;
  /** Lowest protocol version of the host. */
  readonly lowestVersion: number;
  /** Highest protocol version of the host. */
  readonly highestVersion: number;
  /** Largest frame that the host accepts, in units of 4 bytes: 3 to 92. */
  readonly maxFrameUnits: number;
  /** 32 random bits that WELCOME repeats. In a frame of `encodeHello`, each of the four bytes is at least 80h. */
  readonly nonce: number;
}

/**
 * The payload of a WELCOME frame: the bridge describes itself (PROTOCOL.md section 3).
 *
 * A decoded value is only what the bridge sent. Check every number before use.
 */
export interface Welcome {
  /** Nonce of the HELLO that this frame responds to. */
  readonly nonce: number;
  /** Selected protocol version: the highest that both sides support. 0: there is none, and no session starts. */
  readonly version: number;
  /** Lowest protocol version of the bridge. */
  readonly lowestVersion: number;
  /** Highest protocol version of the bridge. */
  readonly highestVersion: number;
  /** Largest frame that the bridge accepts, in units of 4 bytes: 16 or more. */
  readonly maxFrameUnits: number;
  /** A number that is different after every restart of the bridge. */
  readonly bootNumber: number;
  /** Size of the step buffer in bytes: the credit at the start of the session. */
  readonly stepBufferBytes: number;
  /** Size of the result buffer in bytes: the maximum of unacknowledged result bytes. */
  readonly resultBufferBytes: number;
  /** Longest `send` of a step, bytes. */
  readonly maxSendBytes: number;
  /** Longest `receiveBytes` of a transfer. */
  readonly maxReceiveBytes: number;
  /** Slowest SPI clock, Hz. */
  readonly spiClockMinHz: number;
  /** Fastest SPI clock, Hz. */
  readonly spiClockMaxHz: number;
  /** Feature bits; `featureNames` lists them. See `FEATURE_BITS`. */
  readonly features: number;
  /** Fastest line rate in baud. 0: the link has no line rate. */
  readonly maxBaud: number;
  /** Number of slots for short records, 0 to 8. */
  readonly slotCount: number;
  /** Bytes that one slot holds. */
  readonly slotBytes: number;
  /** Why the bridge started. A bridge of an older version sends 0: none. */
  readonly restartReason: RestartReason;
  /** Name of the board, at most 32 characters. */
  readonly boardName: string;
  /** Version of the firmware, at most 32 characters. */
  readonly firmwareVersion: string;
  /** Serial number of the bridge, at most 32 characters. */
  readonly serialNumber: string;
}

/** Whether no byte of a frame could be a command to a serprog bridge, a modem, a shell or a terminal. */
function isHarmless(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte !== 0x7f);
}

/**
 * Creates a HELLO frame. `random` returns 32 random bits. It is called until no byte of the frame is a command for
 * another device (about twice).
 */
export function encodeHello(random: () => number): {
  /** The whole frame, for the wire. */
  readonly bytes: Uint8Array;
  /** What the frame contains: WELCOME repeats its session and nonce. */
  readonly hello: Hello;
} {
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

/** Decodes a HELLO frame. Returns undefined if the payload or the session number is not that of a HELLO. */
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

/** The highest protocol version that both sides support; 0 if there is none. */
export function chooseVersion(a: { lowest: number; highest: number }, b: { lowest: number; highest: number }): number {
  const version = Math.min(a.highest, b.highest);
  return version >= a.lowest && version >= b.lowest ? version : 0;
}

/** Encodes the payload of a WELCOME. The three names are cut to 32 characters. */
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
  fixed[46] = RESTART_REASONS.indexOf(welcome.restartReason);
  const names = [welcome.boardName, welcome.firmwareVersion, welcome.serialNumber].flatMap((name) => {
    const bytes = Array.from(name.slice(0, MAX_NAME_BYTES), (character) => character.charCodeAt(0));
    return [bytes.length, ...bytes];
  });
  return Uint8Array.from([...fixed, ...names]);
}

/**
 * Decodes the payload of a WELCOME. Returns undefined if it is too short or a name does not fit. Bytes in names that
 * are not printable ASCII become "?".
 */
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
    restartReason: RESTART_REASONS[payload[46] ?? 0] ?? "none",
    boardName,
    firmwareVersion,
    serialNumber,
  };
}

/** Names of the set bits in the feature word of a WELCOME. Unknown bits are left out. */
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
