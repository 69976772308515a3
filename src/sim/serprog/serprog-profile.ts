/**
 * Serprog bridges that exist, as data: what each reports of itself, and where it departs from the protocol. What is
 * written here was read in the firmware named in `source`; the numbers of links and clocks are those of the boards it
 * runs on.
 */
import { FLOW_CONTROLLED, OPCODE } from "../../../firmware-protocol/serprog/command.ts";
import type { SpiDivider } from "../bridge/bridge-options.ts";

/**
 * A real serprog bridge as data: what it reports, and how it deviates from the protocol. The facts are from the
 * firmware that `source` names.
 */
export interface SerprogProfile {
  /** Name of the profile, as in `bridge=stm32-vserprog`. */
  readonly name: string;
  /** Repository and commit of the firmware. */
  readonly source: string;
  /** Programmer name that it returns; undefined: it does not support that question. */
  readonly programmerName?: string | undefined;
  /** Kind of its link. `usb` has packets of 64 bytes and flow control. */
  readonly link: "uart" | "usb" | "tcp";
  /** Opcodes in its command map. */
  readonly commands: readonly number[];
  /** Opcodes that are in its map but not supported. They are treated as `unknown` specifies. */
  readonly missing?: readonly number[] | undefined;
  /** Size of its serial buffer as it reports it, bytes; FFFFh: flow control. */
  readonly serialBufferBytes: number;
  /** Longest `send` that it reports, bytes; undefined: it does not report one. */
  readonly maxSendBytes?: number | undefined;
  /** Longest read that it reports, bytes; undefined: it does not report one. */
  readonly maxReceiveBytes?: number | undefined;
  /** Bytes that its input really holds; further bytes are lost. Undefined: flow control. */
  readonly ringBytes?: number | undefined;
  /** SPI clock after power-up, Hz. */
  readonly spiClockHz: number;
  /** Slowest SPI clock, Hz. */
  readonly spiClockMinHz: number;
  /** Fastest SPI clock, Hz. */
  readonly spiClockMaxHz: number;
  /** The clocks between these two. */
  readonly spiDivider: SpiDivider;
  /** What it does with an unknown opcode: returns NAK, returns nothing, hangs, or returns ACK. */
  readonly unknown: "nak" | "silent" | "hang" | "ack";
  /**
   * It sends the whole rest of a USB packet to the chip as the data of an operation. If that is more than the data, it
   * hangs.
   */
  readonly sendsWholePackets?: boolean | undefined;
  /** It takes the opcode and the parameters from different packets. Other bytes of a packet are lost. */
  readonly opcodeAlone?: boolean | undefined;
  /** Longest `send`, bytes. A longer one overwrites its memory, and it hangs. */
  readonly sendHangsAbove?: number | undefined;
  /** Longest read, bytes. A longer one overwrites its memory, and it hangs. */
  readonly receiveHangsAbove?: number | undefined;
  /** Limit for `send` and received bytes together. Above it the response is NAK, and the data become commands. */
  readonly sumLimitBytes?: number | undefined;
  /** Pause after every command, nanoseconds. */
  readonly sleepNs?: number | undefined;
  /** Pause before each byte that it sends, nanoseconds. */
  readonly pauseNs?: number | undefined;
  /** It sends ACK before it has read the parameters. */
  readonly acksEarly?: boolean | undefined;
  /**
   * It receives an operation completely before the chip sees the first byte, and responds when the operation has ended.
   */
  readonly buffersWhole?: boolean | undefined;
  /** Number of received bytes that it reads from the chip before it sends them. */
  readonly chunkBytes: number;
  /** It keeps its pins driven after they were released. */
  readonly ignoresPinState?: boolean | undefined;
  /** It returns the requested clock, not the clock that it has set. */
  readonly returnsRequestedClock?: boolean | undefined;
  /** Longest time for the data of an operation, nanoseconds; then the response is NAK. */
  readonly dataTimeoutNs?: number | undefined;
}

const COMMON = [
  OPCODE.nop,
  OPCODE.queryInterface,
  OPCODE.queryCommandMap,
  OPCODE.queryName,
  OPCODE.querySerialBuffer,
  OPCODE.queryBusTypes,
  OPCODE.syncNop,
  OPCODE.setBusType,
  OPCODE.spiOperation,
  OPCODE.setSpiClock,
] as const;
const LIMITS = [OPCODE.queryMaxSend, OPCODE.queryMaxReceive] as const;
const DELAYS = [OPCODE.queryOperationBuffer, OPCODE.initOperations, OPCODE.delay, OPCODE.execute] as const;

/** What the divider of an RP2040's serial unit makes. */
const RP2040_CLOCKS = { spiClockMinHz: 2_000, spiClockMaxHz: 31_250_000, spiDivider: "whole-number" } as const;

const FRSER_DUINO = {
  source: "urjaman/frser-duino@437be18 (frser-cfg.h), urjaman/libfrser@a628f19 (frser.c)",
  programmerName: "frser-duino",
  link: "uart",
  commands: [...COMMON, ...LIMITS, ...DELAYS, OPCODE.setPinState],
  serialBufferBytes: 1020,
  maxSendBytes: 1013,
  ringBytes: 1024,
  spiClockHz: 8_000_000,
  spiClockMinHz: 125_000,
  spiClockMaxHz: 8_000_000,
  spiDivider: "power-of-two",
  unknown: "nak",
  chunkBytes: 32,
} as const;

export const SERPROG_PROFILES = {
  /** The simulator's own: everything the protocol has, and no quirk. */
  "norbridge-sim": {
    name: "norbridge-sim",
    source: "firmware-protocol/serprog/SERPROG.md",
    programmerName: "norbridge-sim",
    link: "usb",
    commands: [...COMMON, ...LIMITS, ...DELAYS, OPCODE.setPinState],
    serialBufferBytes: FLOW_CONTROLLED,
    maxSendBytes: 4_352,
    maxReceiveBytes: 65_536,
    spiClockHz: 8_000_000,
    spiClockMinHz: 100_000,
    spiClockMaxHz: 30_000_000,
    spiDivider: "whole-number",
    unknown: "nak",
    chunkBytes: 256,
  },
  "frser-duino": { ...FRSER_DUINO, name: "frser-duino", maxReceiveBytes: 400_384 },
  "frser-duino-u2": { ...FRSER_DUINO, name: "frser-duino-u2", maxReceiveBytes: 23_552, pauseNs: 10_000 },
  "stm32-vserprog": {
    name: "stm32-vserprog",
    source: "dword1511/stm32-vserprog@18fd0c0 (vserprog.c)",
    programmerName: "stm32-vserprog",
    link: "usb",
    commands: [...COMMON, OPCODE.setPinState],
    serialBufferBytes: FLOW_CONTROLLED,
    spiClockHz: 9_000_000,
    spiClockMinHz: 281_250,
    spiClockMaxHz: 36_000_000,
    spiDivider: "power-of-two",
    unknown: "silent",
    sendsWholePackets: true,
    chunkBytes: 64,
  },
  "stm32-serprog-rs": {
    name: "stm32-serprog-rs",
    source: "nankeen/stm32-serprog-rs@8053274 (constants.rs), @0bdc015 (serprog.rs)",
    programmerName: "stm32-vserprog",
    link: "usb",
    commands: [...COMMON, OPCODE.setPinState],
    missing: [OPCODE.setPinState],
    serialBufferBytes: 1024,
    spiClockHz: 9_000_000,
    spiClockMinHz: 281_250,
    spiClockMaxHz: 36_000_000,
    spiDivider: "power-of-two",
    unknown: "hang",
    sendHangsAbove: 1024 - 7,
    receiveHangsAbove: 128,
    returnsRequestedClock: true,
    buffersWhole: true,
    chunkBytes: 128,
  },
  "pico-serprog": {
    name: "pico-serprog",
    source: "stacksmashing/pico-serprog@7ecb67d (main.c)",
    programmerName: "pico-serprog",
    link: "usb",
    commands: [...COMMON, OPCODE.setPinState],
    serialBufferBytes: FLOW_CONTROLLED,
    spiClockHz: 1_000_000,
    ...RP2040_CLOCKS,
    unknown: "nak",
    sendHangsAbove: 4096,
    ignoresPinState: true,
    chunkBytes: 128,
  },
  "pico-serprog-kukrimate": {
    name: "pico-serprog-kukrimate",
    source: "kukrimate line, fork joseonildo/pico-serprog-rp2040-optimized (main.c) without its limits",
    programmerName: "pico-serprog",
    link: "usb",
    commands: [...COMMON, OPCODE.setPinState],
    serialBufferBytes: FLOW_CONTROLLED,
    spiClockHz: 12_000_000,
    ...RP2040_CLOCKS,
    spiClockMinHz: 7_400,
    spiClockMaxHz: 62_500_000,
    unknown: "nak",
    buffersWhole: true,
    sendHangsAbove: 4096,
    chunkBytes: 4096,
  },
  "serprog-pico-jhbdream": {
    name: "serprog-pico-jhbdream",
    source: "jhbdream/serprog_pico@bd2f2d6 (serprog.c), @e1db104 (serprog.h)",
    programmerName: "pico serprog",
    link: "usb",
    commands: [...COMMON.filter((opcode) => opcode !== OPCODE.querySerialBuffer), ...LIMITS],
    serialBufferBytes: 0,
    maxSendBytes: 256,
    maxReceiveBytes: 65_536,
    spiClockHz: 1_000_000,
    ...RP2040_CLOCKS,
    unknown: "silent",
    acksEarly: true,
    buffersWhole: true,
    sendHangsAbove: 65_536,
    chunkBytes: 65_536,
  },
  picoprog: {
    name: "picoprog",
    source: "9elements/picoprog@45a6651 (src/serprog.rs)",
    programmerName: "Picoprog",
    link: "usb",
    commands: [...COMMON, ...LIMITS, OPCODE.setPinState],
    serialBufferBytes: FLOW_CONTROLLED,
    maxSendBytes: 2048,
    maxReceiveBytes: 2048,
    spiClockHz: 1_000_000,
    ...RP2040_CLOCKS,
    unknown: "ack",
    opcodeAlone: true,
    sendHangsAbove: 2048,
    receiveHangsAbove: 2048,
    buffersWhole: true,
    ignoresPinState: true,
    returnsRequestedClock: true,
    chunkBytes: 64,
  },
  "esp32-serprog": {
    name: "esp32-serprog",
    source: "thisiseth/esp32-serprog@36b639a (main.c)",
    programmerName: "esp32-serprog",
    link: "tcp",
    commands: [...COMMON, ...LIMITS],
    serialBufferBytes: FLOW_CONTROLLED,
    maxSendBytes: 2047,
    maxReceiveBytes: 2047,
    spiClockHz: 1_000_000,
    spiClockMinHz: 80_000,
    spiClockMaxHz: 80_000_000,
    spiDivider: "whole-number",
    unknown: "nak",
    sumLimitBytes: 4094,
    sleepNs: 1_000_000,
    buffersWhole: true,
    chunkBytes: 4094,
  },
  "serprog-due": {
    name: "serprog-due",
    source: "bit2shift/serprog-due@f26b76e (serprog.cpp)",
    programmerName: "serprog-due",
    link: "usb",
    commands: [...COMMON],
    serialBufferBytes: 256,
    spiClockHz: 4_000_000,
    spiClockMinHz: 4_000_000,
    spiClockMaxHz: 84_000_000,
    spiDivider: "whole-number",
    unknown: "nak",
    dataTimeoutNs: 1_000_000_000,
    chunkBytes: 64,
  },
} as const satisfies Record<string, SerprogProfile>;

export type SerprogProfileName = keyof typeof SERPROG_PROFILES;

export const SERPROG_PROFILE_NAMES: readonly SerprogProfileName[] = Object.values(SERPROG_PROFILES).map(
  ({ name }) => name,
);
