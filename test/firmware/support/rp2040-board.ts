/**
 * An RP2040 that runs the .uf2 of the repository: boot2 as the boot ROM starts it, then the program; its line is USB or the
 * UART, its SPI goes to a chip at the clock that is set. USB and UART carry what they do on a board.
 */
import { ConsoleLogger, GPIOPinState, LogLevel, RP2040 } from "rp2040js";
import { readFileSync } from "node:fs";
import type { ByteTarget } from "./avr-board.ts";
import { Nanoseconds } from "./nanoseconds.ts";
import type { Processor } from "./processor.ts";
import { Rp2040Watchdog } from "./rp2040-watchdog.ts";
import { readUf2 } from "./uf2.ts";
import { addFrames } from "./usb-frames.ts";
import { UsbHost } from "./usb-host.ts";

const UF2 = new URL("../../../firmware-protocol/firmware/images/norbridge-rp2040.uf2", import.meta.url);
export const RP2040_IMAGE = readUf2(readFileSync(UF2));

/** Where the boot ROM runs boot2. */
const BOOT2_AT = 0x2004_1f00;
const BOOT2_BYTES = 256;
const SRAM = 0x2000_0000;
const SSI = 0x18000;
const ROSC = 0x40060;
const IO_QSPI = 0x40018;
const UART_IFLS = 0x34;
const CHIP_SELECT = 17;
const WRITE_PROTECT = 20;
const HOLD = 21;
const UART_ROOM_FLAG = 0x40;
/** Unique number of the board's flash. */
const FLASH_ID = [0xe6, 0x61, 0x4c, 0x31, 0x1b, 0x7f, 0x2a, 0x09];
const INSTRUCTIONS_A_LOOK = 64;
const XOSC = 0x40024;
const WATCHDOG = 0x40058;
const XOSC_STATUS = 0x04;
const XOSC_STARTUP = 0x0c;
const XOSC_UNIT_CYCLES = 256;
const CRYSTAL_MHZ = 12;
/** Slower than this and the ring oscillator is what the processor runs from. */
const PLL_HZ = 48_000_000;
const RANDOM_BIT_NS = 10_000;
/** Crystal, boot number, enumeration. */
const STARTED_NS = 150_000_000;

/**
 * What the program uses of the boot ROM (datasheet 2.8.3): at 14h and 18h pointers to the table of functions and to the
 * search in it, which finds 'U','B' alone. The boot loader stands still, so that a test sees it.
 */
const ROM_TABLE = 0x100;
const ROM_SEARCH = 0x120;
const ROM_BOOT_LOADER = 0x140;

function bootRom(): Uint32Array {
  const rom = new Uint16Array(0x100);
  rom.set([ROM_TABLE, 0, ROM_SEARCH | 1], 0x14 / 2);
  rom.set([0x4255, ROM_BOOT_LOADER | 1, 0], ROM_TABLE / 2);
  // ldrh r2, [r0]; cmp r1, r2; bne .; ldrh r0, [r0, #2]; bx lr
  rom.set([0x8802, 0x4291, 0xd1fe, 0x8840, 0x4770], ROM_SEARCH / 2);
  rom.set([0xe7fe], ROM_BOOT_LOADER / 2);
  return new Uint32Array(rom.buffer);
}

export type Rp2040Link = "usb" | "uart";

/** What differs between boards. */
export interface Rp2040Options {
  /** Unique number of the board's flash; all FF on flash that has none. */
  readonly flashId?: readonly number[] | undefined;
}

export class Rp2040Board implements Processor {
  readonly #complaints: string[] = [];
  readonly #chip: ByteTarget;
  readonly #link: Rp2040Link;
  #clock: Nanoseconds;
  #chipSystem: RP2040;
  #host: UsbHost | undefined;
  #input: number[] = [];
  #output: number[] = [];
  #startedNs = 0;
  #nextByteNs = 0;
  #cycles = 0;
  #boots = 0;
  #flashId: readonly number[];
  #watchdog!: Rp2040Watchdog;
  #crystalNs = 0;

  constructor(chip: ByteTarget, link: Rp2040Link, { flashId = FLASH_ID }: Rp2040Options = {}) {
    this.#chip = chip;
    this.#flashId = flashId;
    this.#link = link;
    this.#clock = new Nanoseconds();
    this.#chipSystem = this.#powerUp();
  }

  /**
   * A board that was plugged in a while ago: its host has enumerated it. Its time begins afterwards, so that a program
   * that opens it at once, on a busy machine, does not wait for an emulated start.
   */
  static pluggedIn(chip: ByteTarget, link: Rp2040Link): Rp2040Board {
    const board = new Rp2040Board(chip, link);
    board.runUntil(STARTED_NS);
    board.#startedNs -= board.nowNs;
    return board;
  }

  /** Its own and its USB host's. */
  get complaints(): readonly string[] {
    return [...this.#complaints, ...(this.#host?.complaints ?? [])];
  }

  get nowNs(): number {
    return this.#startedNs + Math.floor(this.#clock.nanos);
  }

  /** Processor cycles that were not slept. */
  get cycles(): number {
    return this.#cycles;
  }

  get baudRate(): number {
    return this.#link === "usb" ? 0 : this.#chipSystem.uart[0]!.baudRate;
  }

  get usb(): UsbHost | undefined {
    return this.#host;
  }

  get system(): RP2040 {
    return this.#chipSystem;
  }

  /** How long the crystal had before it was used. */
  get crystalNs(): number {
    return this.#crystalNs;
  }

  /** The program has handed over to the boot loader in ROM. */
  get isInBootLoader(): boolean {
    const pc = this.#chipSystem.core.PC;
    return pc >= ROM_BOOT_LOADER && pc < ROM_BOOT_LOADER + 4;
  }

  get isAsleep(): boolean {
    const isQuiet =
      this.#input.length === 0 && this.#host?.isBusy !== true && this.#watchdog.restartNs === Number.POSITIVE_INFINITY;
    return this.#chipSystem.core.waiting && this.#clock.nextAlarm === null && isQuiet;
  }

  receive(bytes: Uint8Array): void {
    if (this.#host !== undefined) this.#host.send(bytes);
    else this.#input.push(...bytes);
  }

  takeOutput(): Uint8Array {
    const bytes = Uint8Array.from(this.#output);
    this.#output = [];
    return bytes;
  }

  reset(): void {
    this.#startAgain(undefined);
  }

  #startAgain(before: Rp2040Watchdog | undefined): void {
    this.#chip.deselect(this.nowNs);
    this.#startedNs = this.nowNs;
    this.#clock = new Nanoseconds();
    this.#input = [];
    this.#output = [];
    this.#nextByteNs = 0;
    this.#chipSystem = this.#powerUp(before);
  }

  runUntil(timeNs: number): void {
    const until = timeNs - this.#startedNs;
    const clock = this.#clock;
    const system = this.#chipSystem;
    const { core } = system;
    while (clock.nanos < until) {
      if (clock.nanos >= this.#watchdog.restartNs) {
        this.#startAgain(this.#watchdog);
        return this.runUntil(timeNs);
      }
      this.#feed();
      if (core.waiting) {
        this.#wait(until);
        continue;
      }
      const cycleNs = 1e9 / system.clkSys;
      for (let i = 0; i < INSTRUCTIONS_A_LOOK && this.#step(cycleNs); i++);
    }
  }

  /** One instruction; false: it was one that waits. */
  #step(cycleNs: number): boolean {
    const { core } = this.#chipSystem;
    const cycles = core.executeInstruction();
    this.#cycles += cycles;
    this.#clock.tick(cycles * cycleNs);
    return !core.waiting;
  }

  #wait(until: number): void {
    const clock = this.#clock;
    let nextNs = Math.min(until, clock.nextAlarm?.nanos ?? until, this.#watchdog.restartNs);
    if (this.#input.length > 0) nextNs = Math.min(nextNs, Math.max(clock.nanos, this.#nextByteNs));
    clock.tick(Math.max(0, nextNs - clock.nanos));
    // Nothing but the time has come: it is there.
    if (this.#chipSystem.core.waiting && this.#input.length === 0 && clock.nextAlarm === null) {
      clock.tick(Math.max(0, Math.min(until, this.#watchdog.restartNs) - clock.nanos));
    }
  }

  /** A byte of the UART a character's time. */
  #feed(): void {
    const uart = this.#chipSystem.uart[0]!;
    if (this.#input.length === 0 || this.#clock.nanos < this.#nextByteNs || !uart.enabled) return;
    if ((uart.flags & UART_ROOM_FLAG) !== 0) this.#complaints.push(`UART overrun at ${this.nowNs} ns`);
    uart.feedByte(this.#input.shift()!);
    this.#nextByteNs = Math.max(this.#nextByteNs, this.#clock.nanos - 1000) + 1e10 / uart.baudRate;
  }

  #powerUp(before?: Rp2040Watchdog): RP2040 {
    const system = new RP2040(this.#clock);
    system.logger = this.#logger();
    system.flash.set(RP2040_IMAGE);
    system.sram.set(RP2040_IMAGE.subarray(0, BOOT2_BYTES), BOOT2_AT - SRAM);
    system.core.PC = BOOT2_AT;
    system.bootrom.set(bootRom());
    this.#wireFlash(system);
    this.#wireUnknown(system);
    this.#wireClocks(system);
    this.#watchdog = new Rp2040Watchdog(system, () => this.#clock.nanos, before);
    system.peripherals[WATCHDOG] = this.#watchdog;
    this.#wireSpi(system);
    if (this.#link === "usb") {
      addFrames(system.usbCtrl, this.#clock, (what) => void this.#complaints.push(what));
      this.#host = new UsbHost(system.usbCtrl, (bytes) => this.#output.push(...bytes));
    } else {
      this.#host = undefined;
      system.uart[0]!.onByte = (byte) => this.#output.push(byte);
    }
    return system;
  }

  #logger(): ConsoleLogger {
    const logger = new ConsoleLogger(LogLevel.Warn, true);
    const complain = (component: string, message: string): void =>
      void this.#complaints.push(`${component}: ${message}`);
    logger.warn = complain;
    logger.error = complain;
    return logger;
  }

  /** The board's own flash: answers 4Bh with its number. The emulator's knows no command but one. */
  #wireFlash(system: RP2040): void {
    const ssi = system.peripherals[SSI]!;
    const read = ssi.readUint32.bind(ssi);
    const write = ssi.writeUint32.bind(ssi);
    let sent: number[] = [];
    let answers: number[] = [];
    ssi.writeUint32 = (offset, value) => {
      if (offset === 0x08) [sent, answers] = [[], []];
      if (offset === 0x60) {
        sent.push(value);
        answers.push(sent[0] === 0x4b ? (this.#flashId[sent.length - 6] ?? 0) : 0);
      }
      write(offset, value);
    };
    ssi.readUint32 = (offset) => {
      if (offset === 0x60) return answers.shift() ?? 0;
      // Room always; data when there is some.
      if (offset === 0x28) return 0x6 | (answers.length > 0 ? 8 : 0);
      return read(offset);
    };
  }

  /** A crystal that takes its time; random bits that are none while the processor runs from their source, or too fast. */
  #wireClocks(system: RP2040): void {
    const clock = this.#clock;
    const xosc = system.peripherals[XOSC]!;
    const readXosc = xosc.readUint32.bind(xosc);
    const startNs = clock.nanos;
    xosc.readUint32 = (offset) => {
      if (offset !== XOSC_STATUS) return readXosc(offset);
      const startupNs = (readXosc(XOSC_STARTUP) * XOSC_UNIT_CYCLES * 1000) / CRYSTAL_MHZ;
      this.#crystalNs = clock.nanos - startNs;
      return this.#crystalNs < startupNs ? 0 : readXosc(offset);
    };
    let state = ++this.#boots;
    let drawnNs = 0;
    system.peripherals[ROSC]!.readUint32 = () => {
      if (system.clkSys < PLL_HZ) return 1;
      if (clock.nanos - drawnNs >= RANDOM_BIT_NS) state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      drawnNs = clock.nanos;
      return state >>> 31;
    };
  }

  /** What the emulator does not know: the chip select of the board's flash, when the UART's queue interrupts. */
  #wireUnknown(system: RP2040): void {
    system.peripherals[IO_QSPI]!.writeUint32 = () => undefined;
    const uart = system.uart[0]!;
    const write = uart.writeUint32.bind(uart);
    uart.writeUint32 = (offset, value) => (offset === UART_IFLS ? undefined : write(offset, value));
  }

  #wireSpi(system: RP2040): void {
    const spi = system.spi[0]!;
    let isSelected = false;
    const level = (pin: number): boolean => system.gpio[pin]!.value !== GPIOPinState.Low;
    let miso = 0;
    const done = this.#clock.createAlarm(() => spi.completeTransmit(miso));
    spi.onTransmit = (mosi) => {
      if (!isSelected) this.#complaints.push("SPI while no chip is selected");
      miso = this.#chip.exchange(mosi & 0xff, this.nowNs);
      done.schedule(8e9 / spi.clockFrequency);
    };
    system.gpio[CHIP_SELECT]!.addListener(() => {
      const selects = !level(CHIP_SELECT);
      if (selects === isSelected) return;
      isSelected = selects;
      if (selects) this.#chip.select(this.nowNs);
      else this.#chip.deselect(this.nowNs);
    });
    for (const pin of [WRITE_PROTECT, HOLD]) {
      system.gpio[pin]!.addListener(() => this.#chip.setPins({ wp: level(WRITE_PROTECT), hold: level(HOLD) }));
    }
  }
}
