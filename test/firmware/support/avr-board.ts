/**
 * An ATmega328P that runs the .hex of the repository: its UART on the line, its SPI on a chip. It sleeps where the firmware
 * does, so that idle time costs nothing and runs are the same however they are sliced.
 */
import {
  AVREEPROM,
  AVRIOPort,
  AVRSPI,
  AVRTimer,
  AVRUSART,
  avrInstruction,
  CPU,
  EEPROMMemoryBackend,
  PinState,
  portBConfig,
  spiConfig,
  timer1Config,
  usart0Config,
} from "avr8js";
import { readFileSync } from "node:fs";
import { parseIntelHex } from "./intel-hex.ts";
import type { Processor } from "./processor.ts";

/** A chip on real pins: a byte goes each way at a time. */
export interface ByteTarget {
  select(nowNs: number): void;
  deselect(nowNs: number): void;
  exchange(mosi: number, nowNs: number): number;
  setPins(pins: { readonly wp?: boolean; readonly hold?: boolean }): void;
}

export const AVR_HZ = 16_000_000;
const FLASH_BYTES = 32 * 1024;
const SRAM_BYTES = 2048;
const EEPROM_BYTES = 1024;
/** The Makefile fails where data goes beyond. */
const DATA_ENDS_AT = 0x840;
const SLEEP = 0x9588;
const UDR0 = 0xc6;
const UCSR0B = 0xc1;
const UDRIE0 = 0x20;
const RXEN0 = 0x10;
const CHIP_SELECT_BIT = 2;
const WRITE_PROTECT_BIT = 0;
const HOLD_BIT = 1;

const HEX = new URL("../../../firmware-protocol/firmware/images/norbridge-atmega328p.hex", import.meta.url);
const PROGRAM = parseIntelHex(readFileSync(HEX, "latin1"), FLASH_BYTES);

export class AvrBoard implements Processor {
  readonly complaints: string[] = [];
  /** Keeps its bytes over restarts, as EEPROM does. */
  readonly #eeprom = new EEPROMMemoryBackend(EEPROM_BYTES);
  readonly #chip: ByteTarget;
  #cpu: CPU;
  #usart: AVRUSART;
  #isAsleep = false;
  #input: number[] = [];
  #output: number[] = [];
  #unread = false;
  #lowestStack = Number.POSITIVE_INFINITY;
  /** Cycles spent asleep. */
  #sleptCycles = 0;

  constructor(chip: ByteTarget) {
    this.#chip = chip;
    [this.#cpu, this.#usart] = this.#powerUp(0);
  }

  get nowNs(): number {
    return Math.floor((this.#cpu.cycles * 1000) / 16);
  }

  get cycles(): number {
    return this.#cpu.cycles;
  }

  get sleptCycles(): number {
    return this.#sleptCycles;
  }

  /** Most bytes of the stack that were in use at any time. */
  get stackBytes(): number {
    return 0x100 + SRAM_BYTES - 1 - this.#lowestStack;
  }

  get baudRate(): number {
    return this.#usart.baudRate;
  }

  get isAsleep(): boolean {
    const isSending = (this.#cpu.data[UCSR0B]! & UDRIE0) !== 0;
    return this.#isAsleep && this.#input.length === 0 && !this.#usart.rxBusy && !isSending;
  }

  receive(bytes: Uint8Array): void {
    // A receiver that is off hears nothing.
    if (!this.#usart.rxEnable) return;
    for (const byte of bytes) this.#input.push(byte);
    this.#feed();
  }

  takeOutput(): Uint8Array {
    const bytes = Uint8Array.from(this.#output);
    this.#output = [];
    return bytes;
  }

  reset(): void {
    this.#chip.deselect(this.nowNs);
    this.#input = [];
    this.#output = [];
    this.#unread = false;
    this.#isAsleep = false;
    [this.#cpu, this.#usart] = this.#powerUp(this.#cpu.cycles);
  }

  runUntil(timeNs: number): void {
    const until = Math.floor((timeNs * 16) / 1000);
    const cpu = this.#cpu;
    const program = cpu.progMem;
    while (cpu.cycles < until) {
      if (this.#isAsleep) {
        this.#sleepUntil(until);
      } else if (program[cpu.pc] === SLEEP) {
        cpu.pc++;
        cpu.cycles++;
        this.#isAsleep = true;
      } else {
        avrInstruction(cpu);
        cpu.tick();
        const stack = cpu.data[0x5d]! | (cpu.data[0x5e]! << 8);
        if (stack < this.#lowestStack && stack > 0x100) this.#deepen(stack);
      }
    }
  }

  #deepen(stack: number): void {
    this.#lowestStack = stack;
    if (stack < DATA_ENDS_AT) this.complaints.push(`the stack is ${this.stackBytes} bytes deep, among the data`);
  }

  #sleepUntil(until: number): void {
    const cpu = this.#cpu;
    const { pc } = cpu;
    cpu.tick();
    if (cpu.pc !== pc) {
      this.#isAsleep = false;
      return;
    }
    const event: unknown = Reflect.get(cpu, "nextClockEvent");
    const at =
      typeof event === "object" && event !== null && "cycles" in event && typeof event.cycles === "number"
        ? event.cycles
        : until;
    const next = Math.min(until, Math.max(cpu.cycles + 1, at));
    this.#sleptCycles += next - cpu.cycles;
    cpu.cycles = next;
  }

  #feed(): void {
    const [byte] = this.#input;
    if (byte !== undefined && this.#usart.writeByte(byte) === true) this.#input.shift();
  }

  #powerUp(cycles: number): [CPU, AVRUSART] {
    const cpu = new CPU(new Uint16Array(PROGRAM.slice().buffer), SRAM_BYTES);
    cpu.cycles = cycles;
    const usart = new AVRUSART(cpu, usart0Config, AVR_HZ);
    const spi = new AVRSPI(cpu, spiConfig, AVR_HZ);
    const port = new AVRIOPort(cpu, portBConfig);
    new AVRTimer(cpu, timer1Config);
    new AVREEPROM(cpu, this.#eeprom);
    usart.onByteTransmit = (byte) => this.#output.push(byte);
    usart.onRxComplete = () => {
      if (this.#unread) this.complaints.push(`UART overrun at cycle ${cpu.cycles}`);
      this.#unread = true;
      this.#feed();
    };
    // avr8js forgets a received byte whenever this register is written, which silicon does not.
    const writeControl = cpu.writeHooks[UCSR0B]!;
    cpu.writeHooks[UCSR0B] = (value, old, address, mask) => writeControl(value, old & ~RXEN0, address, mask);
    const readUdr = cpu.readHooks[UDR0]!;
    cpu.readHooks[UDR0] = (address) => {
      this.#unread = false;
      return readUdr(address);
    };
    let isSelected = false;
    const level = (bit: number): boolean => port.pinState(bit) !== PinState.Low;
    const nowNs = (): number => Math.floor((cpu.cycles * 1000) / 16);
    port.addListener(() => {
      const selects = !level(CHIP_SELECT_BIT);
      if (selects !== isSelected) {
        isSelected = selects;
        if (selects) this.#chip.select(nowNs());
        else this.#chip.deselect(nowNs());
      }
      this.#chip.setPins({ wp: level(WRITE_PROTECT_BIT), hold: level(HOLD_BIT) });
    });
    spi.onByte = (mosi) => {
      if (!isSelected) this.complaints.push(`SPI while no chip is selected at cycle ${cpu.cycles}`);
      const miso = this.#chip.exchange(mosi, nowNs());
      cpu.addClockEvent(() => spi.completeTransfer(miso), spi.transferCycles);
    };
    return [cpu, usart];
  }
}
