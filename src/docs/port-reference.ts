/** The forms of a port and the settings of simulated ones, as the documents show them. */
import { SIM_SETTINGS, type SettingName } from "../sim/sim-settings.ts";
import { code, markdownTable, plain } from "./markdown.ts";

interface Meaning {
  readonly group: "connection" | "bridge" | "chip" | "run" | "fault";
  readonly text: string;
  /** What holds if it is left out. */
  readonly standard: string;
}

const MEANINGS: Readonly<Record<SettingName, Meaning>> = {
  file: { group: "chip", text: "File that keeps the bytes of the chip between runs", standard: "none: a blank chip" },
  pageBytes: { group: "chip", text: "Page size of an AT45 chip", standard: "the standard size" },
  sr1: { group: "chip", text: "First status register at power-up", standard: "0" },
  sr2: { group: "chip", text: "Second status register at power-up", standard: "0" },
  sr3: { group: "chip", text: "Third status register at power-up", standard: "0" },
  mode4: { group: "chip", text: "The chip was left in its mode of 4-byte addresses", standard: "off" },
  earBank: { group: "chip", text: "Extended address register: the 16 MiB that 3-byte addresses reach", standard: "0" },
  wps: { group: "chip", text: "WPS = 1: each block has a lock of its own, and all are set", standard: "off" },
  suspended: {
    group: "chip",
    text: "An erase of the smallest block there, or a program of its page, was left suspended",
    standard: "none",
  },
  busyMs: { group: "chip", text: "The chip is busy for this time after the first command", standard: "0" },
  busyReads: {
    group: "chip",
    text: "What a busy chip returns for a command that it ignores; `id`: it returns its ID even then",
    standard: "`ff`",
  },
  qpi: { group: "chip", text: "The chip was left in QPI: it takes commands on four data lines", standard: "off" },
  continuous: {
    group: "chip",
    text: "The chip was left in continuous read, by EBh (`on`, `eb`) or BBh (`bb`)",
    standard: "off",
  },
  asleep: { group: "chip", text: "The chip was left in deep power-down", standard: "off" },
  stickyError: { group: "chip", text: "An error bit was left set; it stays until it is cleared", standard: "off" },
  status2Cleared: {
    group: "chip",
    text: "A 01h with one byte clears the second status register",
    standard: "that of the part",
  },
  oneByteStatus: {
    group: "chip",
    text: "01h writes only the first status register, also with two bytes",
    standard: "off",
  },
  noVolatile: { group: "chip", text: "The chip does not have command 50h", standard: "off" },
  sfdp: {
    group: "chip",
    text: "The SFDP area: none, a table of 9 dwords, a header longer than its table, or half the size",
    standard: "that of the part",
  },
  cellsBytes: {
    group: "chip",
    text: "Number of cells; ID and SFDP area claim more, and addresses begin again",
    standard: "that of the part",
  },
  programBytes: {
    group: "chip",
    text: "Size of a page that is smaller than it should be: longer programs wrap around inside it",
    standard: "the page of the part",
  },
  programIgnored: {
    group: "chip",
    text: "Programs that touch this range (4 KiB if no size is given) are ignored, and no register shows it",
    standard: "none",
  },
  wp: { group: "chip", text: "Level of the WP# pin", standard: "`high`" },
  times: {
    group: "chip",
    text: "Erase and program times: as the datasheet's typical values, up to its maximum, or always its maximum",
    standard: "`varying`",
  },
  bridge: {
    group: "bridge",
    text: "The board: `small` has 800 bytes of buffer, `large` 100 KiB; the others are serprog firmwares",
    standard: "`large`",
  },
  protocol: { group: "bridge", text: "Protocols that the bridge accepts", standard: "that of the board" },
  blockCheck: {
    group: "bridge",
    text: "Off: a bridge as with firmware 1.0, which computes no block check",
    standard: "on",
  },
  bufferBytes: { group: "bridge", text: "Size of the step buffer", standard: "that of the board" },
  spiClock: { group: "bridge", text: "SPI clock at start", standard: "8 MHz" },
  baud: { group: "connection", text: "Baud rate", standard: "2000000" },
  maxBaud: { group: "connection", text: "Fastest baud rate that the bridge accepts", standard: "`baud`" },
  bytesPerSecond: { group: "connection", text: "Speed of a connection without baud rate", standard: "none" },
  usb: { group: "connection", text: "Full-speed USB: 1,000,000 bytes per second", standard: "none" },
  latencyMs: { group: "connection", text: "Delay in each direction", standard: "0.5" },
  latencyTimerMs: {
    group: "connection",
    text: "Latency timer of an FTDI converter: short responses are delayed by this time",
    standard: "0",
  },
  cutReads: { group: "connection", text: "Deliver bytes in pieces of random length", standard: "0" },
  seed: {
    group: "run",
    text: "Start of the random numbers. The same seed gives the same run, byte for byte",
    standard: "1",
  },
  realtime: { group: "run", text: "Take as long as real hardware", standard: "0" },
  flipRate: { group: "fault", text: "Probability that a bit is inverted", standard: "0" },
  dropRate: { group: "fault", text: "Probability that a byte is lost", standard: "0" },
  duplicateRate: { group: "fault", text: "Probability that a byte arrives twice", standard: "0" },
  garbageRate: { group: "fault", text: "Probability that a foreign byte is inserted", standard: "0" },
  stallAtMs: { group: "fault", text: "Time at which the connection pauses", standard: "never" },
  stallForMs: { group: "fault", text: "Length of that pause", standard: "500" },
  muteAtMs: { group: "fault", text: "Time from which no bytes pass", standard: "never" },
  disconnectAtMs: { group: "fault", text: "Time at which the cable is unplugged", standard: "never" },
  resetAtMs: { group: "fault", text: "Time at which the bridge restarts", standard: "never" },
  powerCutAt: { group: "fault", text: "The chip loses power after this many SPI bytes", standard: "never" },
  stuckAt: { group: "fault", text: "A bit that always reads 0", standard: "none" },
  busyForever: {
    group: "fault",
    text: "After this many program and erase commands, the next one never ends",
    standard: "never",
  },
  soundClock: { group: "fault", text: "Above this SPI clock, every bit is sampled one clock late", standard: "none" },
  busTaken: {
    group: "fault",
    text: "Share of the transfers that another master on the bus spoils: the chip does not see them, and FF or noise is read",
    standard: "0",
  },
  lateShare: { group: "fault", text: "Share of the transfers above `soundClock` that are affected", standard: "1" },
  missing: { group: "fault", text: "No chip is connected: every read returns this byte", standard: "a chip" },
  otherDevice: {
    group: "fault",
    text: "Another device is connected: what it returns for command 9Fh. Everything else reads FF",
    standard: "a chip",
  },
};

/** The settings of one group, each with its values and what holds if it is left out. */
export function simSettingTable(group: Meaning["group"]): string {
  const rows = SIM_SETTINGS.flatMap(({ name, accepts }) => {
    const meaning = isSetting(name) ? MEANINGS[name] : undefined;
    return meaning?.group === group ? [[code(name), plain(accepts), meaning.text, meaning.standard]] : [];
  });
  return markdownTable(["Setting", "Value", "Meaning", "Default"], rows);
}

function isSetting(name: string): name is SettingName {
  return Object.hasOwn(MEANINGS, name);
}
