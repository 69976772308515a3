/**
 * The start of a native session: HELLO until WELCOME comes, and what to report when something else responds.
 */
import { type Frame, FRAME_TYPE, MIN_FRAME_UNITS } from "../../../firmware-protocol/frame.ts";
import {
  decodeWelcome,
  encodeHello,
  featureNames,
  type Hello,
  type Welcome,
} from "../../../firmware-protocol/hello.ts";
import { advice } from "../../advice.ts";
import { printableBytes, sameBytes } from "../../bytes.ts";
import type { BridgeInfo } from "../bridge.ts";
import type { LinkFailure } from "../link-machine.ts";

const HELLO_INTERVAL_US = 100_000;
const HELLO_TRIES = 25;
/** Enough of what another device sends to recognise it. */
const EXCERPT_BYTES = 48;

export type GreetingAnswer =
  | { readonly kind: "send"; readonly bytes: Uint8Array; readonly untilUs: number }
  | { readonly kind: "welcome"; readonly session: number; readonly welcome: Welcome }
  | { readonly kind: "fail"; readonly failure: LinkFailure };

export class Greeting {
  readonly #bytes: Uint8Array;
  readonly #hello: Hello;
  readonly #maxTries: number;
  #tries = 0;
  #excerpt = new Uint8Array(0);

  /** `random` returns 32 random bits. */
  constructor(random: () => number, tries = HELLO_TRIES) {
    this.#maxTries = tries;
    const { bytes, hello } = encodeHello(random);
    this.#bytes = bytes;
    this.#hello = hello;
  }

  /** Keeps the first bytes received, for the message if no WELCOME comes. */
  onBytes(bytes: Uint8Array): void {
    const room = EXCERPT_BYTES - this.#excerpt.length;
    if (room > 0) this.#excerpt = Uint8Array.from([...this.#excerpt, ...bytes.subarray(0, room)]);
  }

  /** The next HELLO, or the reason to give up. */
  next(nowUs: number): GreetingAnswer {
    if (this.#tries++ < this.#maxTries) return { kind: "send", bytes: this.#bytes, untilUs: nowUs + HELLO_INTERVAL_US };
    return { kind: "fail", failure: this.#silence() };
  }

  /** Looks at a frame; undefined if it is not the WELCOME that was waited for. */
  answer(frame: Frame): GreetingAnswer | undefined {
    if (frame.type !== FRAME_TYPE.welcome) return undefined;
    const welcome = decodeWelcome(frame.payload);
    if (welcome?.nonce !== this.#hello.nonce || frame.session !== this.#hello.session) return undefined;
    const failure = refuse(welcome, this.#hello);
    return failure === undefined ? { kind: "welcome", session: frame.session, welcome } : { kind: "fail", failure };
  }

  #silence(): LinkFailure {
    const heard = this.#excerpt;
    if (heard.length === 0) {
      return { code: "BRIDGE_SILENT", message: "the bridge does not respond: no byte was received" };
    }
    if (sameBytes(heard.subarray(0, this.#bytes.length), this.#bytes.subarray(0, heard.length))) {
      return {
        code: "BRIDGE_PROTOCOL",
        message: "the port only echoes the bytes that are sent",
        hint: "TX and RX may be connected to each other, or the port belongs to a modem or shell. Check the port.",
      };
    }
    if (heard.every((byte) => byte === SERPROG_ACK || byte === SERPROG_NAK)) {
      return {
        code: "BRIDGE_PROTOCOL",
        message: `the bridge responds as a serprog bridge does, not in the native protocol (received "${printableBytes(heard)}")`,
        hint: advice("Select serprog, or let norbridge detect the protocol.", "set-protocol"),
      };
    }
    return {
      code: "BRIDGE_PROTOCOL",
      message: `this is not a norbridge bridge, or the baud rate is wrong (received "${printableBytes(heard)}")`,
      hint: advice("Check that this is the port of the bridge, and check the baud rate.", "set-baud-rate"),
    };
  }
}

/** How serprog bridges respond to a command, known or not. */
const SERPROG_ACK = 0x06;
const SERPROG_NAK = 0x15;

/** Why a WELCOME cannot be worked with; every number from the wire is checked here, once. */
function refuse(welcome: Welcome, hello: Hello): LinkFailure | undefined {
  if (welcome.version === 0) {
    const newer = welcome.lowestVersion > hello.highestVersion ? "norbridge" : "the bridge's firmware";
    return {
      code: "BRIDGE_VERSION",
      message:
        `the bridge supports protocol versions ${welcome.lowestVersion} to ${welcome.highestVersion}, ` +
        `norbridge supports ${hello.lowestVersion} to ${hello.highestVersion}`,
      hint: `Update ${newer}.`,
    };
  }
  const wrong = (
    [
      ["version", welcome.version, hello.lowestVersion, hello.highestVersion],
      ["largest frame", welcome.maxFrameUnits, 16, 127],
      ["step buffer", welcome.stepBufferBytes, 64, 2 ** 24],
      ["result buffer", welcome.resultBufferBytes, 64, 2 ** 24],
      ["longest send", welcome.maxSendBytes, 16, 2 ** 20],
      ["longest receive", welcome.maxReceiveBytes, 16, 2 ** 32 - 1],
      ["slots", welcome.slotCount, 0, 8],
      ["slowest SPI clock in Hz", welcome.spiClockMinHz, 1, 2 ** 32 - 1],
      ["fastest SPI clock in Hz", welcome.spiClockMaxHz, welcome.spiClockMinHz, 2 ** 32 - 1],
    ] as const
  ).find(([, value, low, high]) => value < low || value > high);
  if (wrong === undefined) return undefined;
  const [name, value, low, high] = wrong;
  return {
    code: "BRIDGE_PROTOCOL",
    message: `the bridge reports an impossible ${name}: ${value}, expected ${low} to ${high}`,
    hint: "Update the bridge's firmware.",
  };
}

/** Largest frame both sides take, units. */
export function agreedFrameUnits(welcome: Welcome, ownUnits: number): number {
  return Math.max(MIN_FRAME_UNITS + 1, Math.min(welcome.maxFrameUnits, ownUnits));
}

/** What the layers above may know of the bridge. */
export function bridgeInfoOf(welcome: Welcome): BridgeInfo {
  return {
    protocol: "native",
    protocolVersion: welcome.version,
    boardName: welcome.boardName,
    firmwareVersion: welcome.firmwareVersion,
    serialNumber: welcome.serialNumber,
    // A record has at most 16 bytes beside its `send` and must fit the step buffer as a whole.
    maxSendBytes: Math.min(welcome.maxSendBytes, welcome.stepBufferBytes - 16),
    // Bounds what one answer may allocate here; drivers cut reads to it.
    maxReceiveBytes: Math.min(welcome.maxReceiveBytes, 65_536),
    bufferBytes: welcome.stepBufferBytes,
    spiClockMinHz: welcome.spiClockMinHz,
    spiClockMaxHz: welcome.spiClockMaxHz,
    features: featureNames(welcome.features),
    isUnchecked: false,
  };
}
