/** The order in which flashrom opens a programmer: S_SPI_FREQ, then S_PIN_STATE, then operations at that clock. */
import { describe, expect, it } from "vitest";
import { AvrBoard, type ByteTarget } from "./support/avr-board.ts";
import type { Processor } from "./support/processor.ts";
import { Rp2040Board } from "./support/rp2040-board.ts";

const MS = 1_000_000;
const HZ = 1_000_000;
const BYTES = 64;
const BYTE_NS = 8e9 / HZ;
const u32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
const SPI_FREQ = [0x14, ...u32(HZ)];
const PIN_STATE = (isDriven: boolean): number[] => [0x15, isDriven ? 1 : 0];
const SPI_OPERATION = [0x13, 1, 0, 0, BYTES - 1, 0, 0, 0x9f];

const BOARDS: Readonly<Record<string, (chip: ByteTarget) => Processor>> = {
  ATmega328P: (chip) => new AvrBoard(chip),
  RP2040: (chip) => new Rp2040Board(chip, "usb"),
};

describe.each(Object.entries(BOARDS))("the serprog of the %s", (_, make) => {
  function started(): { send: (...bytes: number[]) => number[]; byteNs: () => number } {
    const times: number[] = [];
    const chip: ByteTarget = {
      select: () => undefined,
      deselect: () => undefined,
      exchange: (_mosi, nowNs) => {
        times.push(nowNs);
        return 0;
      },
      setPins: () => undefined,
    };
    const processor = make(chip);
    processor.runUntil(200 * MS);
    return {
      send: (...bytes) => {
        processor.receive(Uint8Array.from(bytes));
        processor.runUntil(processor.nowNs + 50 * MS);
        return [...processor.takeOutput()];
      },
      byteNs: () => {
        const gaps = times.splice(0).map((time, index, all) => time - (all[index - 1] ?? Number.NEGATIVE_INFINITY));
        expect(gaps).toHaveLength(BYTES);
        return Math.min(...gaps);
      },
    };
  }

  it("keeps the clock that was set before the pins are driven", () => {
    const { send, byteNs } = started();
    expect(send(...SPI_FREQ)).toEqual([6, ...u32(HZ)]);
    expect(send(...PIN_STATE(true))).toEqual([6]);
    expect(send(...SPI_OPERATION)).toHaveLength(BYTES);
    expect(byteNs()).toBeGreaterThanOrEqual(BYTE_NS);
  });

  it("keeps a clock that was set while the pins are driven, whatever drives them again", () => {
    const { send, byteNs } = started();
    send(...PIN_STATE(true));
    send(...SPI_FREQ);
    send(...PIN_STATE(true));
    send(...SPI_OPERATION);
    expect(byteNs()).toBeGreaterThanOrEqual(BYTE_NS);
  });
});
